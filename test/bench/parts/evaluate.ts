import { rm } from 'node:fs/promises';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { DirectoryStore } from '../../../functions/platform/directory-store.ts';
import { landingKey, manifestKey } from '../../../functions/platform/layout.ts';
import type { Bench } from '../bench.ts';
import { bundleInto } from '../bundle.ts';
import { alternate, type Contender } from '../contender.ts';
import type { EvaluationArguments } from '../contenders/evaluation.ts';
import { type Day, DayMaker, dayLog, dayManifest } from '../generate-day.ts';
import { megabytes, type Section, seconds } from '../section.ts';

const DAY: Day = { chips: 1_000, hours: 24, periodS: 20 };
const QUICK_DAY: Day = { chips: 80, hours: 2, periodS: 20 };
const WINDOWS_AN_HOUR = 60;
const PLACE = { program: 'bench', run: 'r1' };

const TIME_LIMIT_S = 5;
const MEMORY_LIMIT_MB = 1_000;

const contender = (bundle: string, args: EvaluationArguments): Contender => ({
  name: 'Wattline evaluate',
  command: process.execPath,
  args: [bundle, JSON.stringify(args)],
});

/** Uploads a run and ingests its files as they would be deployed; the segments are what ingest writes. */
async function ingestDay(day: Day, folder: string): Promise<void> {
  const landing = new DirectoryStore('landing', `${folder}/landing`);
  const lake = new DirectoryStore('lake', `${folder}/lake`);
  const maker = new DayMaker(day);
  const upload = async (path: string, lines: Iterable<string>): Promise<void> => {
    const key = landingKey(PLACE.program, PLACE.run, path);
    const { version } = await landing.put(key, Buffer.from([...lines].join('')));
    const { kind, receipt } = await ingest({ landing, lake, requeue: async () => {} }, { key, version });
    if (kind !== 'ingested') throw new Error(`${path}: ${kind} ${receipt?.refusal?.message ?? ''}`);
  };
  const manifest = Buffer.from(JSON.stringify(dayManifest(day, PLACE)));
  await landing.put(manifestKey(PLACE.program, PLACE.run), manifest);
  await upload('train.csv', dayLog(day));
  // One more than the run has: its ends lie inside the first and the last.
  for (let hour = 0; hour <= day.hours; hour += 1)
    await upload(`telemetry/hour-${String(hour).padStart(2, '0')}.csv`, maker.hour(hour));
}

/** Evaluation of a run whose segments are there: how long, and in how much memory. */
export async function evaluateRuns(bench: Bench): Promise<Section> {
  const day = bench.isQuick ? QUICK_DAY : DAY;
  process.stderr.write('  making and ingesting the run\n');
  const stores = bench.path('evaluate');
  await ingestDay(day, stores);
  const bundle = await bundleInto(bench.folder, 'evaluation');
  // Each repetition into reports and evaluations that are there already: the same bytes are not written again.
  const [result] = await alternate([contender(bundle, { stores, ...PLACE })], bench.repetitions);
  await rm(stores, { recursive: true });
  if (!result) throw new Error('nothing was measured');
  const { ms, peakBytes, made } = result;
  const windows = day.chips * (day.hours + 1) * WINDOWS_AN_HOUR;
  return {
    title: `Evaluation of ${day.chips} chips over ${day.hours} h in windows of one minute`,
    columns: ['', 'windows', 'time', 'peak memory', 'grade', 'unit of analysis'],
    rows: [
      [
        'Wattline evaluate',
        String(windows),
        seconds(ms),
        megabytes(peakBytes),
        String(made.evidence),
        String(made.unitOfAnalysis),
      ],
    ],
    notes: [
      'Segments, receipts and progress from disk to evaluation and report on disk; the files that run start and stop fall into are read again.',
    ],
    targets: [
      { what: 'Evaluation of a run, time', reached: ms / 1000, atMost: TIME_LIMIT_S, unit: ' s' },
      {
        what: 'Evaluation of a run, peak memory',
        reached: peakBytes / 1e6,
        atMost: MEMORY_LIMIT_MB,
        unit: ' MB',
      },
    ],
    failures:
      made.chips === day.chips
        ? []
        : [`${String(made.chips)} chips have an energy per useful token; expected ${day.chips}`],
  };
}
