import { beforeEach, describe, expect, test } from 'vitest';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { type Decision, DecisionSchema, type Verdict } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { type VerdictEvent, VerdictEventSchema } from '../../functions/core/decision/verdict-event.ts';
import { announceVerdict, outboxKey } from '../../functions/decide/announce.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { MemoryStore } from '../../functions/platform/memory-store.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { side } from '../fixtures.ts';

const decided = DecisionSchema.parse(
  decideProgram({
    program: 'p',
    date: '2026-01-01',
    evaluations: [...side('candidate', 1e6, 600), ...side('baseline', 2e6, 900)],
    policy: DEFAULT_POLICY,
    policyHistory: [],
    prices: null,
    plan: null,
    code: 'test',
  }),
);

let lake: MemoryStore;
let reports: MemoryStore;
let heard: VerdictEvent[];
let isDown: boolean;

const announce = async (event: VerdictEvent): Promise<void> => {
  if (isDown) throw new Error('the bus is down');
  heard.push(event);
};
const run = (store: ObjectStore = lake) => announceVerdict({ lake: store, reports, announce }, 'p');

/** The pointer of the program moves to a decision of this verdict. */
async function stand(verdict: Verdict, date = '2026-01-01', change: Partial<Decision> = {}): Promise<void> {
  const key = `decisions/program=p/date=${date}/${verdict}.json`;
  await lake.put(key, prettyJson({ ...decided, ...change, date, verdict }));
  await lake.put(
    'decisions/program=p/latest.json',
    prettyJson({ schema: 'wattline/latest@1', digest: verdict, key }),
  );
}

beforeEach(() => {
  lake = new MemoryStore('lake');
  reports = new MemoryStore('reports');
  heard = [];
  isDown = false;
});

describe('a verdict', () => {
  test('is announced when there was none, with where to read why', async () => {
    await stand('hold', '2026-01-01', { reasons: ['a', 'b', 'c', 'd', 'e', 'f'] });
    expect(await run()).toMatchObject({ from: null, to: 'hold', sequence: 1 });
    expect(VerdictEventSchema.parse(heard[0])).toMatchObject({
      program: 'p',
      reasons: ['a', 'b', 'c', 'd', 'e'],
      decision: { bucket: 'lake', key: 'decisions/program=p/date=2026-01-01/hold.json', digest: 'hold' },
      report: { bucket: 'reports', key: 'programs/p/2026-01-01/report.html' },
    });
  });

  test('is announced once, however often it is decided again', async () => {
    await stand('hold');
    await run();
    await stand('hold', '2026-01-02');
    expect(await run()).toBeNull();
    expect(heard).toHaveLength(1);
  });

  test('that changes and changes back is three changes with three ids', async () => {
    for (const verdict of ['hold', 'scale-up', 'hold'] as const) {
      await stand(verdict);
      await run();
    }
    expect(heard.map(({ from, to, sequence }) => [from, to, sequence])).toEqual([
      [null, 'hold', 1],
      ['hold', 'scale-up', 2],
      ['scale-up', 'hold', 3],
    ]);
    expect(new Set(heard.map((e) => e.id)).size).toBe(3);
  });

  test('of a program without a decision is none', async () => {
    expect(await run()).toBeNull();
    expect(await lake.head(outboxKey('p'))).toBeNull();
  });
});

describe('when the bus is down', () => {
  test('the change is sent as it was as soon as somebody tries again', async () => {
    await stand('hold');
    isDown = true;
    await expect(run()).rejects.toThrow('the bus is down');
    isDown = false;
    await stand('hold', '2026-01-02');
    await run();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ sequence: 1, date: '2026-01-01' });
  });

  test('a change that was overtaken meanwhile is told, then the next', async () => {
    await stand('hold');
    isDown = true;
    await expect(run()).rejects.toThrow();
    isDown = false;
    await stand('stop');
    await run();
    expect(heard.map(({ from, to }) => [from, to])).toEqual([
      [null, 'hold'],
      ['hold', 'stop'],
    ]);
  });

  test('a crash after sending repeats the same event under the same id', async () => {
    await stand('hold');
    const sentNotMarked = new Proxy(lake, {
      get: (target, name) =>
        name === 'put'
          ? async (key: string, bytes: Uint8Array, options: object) => {
              if (heard.length > 0) throw new Error('crashed');
              return target.put(key, bytes, options);
            }
          : (Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name)),
    });
    await expect(run(sentNotMarked)).rejects.toThrow('crashed');
    await run();
    expect(heard).toHaveLength(2);
    expect(heard[1]).toEqual(heard[0]);
  });
});

test('two that announce at the same time tell one change', async () => {
  await stand('scale-up');
  await Promise.all([run(), run(), run()]);
  expect(new Set(heard.map((e) => e.id)).size).toBe(1);
  await stand('stop');
  await Promise.all([run(), run()]);
  expect([...new Set(heard.map((e) => `${e.sequence} ${e.from} ${e.to}`))]).toEqual([
    '1 null scale-up',
    '2 scale-up stop',
  ]);
});
