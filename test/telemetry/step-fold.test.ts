import { describe, expect, test } from 'vitest';
import { type ProgressRecord, progressRecord } from '../../functions/core/telemetry/progress.ts';
import { foldRun, RunFold } from '../../functions/core/telemetry/progress-fold.ts';
import { fc } from '../fast-check.ts';

const STEP_MS = 5_000;

/** A line of work done; its time is that of a process that took 5 s a step, from `startMs` on. */
const line = (
  step: number,
  startMs: number | null = null,
  more: Partial<ProgressRecord> = {},
): ProgressRecord =>
  progressRecord({
    kind: 'step',
    step,
    samples: step * 128,
    stepMs: STEP_MS,
    timeMs: startMs === null ? null : startMs + step * STEP_MS,
    ...more,
  });
const every = (
  interval: number,
  from: number,
  to: number,
  startMs: number | null = null,
): ProgressRecord[] => {
  const lines: ProgressRecord[] = [];
  for (let step = from; step <= to; step += interval) lines.push(line(step, startMs));
  return lines;
};
const loaded = (step: number): ProgressRecord =>
  progressRecord({ kind: 'fact', key: 'loaded_checkpoint', value: step });

const ofLogs = (...logs: readonly (readonly ProgressRecord[])[]) => {
  const fold = new RunFold();
  for (const [i, records] of logs.entries()) {
    fold.log(`log-${i}`, 'megatron-log');
    for (const record of records) fold.add(record);
  }
  return fold.result();
};

describe('a restart from a checkpoint (nasty 24)', () => {
  const steps = (...records: ProgressRecord[]) => foldRun(records).steps;
  test('keeps what leads to its end, and counts what was lost as done', () => {
    expect(steps(...every(10, 10, 100), ...every(10, 60, 120))).toMatchObject({
      restarts: 1,
      useful: { steps: 120, samples: 120 * 128 },
      processed: { steps: 100 + 70, samples: 170 * 128 },
      meanStepMs: STEP_MS,
      usefulStepMs: 120 * STEP_MS,
    });
  });
  test('that ends before where it fell from keeps less than was reported', () => {
    const { samples, steps: folded } = foldRun([...every(10, 10, 100), ...every(10, 60, 80)]);
    expect(samples).toBe(80 * 128);
    expect(folded).toMatchObject({ useful: { steps: 80 }, processed: { steps: 130 } });
  });
  test('between two lines is placed where the log says, not at the line before', () => {
    expect(steps(...every(10, 10, 100), loaded(55), line(60), line(70))).toMatchObject({
      restarts: 1,
      useful: { steps: 70, samples: 70 * 128 },
      processed: { steps: 100 + 15, samples: 115 * 128 },
      usefulStepMs: 70 * STEP_MS,
    });
  });
  test('that falls nowhere is one all the same, where the log says that it loaded', () => {
    expect(steps(...every(10, 10, 100), loaded(100), line(110))).toMatchObject({
      restarts: 1,
      useful: { steps: 110 },
      processed: { steps: 110 },
    });
  });
  test('from scratch loses everything before', () => {
    expect(steps(...every(1, 1, 50), ...every(1, 1, 30))).toMatchObject({
      restarts: 1,
      useful: { steps: 30 },
      processed: { steps: 80 },
    });
  });
  test('whatever the restarts: what is kept is the last step, what was done is each forward move', () => {
    const arbitrary = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(arbitrary, (attempts) => {
        let [at, done, restarts] = [0, 0, 0];
        const records: ProgressRecord[] = [];
        for (const [i, [back, forward]] of attempts.entries()) {
          const from = i === 0 ? 0 : Math.max(0, at - back);
          if (i > 0) restarts += 1;
          for (let step = from + 1; step <= from + forward; step += 1)
            records.push(line(step, null, { timeMs: records.length * 60_000 }));
          done += forward;
          at = from + forward;
        }
        expect(steps(...records)).toMatchObject({
          restarts,
          useful: { steps: at },
          processed: { steps: done },
        });
      }),
    );
  });
});

describe('lines that repeat', () => {
  test('a step beside the first or late, of another rank, are no restart (nasty 18)', () => {
    const late = (step: number) => line(step, 3);
    const records = [line(10, 0), late(10), line(20, 0), late(10), late(20), line(30, 0)];
    expect(foldRun(records).steps).toMatchObject({
      restarts: 0,
      useful: { steps: 30 },
      processed: { steps: 30 },
    });
  });
  test('the same step after more than a step is work done again', () => {
    expect(foldRun([line(10, 0), line(20, 0), line(20, 60_000)]).steps).toMatchObject({
      restarts: 1,
      useful: { steps: 20 },
      processed: { steps: 30 },
    });
  });
  test('complete one another', () => {
    const records = [
      line(10),
      line(20, null, { samples: null }),
      line(20, null, { tokens: 7, stepMs: null }),
    ];
    expect(foldRun(records)).toMatchObject({ samples: 2560, tokens: 7 });
  });
});

describe('the time of a step', () => {
  test('leaves out the first two of each start, and takes them as mean ones (nasty 45)', () => {
    const times = [44_923, 319, 5_600, 5_700];
    const attempt = times.map((stepMs, i) => line(i + 1, null, { stepMs }));
    const again = times.map((stepMs, i) => line(i + 3, null, { stepMs }));
    expect(foldRun([...attempt, ...again]).steps).toMatchObject({
      useful: { steps: 6 },
      meanStepMs: 5_650,
      usefulStepMs: 6 * 5_650,
      isFirstStepsOnly: false,
    });
  });
  test('is that of every step that a line stands for', () => {
    const records = [line(10), line(20, null, { stepMs: 4_000 }), line(50, null, { stepMs: 8_000 })];
    expect(foldRun(records).steps?.meanStepMs).toBe((10 * 4_000 + 30 * 8_000) / 40);
  });
  test('comes from the clock where the log gives none', () => {
    const records = every(10, 10, 50, 1_000_000).map((r) => ({ ...r, stepMs: null }));
    expect(foldRun(records).steps).toMatchObject({ meanStepMs: STEP_MS, stepTimeBasis: 'clock' });
  });
  test('of first steps only says so', () => {
    expect(foldRun([line(1), line(2)]).steps).toMatchObject({ meanStepMs: STEP_MS, isFirstStepsOnly: true });
  });
  test('rates that the log claims are means over time', () => {
    const rates = [9, 9_000, 100, 300].map((tflopsPerChip, i) => line(i + 1, null, { tflopsPerChip }));
    expect(foldRun(rates).steps?.logged.tflopsPerChip).toBeCloseTo(2 / (1 / 100 + 1 / 300), 12);
  });
});

describe('work', () => {
  test('of a log that begins later than the training counts from there', () => {
    expect(foldRun(every(10, 5010, 5100))).toMatchObject({
      samples: 100 * 128,
      steps: { stepsBefore: 5000, useful: { steps: 100 } },
    });
    expect(foldRun([loaded(5005), ...every(10, 5010, 5100)])).toMatchObject({
      samples: 95 * 128,
      steps: { stepsBefore: 5005, useful: { steps: 95 } },
    });
  });
  test('of a batch that grows is what the log counts', () => {
    const records = [line(10, null, { samples: 320 }), line(20, null, { samples: 960 })];
    expect(foldRun(records)).toMatchObject({
      samples: 960,
      workBasis: 'samples counted in the training log',
    });
  });
  test('that the last line does not count is not taken from an earlier one', () => {
    expect(foldRun([line(10), line(20), line(30, null, { samples: null })]).samples).toBeNull();
  });
  test('skipped steps are a total of the process that prints them', () => {
    const skipped = [0, 2, 3, 1, 2].map((skippedSteps, i) => line(10 * (i + 1), null, { skippedSteps }));
    expect(foldRun(skipped).steps?.skippedSteps).toBe(5);
  });
});

describe('several logs of one run', () => {
  test('one after another in time are one training, whatever their paths', () => {
    const [first, second] = [every(10, 10, 100, 0), every(10, 60, 120, 1_000_000)];
    for (const logs of [
      [first, second],
      [second, first],
    ])
      expect(ofLogs(...logs)).toMatchObject({
        samples: 120 * 128,
        steps: { restarts: 1, useful: { steps: 120 }, processed: { steps: 170 } },
      });
  });
  test('written at the same time report the same steps', () => {
    expect(ofLogs(every(10, 10, 100, 0), every(10, 10, 100, 2)).steps).toMatchObject({
      paths: ['log-0'],
      restarts: 0,
      processed: { steps: 100 },
    });
  });
  test('without times go on where the second reaches further, and repeat where it does not', () => {
    expect(ofLogs(every(10, 10, 100), every(10, 60, 120)).steps).toMatchObject({
      restarts: 1,
      useful: { steps: 120 },
    });
    expect(ofLogs(every(10, 10, 100), every(10, 10, 100)).steps).toMatchObject({
      restarts: 0,
      paths: ['log-0'],
    });
  });
  test('a full log tells more than a sampled export (nasty 46)', () => {
    const fold = new RunFold();
    fold.log('chart.csv', 'wandb-chart-csv');
    for (const record of [progressRecord({ kind: 'fact', key: 'sampled_export', value: 1 }), line(400)])
      fold.add(record);
    fold.log('job.out', 'megatron-log');
    for (const record of every(10, 10, 100)) fold.add(record);
    expect(fold.result().steps).toMatchObject({ paths: ['job.out'], useful: { steps: 100 } });
  });
});
