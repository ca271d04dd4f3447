import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prettyJson } from '../functions/platform/hash.ts';
import { landingKey, manifestKey } from '../functions/platform/layout.ts';
import { mlperfRuns } from './mlperf-folder.ts';
import { Progress } from './progress.ts';
import { say, sayJson } from './terminal.ts';
import { boundaryOption, roleOption } from './usage.ts';

export interface ImportMlperfOptions {
  readonly to: string;
  readonly program: string;
  readonly role: string;
  readonly prefix: string;
  readonly boundary?: string;
  readonly json?: boolean;
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
  const progress = new Progress('writing', runs.length, { unit: 'runs' });
  for (const { manifest, files } of runs) {
    for (const { path, source } of files) {
      const target = join(to, landingKey(program, manifest.run, path));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(source, target);
    }
    writeFileSync(join(to, manifestKey(program, manifest.run)), prettyJson(manifest));
    progress.add(1);
  }
  progress.clear();
  if (options.json) {
    sayJson({
      schema: 'wattline/import@1',
      folder: join(to, program),
      program,
      runs: runs.map(({ manifest, files }) => ({ run: manifest.run, files: files.length })),
    });
    return;
  }
  say(
    `${runs.length} runs in ${join(to, program)}; upload with: wattline push ${join(to, program)}/* --landing <landing bucket>`,
  );
}
