import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { prettyJson } from '../functions/platform/hash.ts';
import { parseJson } from '../functions/platform/landing.ts';
import { Progress } from './progress.ts';
import { pilotFiles } from './simulate/pilot-files.ts';
import { type PilotSpec, PilotSpecSchema } from './simulate/spec.ts';
import { pilotTruth } from './simulate/truth.ts';
import type { PilotTruth } from './simulate/truth-schema.ts';
import { say, sayJson } from './terminal.ts';

export interface SimulateOptions {
  readonly out: string;
  readonly seed?: string;
  readonly nights?: string;
  readonly chips?: string;
  readonly gain?: string;
  readonly spec?: string;
  readonly json?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError('usage', `--${name} ${JSON.stringify(text)}: expected a number`);
}

/** The fields of an object; of anything else none, and the schema refuses it where it stands. */
const fieldsOf = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};

function writtenSpec(path: string): Fields {
  if (!existsSync(path)) throw new InputError('file', `${path}: no such file`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InputError('json-syntax', `${path}: not JSON: ${(cause as Error).message}`, { cause });
  }
  if (fieldsOf(value) === value) return value as Fields;
  throw new InputError('pilot-spec', `${path}: ${JSON.stringify(value).slice(0, 80)}; expected one object`);
}

/** A gain from the command line stands for every workload, also for those that state their own. */
function withGain(written: Fields, gain: number): Fields {
  const { workloads } = written;
  const each = Array.isArray(workloads)
    ? {
        workloads: workloads.map((w: unknown) =>
          fieldsOf(w) === w ? { ...fieldsOf(w), energyRatio: gain } : w,
        ),
      }
    : {};
  return { ...written, energyRatio: gain, ...each };
}

/** The spec of a file, or the default one, with what the command line says instead. */
function specOf(options: SimulateOptions): PilotSpec {
  let written: Fields = options.spec === undefined ? {} : writtenSpec(options.spec);
  for (const name of ['seed', 'nights'] as const) {
    const value = numberOption(name, options[name]);
    if (value !== undefined) written = { ...written, [name]: value };
  }
  const chips = numberOption('chips', options.chips);
  if (chips !== undefined) {
    const { candidate, baseline } = written;
    written = {
      ...written,
      candidate: { ...fieldsOf(candidate), chips },
      baseline: { ...fieldsOf(baseline), chips },
    };
  }
  const gain = numberOption('gain', options.gain);
  if (gain !== undefined) written = withGain(written, gain);
  return parseJson(PilotSpecSchema, JSON.stringify(written), options.spec ?? 'options of simulate');
}

/** Writes every file as it is made: a pilot need not fit into memory. */
function writeFiles(spec: PilotSpec, landing: string): { files: number; bytes: number } {
  const progress = new Progress('writing', spec.nights, { unit: 'nights' });
  const result = { files: 0, bytes: 0 };
  for (const { key, body, night } of pilotFiles(spec)) {
    const path = join(landing, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, body);
    result.files += 1;
    result.bytes += body.length;
    progress.show(night ?? 0);
  }
  progress.clear();
  return result;
}

/** `wattline simulate`: a whole pilot as files of real formats, and what a correct pipeline must find in it. */
export function simulateCommand(options: SimulateOptions): void {
  const spec = specOf(options);
  const landing = join(options.out, 'landing');
  const folder = join(landing, spec.program);
  if (existsSync(folder))
    throw new InputError(
      'out',
      `${folder} is there already, and runs of two pilots must not mix; expected a new folder`,
    );
  const truth = pilotTruth(spec);
  const written = writeFiles(spec, landing);
  const truthPath = join(options.out, 'truth.json');
  writeFileSync(truthPath, prettyJson(truth));
  const result = { ...written, landing: folder, truth: truthPath };
  if (options.json) sayJson({ ...result, spec, workloads: truth.workloads, sides: truth.sides });
  else print(spec, truth, result);
}

const ratio = (value: number): string => value.toFixed(4);

function print(
  spec: PilotSpec,
  truth: PilotTruth,
  {
    files,
    bytes,
    landing,
    truth: truthPath,
  }: { files: number; bytes: number; landing: string; truth: string },
): void {
  say(
    `SIMULATED pilot, seed ${spec.seed}: ${spec.nights} nights, ${spec.candidate.chips} chips of ${spec.candidate.sku} against ${spec.baseline.chips} of ${spec.baseline.sku}`,
  );
  say(`${files} files, ${(bytes / 1e6).toFixed(1)} MB, in ${landing}`);
  for (const { name, expected, realised } of truth.workloads) {
    say(`  ${name}: candidate / baseline as set, and of the chips and nights that were drawn`);
    say(
      `    energy per useful token ${ratio(expected.energyPerUsefulToken)}, ${ratio(realised.energyPerUsefulToken)}`,
    );
    say(
      `    time per useful token   ${ratio(expected.timePerUsefulToken)}, ${ratio(realised.timePerUsefulToken)}`,
    );
    say(
      `    loss at equal tokens    ${ratio(expected.lossAtEqualTokens)}, ${ratio(realised.lossAtEqualTokens)}`,
    );
  }
  for (const [role, side] of Object.entries(truth.sides))
    say(
      `  ${role}: ${side.restarts} restarts, ${side.eccUncorrected} uncorrected memory errors, ${side.rejectedRows} rows that cannot be read`,
    );
  say(`What a correct pipeline must find is in ${truthPath}`);
  const [first] = truth.runs;
  if (first) say(`Next, for one run: wattline evaluate ${join(landing, first.run)}`);
}
