import { InputError } from '../../functions/core/errors.ts';
import type { Boundary } from '../../functions/core/telemetry/boundary.ts';
import { NameSchema } from '../../functions/core/telemetry/manifest.ts';
import { boundaryOption, zoneOption } from '../usage.ts';

/** What a new program is made from. */
export interface InitPlan {
  readonly program: string;
  readonly candidateSku: string;
  readonly baselineSku: string;
  readonly workload: string;
  readonly nodes: number;
  readonly chipsPerNode: number;
  readonly boundary: Boundary;
  readonly timeZone: string;
  /** Null: logs count tokens by themselves, or it is said later. */
  readonly tokensPerSample: number | null;
}

export interface InitOptions {
  readonly program?: string;
  readonly sku: string;
  readonly baselineSku: string;
  readonly workload: string;
  readonly nodes: string;
  readonly chipsPerNode: string;
  readonly boundary: string;
  readonly timeZone: string;
  readonly tokensPerSample?: string;
  readonly prices?: boolean;
  readonly ramp?: boolean;
  readonly json?: boolean;
}

const MOST = 1_000_000;

function countOption(flag: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw new InputError('usage', `${flag} ${JSON.stringify(text)}: expected a whole number from 1 to ${MOST}`);
}

function textOption(flag: string, text: string): string {
  if (text.trim() !== '') return text;
  throw new InputError('usage', `${flag} ${JSON.stringify(text)}: expected a name`);
}

/** @throws InputError `usage` naming the option, its value and what was expected */
export function planOf(folderName: string, options: InitOptions): InitPlan {
  const program = options.program ?? folderName;
  if (!NameSchema.safeParse(program).success)
    throw new InputError(
      'usage',
      `${options.program === undefined ? 'the name of the folder' : '--program'} ${JSON.stringify(program)}: expected 1 to 128 of A-Z a-z 0-9 . _ -, starting with a letter or digit${options.program === undefined ? ' (or --program)' : ''}`,
    );
  return {
    program,
    candidateSku: textOption('--sku', options.sku),
    baselineSku: textOption('--baseline-sku', options.baselineSku),
    workload: textOption('--workload', options.workload),
    nodes: countOption('--nodes', options.nodes),
    chipsPerNode: countOption('--chips-per-node', options.chipsPerNode),
    boundary: boundaryOption(options.boundary) as Boundary,
    timeZone: zoneOption(options.timeZone) as string,
    tokensPerSample:
      options.tokensPerSample === undefined
        ? null
        : countOption('--tokens-per-sample', options.tokensPerSample),
  };
}
