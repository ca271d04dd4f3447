import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prettyJson } from '../functions/platform/hash.ts';
import { landingKey, manifestKey } from '../functions/platform/layout.ts';
import { mlperfRuns } from './mlperf-folder.ts';
import { say } from './terminal.ts';
import { boundaryOption, roleOption } from './usage.ts';

export interface ImportMlperfOptions {
  readonly to: string;
  readonly program: string;
  readonly role: string;
  readonly prefix: string;
  readonly boundary?: string;
}

/** `wattline import mlperf`: a published folder as runs, laid out as the landing bucket wants them. */
export async function importMlperfCommand(folder: string, options: ImportMlperfOptions): Promise<void> {
  const { to, program, prefix } = options;
  const boundary = boundaryOption(options.boundary);
  const runs = await mlperfRuns(folder, {
    program,
    role: roleOption(options.role),
    prefix,
    ...(boundary ? { boundary } : {}),
  });
  for (const { manifest, files } of runs) {
    for (const { path, source } of files) {
      const target = join(to, landingKey(program, manifest.run, path));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(source, target);
    }
    writeFileSync(join(to, manifestKey(program, manifest.run)), prettyJson(manifest));
  }
  say(
    `${runs.length} runs in ${join(to, program)}; upload with: aws s3 cp --recursive ${to} s3://<landing bucket>/`,
  );
}
