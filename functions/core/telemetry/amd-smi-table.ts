import { csvCell, type LineToCsv } from './printed-table.ts';

/** Columns of the table that `amd-smi monitor` prints, as its CSV calls them; the others are the same in small letters. */
const NAMES: Readonly<Record<string, string>> = {
  POWER: 'power_usage',
  PWR_CAP: 'max_power',
  GPU_T: 'hotspot_temperature',
  GPU_TEMP: 'hotspot_temperature',
  MEM_T: 'memory_temperature',
  MEM_TEMP: 'memory_temperature',
  GFX_CLK: 'gfx_clk',
  GFX_CLOCK: 'gfx_clk',
  'GFX%': 'gfx',
  GFX_UTIL: 'gfx',
  SINGLE_ECC: 'single_bit_ecc',
  DOUBLE_ECC: 'double_bit_ecc',
};

const HEADER = /^\s*(?:TIMESTAMP\s+)?GPU\s+(?:[A-Z][A-Z0-9_]*%?\s*)+$/;
/** A second table, of processes, which has a header of its own. */
const PROCESSES = /^\s*PROCESS[ _]INFO|\bPID\b/;
const ROW = /^\s*\d/;
const MEASURED = /[\d.] (?:W|°C|MHz|%)(?=\s|$)|\bN\/A\b/;
/** A list, used and total memory, a number with its unit, or a word. A wide number leaves one blank before it. */
const CELL =
  /\[[^\]]*\]|[\d.]+\/ *[\d.]+(?: [KMGT]?B)?|[\d.]+ (?:W|°C|[MG]?Hz|%|[KMGT]?B|Mb\/s)(?=\s|$)|\S+/g;

/** Whether a line heads the table of `amd-smi monitor`. */
const isMonitorTableHeader = (line: string): boolean => HEADER.test(line) && !PROCESSES.test(line);

/** Whether these lines are of the table of `amd-smi monitor`, whose numbers have units behind them. */
export const isMonitorTable = (lines: readonly string[]): boolean =>
  lines.some(isMonitorTableHeader) && lines.some((line) => ROW.test(line) && MEASURED.test(line));

/** Says the lines of the table of `amd-smi monitor` as its CSV. */
export function monitorTableLines(): LineToCsv {
  let isOpen = false;
  return (line) => {
    if (isMonitorTableHeader(line)) {
      isOpen = true;
      const names = line.trim().split(/\s+/);
      return names.map((name) => NAMES[name] ?? name.toLowerCase()).join(',');
    }
    if (PROCESSES.test(line)) isOpen = false;
    else if (!ROW.test(line)) return line;
    return isOpen ? (line.match(CELL) ?? []).map(csvCell).join(',') : '';
  };
}
