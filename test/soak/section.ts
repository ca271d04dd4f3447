import type { SoakResult } from './soak.ts';

const MOST_FAILURES = 10;

const mib = (values: readonly number[]): string => values.map((v) => v.toFixed(0)).join(', ');

const verdictOf = (broken: number): string =>
  broken === 0
    ? '**every promise was kept**'
    : `**${broken === 1 ? 'a promise was' : `${broken} promises were`} broken**`;

/** What came of a soak, as docs/reliability.md says it. */
export function sectionOf({ options, counts, balance, memory, compared, failures }: SoakResult): string {
  const { minutes, rate, seed } = options;
  const of = (name: string): string => (counts[name] ?? 0).toLocaleString('en-US');
  const { inputs, accepted, refused, withRejects, dead, poison } = balance;
  const rows: readonly (readonly [string, string])[] = [
    ['uploads', `${of('uploads')}, ${of('inParts')} of them in parts`],
    ['invocations', of('invocations')],
    ['functions killed by SIGKILL', of('kills')],
    [
      'the store killed by SIGKILL',
      `${of('storeKills')}; ${of('leftovers')} unfinished files were found at its next start`,
    ],
    ['requests refused with 503, broken off, slow', `${of('refused')}, ${of('cut')}, ${of('slow')}`],
    ['events lost, sent twice, late', `${of('lost')}, ${of('twice')}, ${of('late')}`],
    ['messages delivered again', `${of('redelivered')}; ${of('redriven')} from the dead letters at the end`],
    ['nights', `${of('nights')}, ${of('failedNights')} of them broken off`],
    ['pointers moved', `${of('moves')} times`],
    ['verdict events', of('verdicts')],
    [
      'inputs at the end',
      `${inputs} = ${accepted} accepted (${withRejects} with rows in quarantine) + ${refused} refused, in quarantine + ${dead} dead letters; besides ${poison} messages that are none`,
    ],
    ['objects compared with the quiet run', String(compared)],
  ];
  return [
    `${minutes} minutes at ${rate} uploads a minute, seed ${seed}: ${verdictOf(failures.length)}.`,
    '',
    '| what | how much |',
    '|---|---|',
    ...rows.map(([what, much]) => `| ${what} | ${much} |`),
    '',
    '| process that lived on | invocations | resident memory, medians of the thirds (MiB) | heap (MiB) | flat |',
    '|---|---:|---|---|---|',
    ...memory.map(
      ({ name, samples, rssMib, heapMib, isFlat }) =>
        `| ${name.replace(' steady', '')} | ${samples} | ${mib(rssMib)} | ${mib(heapMib)} | ${isFlat === null ? 'too few to say' : isFlat ? 'yes' : '**no**'} |`,
    ),
    ...(failures.length === 0 ? [] : ['', ...failures.slice(0, MOST_FAILURES).map((f) => `* ${f}`)]),
  ].join('\n');
}
