import { Option } from 'commander';

/**
 * Options that several commands share. This file is read at every start, so that it repeats two short lists rather
 * than import their schemas, which takes a tenth of a second; a test compares them.
 */
export const BOUNDARIES = ['chip', 'module', 'node-dc', 'node-ac', 'switch', 'rack', 'facility'] as const;
export const ROLES = ['candidate', 'baseline'] as const;

export const boundaryFlag = (): Option =>
  new Option('--boundary <boundary>', 'what the power readings cover, where no file says').choices(
    BOUNDARIES,
  );
export const jsonFlag = (what: string): Option => new Option('--json', `${what} as JSON on standard output`);
export const outFlag = (): Option =>
  new Option('--out <dir>', 'keep the store and the reports in this folder');
export const zoneFlag = (): Option =>
  new Option('--time-zone <zone>', 'zone of local time stamps: IANA name or offset');
