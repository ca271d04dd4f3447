import { fc } from '../fast-check.ts';
import { BrokenPromise } from './checking-sink.ts';
import { type Change, changed, changes } from './mutate.ts';
import type { Input, Rule, Target } from './targets.ts';

/** One input, by what it is made of: printed as JSON it can be made again. */
export interface FuzzCase {
  readonly seed: number;
  readonly splice: number;
  readonly changes: readonly Change[];
  /** Bytes instead of a changed seed. */
  readonly bytes?: readonly number[] | undefined;
  readonly rule: Rule;
  readonly chunk: number;
}

/** Two megabytes take a tenth of this, also on a busy machine. */
const TIME_LIMIT_MS = 2_000;
/** Changes that repeat text make some inputs of tens of megabytes; a machine that is busy is no hang either. */
const TIME_LIMIT_MS_A_BYTE = 2e-4;
/** Refusals that depend on how much of an endless line is there at once. */
const BY_LENGTH = new Set([
  'line-too-long',
  'document-too-long',
  'xml-token-too-long',
  'too-large',
  'too-dense',
]);

const rule: fc.Arbitrary<Rule> = fc.record(
  {
    timeZone: fc.constantFrom('UTC', '+05:30', 'Europe/Berlin', 'Nowhere/City', ''),
    startTime: fc.constantFrom(
      '2026-01-31T12:00:00Z',
      '20260131T120000Z',
      '1769860800',
      'yesterday',
      '2026-01-31',
    ),
    periodMs: fc.constantFrom(1000, 0.5),
    node: fc.constantFrom('n1', '__proto__'),
    columns: fc.constantFrom(['timestamp', 'power.draw [W]'], ['time', 'scope', 'power'], ['constructor']),
    scopes: fc.constantFrom({ '0': 'chip-a' }, {}),
    boundary: fc.constantFrom('chip' as const, 'node-ac' as const),
  },
  { requiredKeys: [] },
);

const caseOf = (target: Target): fc.Arbitrary<FuzzCase> =>
  fc.record(
    {
      seed: fc.nat(Math.max(target.seeds.length - 1, 0)),
      splice: fc.nat(1000),
      changes,
      bytes: fc.option(fc.array(fc.nat(255), { maxLength: 300 }), { freq: 30, nil: undefined }),
      rule: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: rule }),
      chunk: fc.constantFrom(1, 2, 7, 64, 1000, 100_000),
    },
    { requiredKeys: ['seed', 'splice', 'changes', 'rule', 'chunk'] },
  );

/** The input that a case stands for. */
export function inputOf(
  target: Target,
  { seed, splice, changes: all, bytes, rule: own, chunk }: FuzzCase,
): Input {
  const { seeds } = target;
  const base = seeds[seed % seeds.length];
  const other = seeds[splice % seeds.length];
  const text = bytes || !base || !other ? '' : changed(base.text, all, other.text);
  return {
    bytes: bytes ? Uint8Array.from(bytes) : Buffer.from(text, 'latin1'),
    path: base?.path ?? 'folder/file.txt',
    rule: { ...base?.rule, ...own },
    // A long text in single bytes takes its time, and tells nothing more.
    chunk: text.length > 10_000 ? Math.max(chunk, 4_096) : chunk,
  };
}

/** Reads one input in two ways of cutting it. @throws where a promise of the readers is broken. */
export async function check(target: Target, one: FuzzCase): Promise<void> {
  const input = inputOf(target, one);
  const begun = performance.now();
  const inPieces = await target.read(input);
  const tookMs = performance.now() - begun;
  const limitMs = TIME_LIMIT_MS + input.bytes.length * TIME_LIMIT_MS_A_BYTE;
  if (tookMs > limitMs)
    throw new BrokenPromise(`took ${Math.round(tookMs)} ms for ${input.bytes.length} bytes`);
  const whole = await target.read({ ...input, chunk: 1_000_000 });
  if (BY_LENGTH.has(inPieces.code ?? '') || BY_LENGTH.has(whole.code ?? '')) return;
  if (inPieces.code !== whole.code)
    throw new BrokenPromise(`in pieces ${inPieces.code ?? 'read'}, whole ${whole.code ?? 'read'}`);
  if (inPieces.code !== null) return;
  const at = inPieces.calls.findIndex((call, i) => call !== whole.calls[i]);
  if (at >= 0 || inPieces.calls.length !== whole.calls.length)
    throw new BrokenPromise(
      `in pieces ${inPieces.calls[at] ?? 'fewer'}, whole ${whole.calls[at] ?? 'fewer'}`,
    );
}

export interface Outcome {
  readonly runs: number;
  /** Null where every promise was kept; else what was broken, and the line that does it again. */
  readonly failure: string | null;
}

/** Fuzzes one reader for a while. The same seed gives the same inputs in the same order. */
export async function fuzz(
  target: Target,
  seed: number,
  limitMs: number,
  onCase: (one: FuzzCase) => void = () => {},
): Promise<Outcome> {
  const property = fc.asyncProperty(caseOf(target), async (one) => {
    onCase(one);
    await check(target, one);
  });
  const result = await fc.check(property, {
    seed,
    numRuns: 10_000_000,
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: false,
  });
  if (!result.failed) return { runs: result.numRuns, failure: null };
  const [one] = result.counterexample as [FuzzCase];
  const error = result.errorInstance;
  const what =
    error instanceof BrokenPromise ? error.message : error instanceof Error ? error.stack : String(error);
  return { runs: result.numRuns, failure: `${target.id}: ${what}\n${replayLine(target.id, one)}` };
}

export const replayLine = (id: string, one: FuzzCase): string =>
  `npm run fuzz -- --format ${id} --case '${JSON.stringify(one).replaceAll("'", '\\u0027')}'`;
