import { beforeAll, describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { handleEvaluateQueue } from '../../functions/evaluate/evaluate-queue.ts';
import { handleIngestQueue } from '../../functions/ingest/ingest-queue.ts';
import { eventTimeMs } from '../../functions/platform/event-time.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { METRICS, Metrics, NAMESPACE_VARIABLE, TIMES } from '../../functions/platform/metrics.ts';
import { PROGRAM_METRICS, WORKLOAD_METRICS } from '../../functions/platform/pilot-metrics.ts';
import { specOf } from '../cli/simulated.ts';
import { fc } from '../fast-check.ts';
import { quietPipeline } from '../ingested.ts';

interface Emitted {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number | number[]>>;
  readonly units: Readonly<Record<string, string>>;
}

/** Lines of the embedded metric format, as CloudWatch reads them; other lines are none. */
function emittedIn(lines: readonly string[]): Emitted[] {
  return lines.flatMap((line): Emitted[] => {
    const parsed = JSON.parse(line) as Record<string, never> & {
      _aws?: {
        CloudWatchMetrics: {
          Namespace: string;
          Dimensions: string[][];
          Metrics: { Name: string; Unit: string }[];
        }[];
      };
    };
    return (parsed._aws?.CloudWatchMetrics ?? []).flatMap((directive) =>
      directive.Dimensions.map((names) => ({
        namespace: directive.Namespace,
        dimensions: Object.fromEntries(names.map((n) => [n, parsed[n] as unknown as string])),
        values: Object.fromEntries(
          directive.Metrics.map((m) => [m.Name, parsed[m.Name] as unknown as number | number[]]),
        ),
        units: Object.fromEntries(directive.Metrics.map((m) => [m.Name, m.Unit])),
      })),
    );
  });
}

const collecting = () => {
  const lines: string[] = [];
  return { lines, log: jsonLog((line) => lines.push(line)) };
};

describe('a line of metrics', () => {
  test('gives durations as values, and none where nothing took time', () => {
    const metrics = new Metrics('ingest');
    metrics.took('UploadToReceipt', 1_500);
    metrics.took('UploadToReceipt', 250);
    const [emitted] = emittedIn([metrics.line(0)]);
    expect(emitted?.values.UploadToReceipt).toEqual([1_500, 250]);
    expect(emitted?.units.UploadToReceipt).toBe('Milliseconds');
    expect(emitted?.values).not.toHaveProperty('WorkDuration');
  });
  test('takes a clock that stepped back for no time', () => {
    const metrics = new Metrics('decide');
    metrics.took('WorkDuration', -5);
    expect(emittedIn([metrics.line(0)])[0]?.values.WorkDuration).toEqual([0]);
  });
  test('holds a hundred values at most, the longest among them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e6), { minLength: 101, maxLength: 400 }), (times) => {
        const metrics = new Metrics('ingest');
        for (const ms of times) metrics.took('UploadToReceipt', ms);
        const values = emittedIn([metrics.line(0)])[0]?.values.UploadToReceipt as number[];
        expect([...values].sort((a, b) => b - a)).toEqual(times.sort((a, b) => b - a).slice(0, 100));
      }),
    );
  });
  test('has the namespace of its deployment', () => {
    process.env[NAMESPACE_VARIABLE] = 'Wattline/dev';
    try {
      expect(emittedIn([new Metrics('ingest').line(0)])[0]?.namespace).toBe('Wattline/dev');
    } finally {
      delete process.env[NAMESPACE_VARIABLE];
    }
    expect(emittedIn([new Metrics('ingest').line(0)])[0]?.namespace).toBe('Wattline');
  });
});

describe('the time of an event', () => {
  test.each([
    ['of EventBridge', { time: '2026-01-10T20:00:00Z' }, Date.UTC(2026, 0, 10, 20)],
    [
      'of a notification, the earliest',
      { Records: [{ eventTime: '2026-01-10T20:00:01.5Z' }, { eventTime: '2026-01-10T20:00:00Z' }] },
      Date.UTC(2026, 0, 10, 20),
    ],
    ['that is no time', { time: 'yesterday' }, null],
    ['of an object that was queued again', { schema: 'wattline/requeue@1' }, null],
  ])('%s', (_, body, ms) => expect(eventTimeMs(JSON.stringify(body))).toBe(ms));
  test('of what is not JSON is none', () => expect(eventTimeMs('{')).toBeNull());
});

describe('a pilot through the handlers', () => {
  const NIGHT = '2026-01-26T02:00:00Z';
  const spec = specOf({
    nights: 8,
    firstNight: '2026-01-18',
    candidate: { chips: 6, lots: 3, throttling: { powerShare: 0.2 } },
    baseline: { chips: 6, lots: 1, throttling: { powerShare: 0.1 } },
    chipsPerNode: 3,
    workloads: [{ name: 'small', secondsPerRun: 20, energyRatio: 0.8 }],
    telemetry: {},
  });
  let emitted: Emitted[];

  beforeAll(async () => {
    const { lines, log } = collecting();
    let clockMs = Date.parse(NIGHT);
    const pipeline = new Pipeline(memoryStores(), log, () => {
      clockMs += 40;
      return clockMs;
    });
    for (const { key, body } of pilotFiles(spec)) await pipeline.stores.landing.put(key, body);
    await pipeline.drain();
    await pipeline.night(NIGHT);
    emitted = emittedIn(lines);
  });

  test('emits every count of every function, zeros included, in each of its lines', () => {
    for (const [fn, names] of Object.entries(METRICS)) {
      const own = emitted.filter((e) => e.dimensions.Function === fn);
      expect(own.length).toBeGreaterThan(0);
      for (const { values } of own) expect(Object.keys(values)).toEqual(expect.arrayContaining([...names]));
    }
  });
  test('emits how long each function worked', () => {
    for (const fn of Object.keys(TIMES)) {
      const own = emitted.filter((e) => e.dimensions.Function === fn);
      for (const { values } of own) expect((values.WorkDuration as number[])[0]).toBeGreaterThan(0);
    }
  });
  test('emits what is declared, and nothing else', () => {
    for (const { dimensions, values } of emitted) {
      const fn = dimensions.Function as keyof typeof METRICS | undefined;
      const declared = fn
        ? [...METRICS[fn], ...TIMES[fn]]
        : dimensions.Workload === 'program'
          ? [...PROGRAM_METRICS]
          : [...WORKLOAD_METRICS];
      expect(declared).toEqual(expect.arrayContaining(Object.keys(values)));
    }
  });
  test('says of the pilot what its decision says, by program and workload alone', () => {
    const pilot = emitted.filter((e) => 'Program' in e.dimensions);
    expect(pilot.map((e) => e.dimensions)).toEqual([
      { Program: spec.program, Workload: 'program' },
      { Program: spec.program, Workload: 'small' },
    ]);
    const [program, workload] = pilot.map((e) => e.values) as [
      Record<string, number>,
      Record<string, number>,
    ];
    expect(program.Verdict).toBe(0);
    // A chip whose peak nobody knows has no MFU.
    const known = WORKLOAD_METRICS.filter((name) => !name.endsWith('Mfu'));
    expect(Object.keys(workload)).toEqual(known);
    expect(workload.EnergyRatio).toBeGreaterThan(0.7);
    expect(workload.EnergyRatio).toBeLessThan(0.9);
    expect(workload.EnergyRatioLow).toBeLessThan(workload.EnergyRatio as number);
    expect(workload.EnergyRatioHigh).toBeGreaterThan(workload.EnergyRatio as number);
    expect(
      (workload.CandidateEnergyPerToken as number) / (workload.BaselineEnergyPerToken as number),
    ).toBeCloseTo(workload.EnergyRatio as number, 9);
    expect(workload).toMatchObject({ CandidateChips: 6, BaselineChips: 6 });
    expect(workload.CandidateThrottledShare).toBeGreaterThan(0);
  });
  test('names no chip and no run in any dimension', () => {
    const names = new Set(emitted.flatMap((e) => Object.keys(e.dimensions)));
    expect([...names].sort()).toEqual(['Function', 'Program', 'Workload']);
  });
});

describe('lag', () => {
  const UPLOADED = '2026-01-10T20:00:00Z';
  const stamped = (body: string): string => JSON.stringify({ ...JSON.parse(body), time: UPLOADED });
  const atMs = Date.parse(UPLOADED) + 90_000;

  test('runs from the upload to its receipt, and from the receipt to its report', async () => {
    const pipeline = quietPipeline();
    const { stores } = pipeline;
    for (const { key, body } of pilotFiles(specOf({ nights: 1 }))) await stores.landing.put(key, body);
    const { lines, log } = collecting();
    const common = { accountId: '000000000000', log, now: () => atMs, requeue: async () => {} };
    const records = (bodies: readonly string[]) =>
      bodies.map((body, i) => ({ messageId: String(i), body }) as never);
    const manifests = pipeline.pending.filter((body) => body.includes('run.json'));
    const others = pipeline.pending.filter((body) => !body.includes('run.json'));
    await handleIngestQueue(
      { Records: records([...manifests, ...others].map(stamped)) },
      { ...stores, ...common },
    );
    const [ingest] = emittedIn(lines.splice(0));
    expect(new Set(ingest?.values.UploadToReceipt as number[])).toEqual(new Set([90_000]));

    const receipts: string[] = [];
    for await (const { key, version } of stores.lake.list('receipts/'))
      receipts.push(
        JSON.stringify({
          source: 'aws.s3',
          'detail-type': 'Object Created',
          account: common.accountId,
          detail: { bucket: { name: stores.lake.bucket }, object: { key, 'version-id': version } },
        }),
      );
    expect(ingest?.values.UploadToReceipt).toHaveLength(receipts.length);
    await handleEvaluateQueue({ Records: records(receipts.map(stamped)) }, { ...stores, ...common });
    const [evaluate] = emittedIn(lines);
    expect(evaluate?.values.ReceiptToReport).toEqual([90_000, 90_000]);
    expect(evaluate?.values.RunsEvaluated).toBe(2);
  });
});
