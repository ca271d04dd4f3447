import { InputError } from '../../functions/core/errors.ts';
import { Attempt, type AttemptWorld, type Sent } from './attempt.ts';
import { compareFile, type Presence } from './compare-file.ts';
import type { Condition } from './landing-bucket.ts';
import type { LocalFile } from './local-run.ts';
import { hasCode } from './s3-failure.ts';

/** Writers that collide are told so, and an upload may be ended by somebody else: then it is begun again. */
const TRIES = 5;
const WAIT_MS = 200;

export interface SendWorld extends AttemptWorld {
  readonly wait: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/** The refusal to write over what is there and is not the file. */
export function occupied(bucket: string, files: readonly { key: string; presence: Presence }[]): InputError {
  const [first] = files;
  const more = files.length > 1 ? `, and ${files.length - 1} more` : '';
  const isUnknown = files.every(({ presence }) => presence === 'unknown');
  return new InputError(
    'occupied',
    isUnknown
      ? `s3://${bucket}/${first?.key} is there${more}, and cannot be compared with the file: S3 has no checksum of it, or these credentials may not look (s3:GetObject). To write over it say --overwrite`
      : `s3://${bucket}/${first?.key} is there${more}, with other content than the file. Nobody's upload is written over silently: push under another name (--run), or say --overwrite; the former version stays in the bucket`,
  );
}

/** Sends a file; null where the same content came to be there while it was sent. */
export async function sendFile(
  world: SendWorld,
  file: LocalFile,
  condition: Condition,
): Promise<Sent | null> {
  for (let tries = 1; ; tries += 1) {
    let done = 0;
    const counting = {
      ...world,
      onDone: (bytes: number): void => {
        done += bytes;
        world.onDone(bytes);
      },
    };
    try {
      return await new Attempt(counting, file, condition).run();
    } catch (error) {
      if (!hasCode(error, 'precondition', 'conflict', 'no-upload')) throw error;
      world.onDone(-done);
      // An answer may have been lost, or somebody else was faster with the same file.
      const presence = await compareFile(world.bucket, file, () => {});
      if (presence === 'same') {
        world.onDone(file.sizeBytes);
        return null;
      }
      if (hasCode(error, 'precondition')) throw occupied(world.bucket.name, [{ key: file.key, presence }]);
      if (tries === TRIES) throw error;
      await world.wait(WAIT_MS * 2 ** tries * world.random());
    }
  }
}
