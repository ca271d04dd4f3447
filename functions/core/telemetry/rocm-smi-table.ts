import { csvCell, type LineToCsv } from './printed-table.ts';

/** Columns of the concise table of rocm-smi, as its CSV calls them. */
const NAMES: readonly (readonly [header: RegExp, name: string])[] = [
  [/^(?:GPU|Device)$/, 'device'],
  [/^Temp/, 'Temperature (Sensor junction) (C)'],
  [/^AvgPwr$/, 'Average Graphics Package Power (W)'],
  [/^Power/, 'Current Socket Graphics Package Power (W)'],
  [/^SCLK$/, 'sclk clock speed:'],
  [/^GPU%$/, 'GPU use (%)'],
];

const HEADER = /^(?:GPU|Device)\s{2,}.*\bTemp.*\bSCLK\b/;
const ROW = /^\d+\s{2,}/;
const GAP = /\s{2,}/;
const DEGREES = /^([\d.]+)\s*°?[cC]$/;
/** What stands below the temperature in a row that was not cut. */
const TEMPERATURE = /^(?:[\d.]+\s*°?[cC]|N\/A.*)$/i;

/** Whether a line heads the concise table. */
export const isConciseHeader = (line: string): boolean => HEADER.test(line);

/**
 * Says the lines of the concise table of rocm-smi as its CSV. Which columns stand between the device and its
 * temperature, and how many blanks are within them, differs by version; cells are counted from the right.
 */
export function conciseTableLines(): LineToCsv {
  let read: readonly number[] = [];
  return (line) => {
    const cells = line.trim().split(GAP);
    if (isConciseHeader(line)) {
      const named = cells.map((cell) => NAMES.find(([header]) => header.test(cell))?.[1]);
      read = named.flatMap((name, i) => (name === undefined || i === 0 ? [] : [i - cells.length]));
      return ['device', ...read.map((place) => named.at(place))].join(',');
    }
    if (!ROW.test(line)) return /^WARN|^ERROR/.test(line) ? line : '';
    const [temperature = 0] = read;
    if (!TEMPERATURE.test(cells.at(temperature) ?? '')) return cells.slice(0, 1).join(',');
    const values = read.map((place) => (cells.at(place) ?? '').replace(DEGREES, '$1'));
    return [`card${cells[0]}`, ...values.map(csvCell)].join(',');
  };
}
