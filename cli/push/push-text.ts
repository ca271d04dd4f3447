import { runReportPrefix } from '../../functions/platform/layout.ts';
import { bytesText } from '../progress.ts';
import { say } from '../terminal.ts';
import type { LocalRun } from './local-run.ts';
import { bytesToSend, type Outcome, type PlannedRun } from './push-runs.ts';

export interface PushedRun {
  readonly run: LocalRun;
  readonly outcomes: readonly Outcome[];
}

const reportOf = ({ program, run }: LocalRun): string => `${runReportPrefix(program, run)}report.html`;

/** What `--json` prints of a run. */
export const resultOf = ({ run, outcomes }: PushedRun, reports: string | undefined) => ({
  program: run.program,
  run: run.run,
  folder: run.folder,
  sentBytes: outcomes.reduce((sum, { sent }) => sum + (sent?.sentBytes ?? 0), 0),
  files: outcomes.map(({ sent, ...outcome }) => ({ ...outcome, ...sent })),
  report: reports === undefined ? reportOf(run) : `s3://${reports}/${reportOf(run)}`,
});

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export function printPushed(
  { run, outcomes }: PushedRun,
  landing: string,
  reports: string | undefined,
): void {
  const sent = outcomes.filter(({ sent: s }) => s !== null);
  const sentBytes = sent.reduce((sum, { sent: s }) => sum + (s?.sentBytes ?? 0), 0);
  const there = outcomes.filter(({ outcome }) => outcome === 'there');
  const parts = sent.reduce((sum, { sent: s }) => sum + (s?.partsThere ?? 0), 0);
  const said = [
    sent.length > 0 ? `${counted(sent.length, 'file')} sent (${bytesText(sentBytes)})` : 'nothing to send',
    ...(there.length > 0 ? [`${counted(there.length, 'file')} there already`] : []),
    ...(parts > 0 ? [`${counted(parts, 'part')} of an earlier push used`] : []),
    ...(sent.some(({ outcome }) => outcome === 'replaced') ? ['former versions stay in the bucket'] : []),
  ];
  say(`${run.folder} to s3://${landing}/${run.program}/${run.run}/: ${said.join(', ')}`);
  say(
    reports === undefined
      ? `  its report, in about half a minute: ${reportOf(run)} in the reports bucket (ReportsBucketName of the stack)`
      : `  its report, in about half a minute: s3://${reports}/${reportOf(run)}`,
  );
}

/** What would be done, a line a file. */
export function printPlan(plans: readonly PlannedRun[], landing: string): void {
  const words: Readonly<Record<string, string>> = {
    absent: 'send',
    same: 'there',
    different: 'other content there',
    unknown: 'there, not comparable',
    unlisted: 'send where none is',
  };
  for (const { files, manifest } of plans)
    for (const { file, presence } of [...files, manifest])
      say(`${words[presence]}  s3://${landing}/${file.key}  ${bytesText(file.sizeBytes)}`);
  say(`${bytesText(plans.reduce((sum, plan) => sum + bytesToSend(plan), 0))} to send; nothing was sent`);
}

export const planResult = ({ run, files, manifest }: PlannedRun) => ({
  program: run.program,
  run: run.run,
  folder: run.folder,
  files: [...files, manifest].map(({ file, presence }) => ({
    key: file.key,
    presence,
    sizeBytes: file.sizeBytes,
  })),
});
