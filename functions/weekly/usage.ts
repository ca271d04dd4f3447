import type { DeployedFunctions } from './environment.ts';

export interface Period {
  readonly startMs: number;
  readonly stopMs: number;
}

/** What one function did over a period, as the service that ran it counted. */
export interface FunctionUse {
  readonly calls: number;
  readonly durationMs: number;
}

/** By Wattline's name of each function. */
export type UseSource = (
  functions: DeployedFunctions,
  period: Period,
) => Promise<Readonly<Record<string, FunctionUse>>>;

const MB_PER_GB = 1_024;
const MS_PER_S = 1_000;

/** What Lambda bills: memory times time, in GB-seconds. */
export const gbSeconds = ({ durationMs }: FunctionUse, memoryMb: number): number =>
  (durationMs / MS_PER_S) * (memoryMb / MB_PER_GB);
