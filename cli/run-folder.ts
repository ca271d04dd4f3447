import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { RunManifestSchema } from '../functions/core/telemetry/manifest.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { MANIFEST_NAME } from '../functions/platform/layout.ts';
import { type ImportOptions, isMlperfFolder, mlperfRuns } from './mlperf-folder.ts';
import { filesBelow, isFolder, type RunUpload } from './run-files.ts';

/** One run folder: `run.json` and whatever lies beside it. */
function runFolder(folder: string): RunUpload {
  const path = join(folder, MANIFEST_NAME);
  const manifest = parseJson(RunManifestSchema, readFileSync(path, 'utf8'), path);
  const files = filesBelow(folder).filter((name) => name !== MANIFEST_NAME);
  return { manifest, files: files.map((name) => ({ path: name, source: join(folder, name) })) };
}

/** Folders that hold a run: the folder itself, or those directly below it. */
function runFolders(folder: string): string[] {
  if (existsSync(join(folder, MANIFEST_NAME))) return [folder];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => isFolder(path) && existsSync(join(path, MANIFEST_NAME)));
}

/**
 * The runs of a folder that a user names: a run with its `run.json`, a folder of such runs, or MLPerf results as
 * published. Program, role and prefix are what the caller compares them as.
 */
export async function loadRuns(folder: string, options: ImportOptions): Promise<RunUpload[]> {
  if (!isFolder(folder))
    throw new InputError(
      'folder',
      existsSync(folder)
        ? `${folder}: it is a file; expected the folder of a run`
        : `${folder}: no such folder`,
    );
  const own = runFolders(folder);
  if (own.length > 0) {
    return own.map((path) => {
      const { manifest, files } = runFolder(path);
      const { program, role, prefix = '' } = options;
      return { manifest: { ...manifest, program, role, run: `${prefix}${manifest.run}` }, files };
    });
  }
  if (isMlperfFolder(folder)) return mlperfRuns(folder, options);
  throw new InputError(
    'folder',
    `${folder}: neither run.json nor result_*.txt in it; expected a run folder, a folder of runs or MLPerf results as published`,
  );
}
