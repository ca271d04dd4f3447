import { assumptions } from '../functions/core/cost-model/assumptions.ts';
import { type CostLine, type DailyCost, dailyCost } from '../functions/core/cost-model/cost.ts';
import { checkFleet, type Fleet } from '../functions/core/cost-model/fleet.ts';
import { InputError } from '../functions/core/errors.ts';
import { say, sayJson } from './terminal.ts';

export interface CostOptions {
  readonly chips: string;
  readonly hz: string;
  readonly fileMb: string;
  readonly programs: string;
  readonly retentionDays: string;
  readonly json?: boolean;
}

const FLAGS: Readonly<Record<keyof Fleet, string>> = {
  chips: '--chips',
  hz: '--hz',
  fileMb: '--file-mb',
  programs: '--programs',
  retentionDays: '--retention-days',
};

function numberOf(name: keyof Fleet, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InputError('usage', `${FLAGS[name]} ${JSON.stringify(text)}: expected a number`);
}

/** The fleet of the command line. @throws InputError `usage` naming the option. */
function fleetOf(options: CostOptions): Fleet {
  const fleet: Fleet = {
    chips: numberOf('chips', options.chips),
    hz: numberOf('hz', options.hz),
    fileMb: numberOf('fileMb', options.fileMb),
    programs: numberOf('programs', options.programs),
    retentionDays: numberOf('retentionDays', options.retentionDays),
  };
  try {
    return checkFleet(fleet);
  } catch (cause) {
    const { message } = cause as Error;
    const name = message.split(' ', 1)[0] as keyof Fleet;
    throw new InputError('usage', message.replace(name, FLAGS[name]), { cause });
  }
}

/** Three significant digits, without an exponent. */
function short(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 12));
}

const row = ({ service, what, quantity, unit, usdPerDay }: CostLine): string[] => [
  service,
  what,
  short(quantity),
  unit,
  usdPerDay.toFixed(4),
];

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0))) ?? [];
  const isNumber = (i: number): boolean => i === 2 || i === 4;
  const cell = (text: string, i: number): string =>
    isNumber(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((cells) => `  ${cells.map(cell).join('  ')}`.trimEnd());
}

function print({ fleet, volume, work, lines, usdPerDay, usdPerChipDay, warnings }: DailyCost): void {
  const gb = (bytes: number): string => `${short(bytes / 1e9)} GB`;
  say(
    `${fleet.chips} chips at ${fleet.hz} Hz: ${short(volume.rows)} readings a day, ${gb(volume.rawBytes)} of CSV, ${gb(volume.uploadBytes)} as uploaded`,
  );
  say(
    `${volume.files} files of ${short(volume.fileMb)} MB a day in ${volume.runs} runs; ${gb(volume.segmentBytes)} of segments`,
  );
  say(
    `a file takes ${short(work.ingestSecondsPerFile)} s of ingest, a run ${short(work.lastAttemptS)} s of evaluate; on average ${short(work.ingestS / 86_400)} and ${short(work.evaluateS / 86_400)} functions at work\n`,
  );
  const head = ['service', 'what', 'a day', 'unit', 'USD a day'];
  for (const line of table([head, ...lines.map(row)])) say(line);
  say(`\ntotal: ${usdPerDay.toFixed(2)} USD a day, ${short(usdPerChipDay)} USD a chip and day`);
  for (const warning of warnings) say(`warning: ${warning}`);
  say('\nThis rests on:');
  for (const text of assumptions()) say(`  ${text}`);
}

/** `wattline cost`: what a fleet would cost on AWS, by service, and everything that the number rests on. */
export function costCommand(options: CostOptions): void {
  const cost = dailyCost(fleetOf(options));
  if (options.json) sayJson({ schema: 'wattline/cost@1', ...cost, assumptions: assumptions() });
  else print(cost);
}
