import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { type FileRule, RunManifestSchema } from '../functions/core/telemetry/manifest.ts';
import { parseJson } from '../functions/platform/landing.ts';

/** The pattern of one file: its path below the run where it lies there, else its name in any folder. */
export function patternOf(path: string, run: string | undefined): string {
  const below =
    run === undefined ? '..' : relative(dirname(resolve(run)), resolve(path)).replaceAll('\\', '/');
  return below.startsWith('..') ? `**/${basename(path)}` : below;
}

/**
 * Puts a rule into run.json: into that of the same pattern, whose other properties stay, else behind the rest.
 *
 * @throws InputError where there is no run.json, or it is none.
 */
export function writeRule(run: string, rule: FileRule): void {
  if (!existsSync(run))
    throw new InputError(
      'file',
      `${run}: no such file; expected the run.json of a run (data/examples/run.json shows one)`,
    );
  const text = readFileSync(run, 'utf8');
  parseJson(RunManifestSchema, text, run);
  const manifest = JSON.parse(text) as { files?: FileRule[] };
  const files = manifest.files ?? [];
  const isKnown = files.some(({ pattern }) => pattern === rule.pattern);
  const next = isKnown
    ? files.map((known) => (known.pattern === rule.pattern ? { ...known, ...rule } : known))
    : [...files, rule];
  const written = `${JSON.stringify({ ...manifest, files: next }, null, 2)}\n`;
  parseJson(RunManifestSchema, written, run);
  writeFileSync(run, written);
}
