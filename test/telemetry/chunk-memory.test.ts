import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../functions/core/telemetry/formats/registry.ts';
import { SEEDS } from '../fuzz/seeds.ts';
import { RecordingSink } from './formats/recording-sink.ts';

const CHUNK_BYTES = 100_000;
/** What a reader may look back at: see `Format.read`. */
const KEPT_BYTES = 2 ** 20;
const LEAST_BYTES = 2 * KEPT_BYTES;

/** Chunks whose memory is overwritten once the next one is asked for, but for those of the beginning. */
async function* reused(bytes: Uint8Array, isReused: boolean): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = Uint8Array.from(bytes.subarray(at, at + CHUNK_BYTES));
    yield chunk;
    if (isReused && at > KEPT_BYTES) chunk.fill(0);
  }
}

// Parquet is held as a whole where it cannot be read here and there, and never comes from a thread.
const STREAMED = FORMATS.filter(({ id }) => id !== 'mapped-parquet');

describe('a reader keeps no memory of a chunk past the next one', () => {
  test.each(STREAMED.map(({ id }) => id))('%s', async (id) => {
    const format = FORMATS.find((f) => f.id === id);
    const seed = SEEDS[id]?.[0];
    if (!format || !seed) throw new Error(`no seed for ${id}`);
    const bytes = Buffer.from(seed.text.repeat(Math.ceil(LEAST_BYTES / seed.text.length)), 'latin1');
    const outcome = async (isReused: boolean): Promise<unknown> => {
      const sink = new RecordingSink();
      const context = { path: seed.path ?? 'file', rule: seed.rule ?? {} };
      const failure = await format
        .read(reused(bytes, isReused), context, sink)
        .then(() => null)
        .catch((error: Error) => error.message);
      return { failure, rows: sink.rows, samples: sink.samples.length, last: sink.calls.slice(-20) };
    };
    expect(await outcome(true)).toEqual(await outcome(false));
  });
});
