import { describe, expect, test } from 'vitest';
import { random } from '../bench/generate.ts';
import { fc } from '../fast-check.ts';
import { Agenda } from './events.ts';
import { type FedQueue, type Job, quantile, simulateQueue } from './fed-queue.ts';

/** One message a call, at once, by as many functions as there are. */
const PLAIN: FedQueue = {
  atOnce: 4,
  pollers: 1_000,
  pollersPerS: 1_000,
  batchSize: 1,
  batchWindowS: 0,
  callLimitS: Number.POSITIVE_INFINITY,
  visibilityS: 1_800,
  maxReceives: 5,
  failureShare: 0,
  random: () => 1,
};
/** As deployed. */
const DEPLOYED: FedQueue = {
  ...PLAIN,
  pollers: 5,
  pollersPerS: 5,
  batchSize: 10,
  batchWindowS: 5,
  callLimitS: 295,
};

const exponential = (next: () => number, mean: number): number => -mean * Math.log(1 - next());

/** Poisson arrivals and exponential service, with means in s. */
function poisson(count: number, everyS: number, serviceS: number, seed: number): Job[] {
  const next = random(seed);
  let atS = 0;
  return Array.from({ length: count }, () => {
    atS += exponential(next, everyS);
    return { arrivalS: atS, serviceS: exponential(next, serviceS) };
  });
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean wait of an M/M/c queue (Erlang C). */
function erlangWait(c: number, everyS: number, serviceS: number): number {
  const load = serviceS / everyS;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < c; k += 1) {
    term *= load / k;
    sum += term;
  }
  const last = ((term * load) / c) * (c / (c - load));
  return ((last / (sum + last)) * serviceS) / (c - load);
}

describe('a simulated queue', () => {
  test.each([
    [1, 1.5],
    [4, 0.3],
    [20, 0.062],
  ])('waits as Erlang C says: %i functions, an arrival every %f s', (atOnce, everyS) => {
    const waits = [7, 8, 9, 10].map((seed) =>
      mean(simulateQueue(poisson(150_000, everyS, 1, seed), { ...PLAIN, atOnce }).ages),
    );
    const ratio = mean(Float64Array.from(waits)) / erlangWait(atOnce, everyS, 1);
    expect(ratio).toBeGreaterThan(0.93);
    expect(ratio).toBeLessThan(1.07);
  });

  test("obeys Little's law: jobs in the system are arrivals times the time that each stays", () => {
    for (const settings of [PLAIN, DEPLOYED]) {
      const jobs = poisson(20_000, 0.4, 1.2, 3);
      const run = simulateQueue(jobs, settings);
      // One side is added up over time, the other over jobs.
      const meanInSystem = run.jobSeconds / run.endS;
      const arrivalsPerS = jobs.length / run.endS;
      expect(meanInSystem / (arrivalsPerS * mean(run.sojourns))).toBeCloseTo(1, 6);
      expect(meanInSystem).toBeGreaterThan(1);
    }
  });

  test('is as busy as the work that it was given, and no busier than allowed', () => {
    const jobs = poisson(5_000, 0.3, 1, 5);
    const run = simulateQueue(jobs, PLAIN);
    expect(run.busyS).toBeCloseTo(
      jobs.reduce((sum, job) => sum + job.serviceS, 0),
      6,
    );
    expect(run.peakBusy).toBe(PLAIN.atOnce);
    expect(run.endS).toBeGreaterThanOrEqual(run.busyS / PLAIN.atOnce);
  });

  const anyJobs = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    everyS: fc.double({ min: 0.05, max: 5, noNaN: true }),
    serviceS: fc.double({ min: 0.05, max: 5, noNaN: true }),
    atOnce: fc.integer({ min: 1, max: 20 }),
  });

  test('with twice the functions waits no longer', () => {
    fc.assert(
      fc.property(anyJobs, ({ seed, everyS, serviceS, atOnce }) => {
        const jobs = poisson(500, everyS, serviceS, seed);
        const [one, two] = [atOnce, 2 * atOnce].map((n) => simulateQueue(jobs, { ...PLAIN, atOnce: n }));
        if (!one || !two) throw new Error('not simulated');
        expect(mean(two.ages)).toBeLessThanOrEqual(mean(one.ages) + 1e-9);
        expect(two.peakWaiting).toBeLessThanOrEqual(one.peakWaiting);
        expect(quantile(two.ages, 0.99)).toBeLessThanOrEqual(quantile(one.ages, 0.99) + 1e-9);
      }),
    );
  });

  test('loses no file: done and dead letters are what came, whatever fails', () => {
    fc.assert(
      fc.property(
        anyJobs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        ({ seed, everyS, serviceS, atOnce }, failureShare, batchSize) => {
          const jobs = poisson(300, everyS, serviceS * 20, seed);
          const settings = { ...DEPLOYED, atOnce, batchSize, failureShare, random: random(seed) };
          const run = simulateQueue(jobs, settings);
          expect(run.done + run.deadLetters).toBe(jobs.length);
          expect(new Set(run.ends.map((end) => end.job)).size).toBe(run.done);
          expect(run.sojourns.every((s, i) => s >= (run.ages[i] as number) - 1e-9)).toBe(true);
          expect(run.ages.every((age) => age >= -1e-9)).toBe(true);
          expect(run.peakBusy).toBeLessThanOrEqual(atOnce);
        },
      ),
    );
  });

  test('is the same for the same seed, and another for another', () => {
    const run = (seed: number) =>
      simulateQueue(poisson(2_000, 0.3, 1, 1), { ...DEPLOYED, failureShare: 0.1, random: random(seed) });
    expect(run(4)).toEqual(run(4));
    expect(run(4).sojourns).not.toEqual(run(5).sojourns);
  });
});

describe('the event source and its batches', () => {
  const at = (...times: number[]): Job[] => times.map((arrivalS) => ({ arrivalS, serviceS: 1 }));

  test('waits for a batch that is not full, and not for one that is', () => {
    expect([...simulateQueue(at(0), DEPLOYED).ages]).toEqual([5]);
    expect(Math.max(...simulateQueue(at(...Array(10).fill(0)), DEPLOYED).ages)).toBe(0);
  });

  test('works on a batch file by file', () => {
    const { sojourns, calls } = simulateQueue(at(0, 0, 0), DEPLOYED);
    expect([...sojourns].sort()).toEqual([6, 7, 8]);
    expect(calls).toBe(1);
  });

  test('does the work of one run once a batch', () => {
    const jobs = [1, 1, 2].map((group) => ({ arrivalS: 0, serviceS: 10, group }));
    expect(simulateQueue(jobs, DEPLOYED)).toMatchObject({ busyS: 20, done: 3, calls: 1 });
  });

  test('begins with five batches and takes 300 more a minute while the queue is full', () => {
    const jobs = Array.from({ length: 5_000 }, () => ({ arrivalS: 0, serviceS: 60 }));
    const busyIn = (atOnce: number) => simulateQueue(jobs, { ...DEPLOYED, batchSize: 1, atOnce }).peakBusy;
    // The first batch ends after 60 s: until then 5 + 300 are at work.
    expect(busyIn(1_000)).toBeGreaterThanOrEqual(305);
    expect(busyIn(50)).toBe(50);
    expect(simulateQueue(jobs.slice(0, 5), { ...DEPLOYED, batchSize: 1, atOnce: 50 }).peakBusy).toBe(5);
  });

  test('a batch that outlasts its call comes back for the rest; a file that does is put aside in the end', () => {
    const slow = Array.from({ length: 10 }, () => ({ arrivalS: 0, serviceS: 100 }));
    const run = simulateQueue(slow, DEPLOYED);
    expect(run).toMatchObject({ done: 10, deadLetters: 0 });
    expect(run.retries).toBeGreaterThan(0);
    const hopeless = simulateQueue([{ arrivalS: 0, serviceS: 296 }], DEPLOYED);
    expect(hopeless).toMatchObject({ done: 0, deadLetters: 1, retries: 4, calls: 5 });
  });
});

test('an agenda gives what is next, first come first at the same time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const agenda = new Agenda<{ atS: number; order: number }>();
      const items = times.map((atS, order) => ({ atS, order }));
      for (const item of items) agenda.add(item);
      const taken = items.map(() => agenda.take());
      expect(taken).toEqual(items.toSorted((a, b) => a.atS - b.atS || a.order - b.order));
      expect(agenda.take()).toBeUndefined();
    }),
  );
});
