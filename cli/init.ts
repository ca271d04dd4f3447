import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { type InitOptions, planOf } from './init/plan.ts';
import { programFiles } from './init/program-files.ts';
import { say, sayJson } from './terminal.ts';

/** `wattline init`: the folder of a new program, with everything but its telemetry. */
export function initCommand(folder: string, options: InitOptions): void {
  const plan = planOf(basename(resolve(folder)), options);
  const files = programFiles(folder, plan, {
    withPrices: options.prices === true,
    withRamp: options.ramp === true,
  });
  // All or nothing: a program is not mixed with another.
  const taken = files.find(({ path }) => existsSync(join(folder, path)));
  if (taken)
    throw new InputError(
      'exists',
      `${join(folder, taken.path)} is there already, and nothing is overwritten; expected a new folder`,
    );
  for (const { path, bytes } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    // Also where another process was quicker.
    writeFileSync(target, bytes, { flag: 'wx' });
  }
  if (options.json) {
    sayJson({
      schema: 'wattline/init@1',
      folder,
      program: plan.program,
      files: files.map(({ path }) => path),
    });
    return;
  }
  say(`program ${plan.program} in ${folder}:`);
  for (const { path } of files) say(`  ${path}`);
  if (options.prices)
    say(`\nThe prices in ${join(folder, plan.program, 'prices.json')} are invented: put in your own.`);
  say(`\nNext: put power and training logs beside a run.json, then: wattline watch ${folder}`);
}
