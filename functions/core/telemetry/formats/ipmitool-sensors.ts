/** A sensor of power in a list of ipmitool's; `watts` is '' where it has no reading. */
interface WattsSensor {
  readonly name: string;
  readonly watts: string;
}

/** What makers call the power of a whole host: Dell, Intel, HPE, Lenovo and Supermicro, Inspur and OpenBMC, Huawei. */
const HOST =
  /^(?:pwr consumption|pw consumption|system level|power meter|(?:sys(?:tem)?|total)[ _]?power|power)$/i;
const STATES = ['ok', 'ns', 'na', 'nc', 'cr', 'nr', 'lnc', 'lcr', 'lnr', 'unc', 'ucr', 'unr'];
const NO_READING = /^(?:na|no reading|disabled|)$/i;
const NUMBER = /^\d+(?:\.\d+)?$/;
const WATTS = /^(\S+) watts$/i;

export const isHostPower = (name: string): boolean => HOST.test(name);

/** The cells of a line: parted by bars, by commas with `ipmitool -c`. */
const cellsIn = (line: string): string[] =>
  line.split(line.includes('|') ? '|' : ',').map((cell) => cell.trim());

/**
 * The sensor of power that a line of `ipmitool sensor`, `sdr`, `sdr elist` or their `-c` forms is of; null for other
 * lines. A host's own without a reading is one too: its poll takes a place in time.
 */
export function wattsSensor(line: string): WattsSensor | null {
  const cells = cellsIn(line);
  const [name = '', second = '', third = '', fourth = '', fifth = ''] = cells;
  if (name === '' || cells.length < 3) return null;
  // name | 142.000 | Watts | ok | ..., and the same four with commas
  if (/^watts$/i.test(third)) return STATES.includes(fourth) ? reading(name, second, fourth) : null;
  // name | 182 Watts | ok
  if (cells.length === 3)
    return STATES.includes(third) && (WATTS.test(second) || isBlank(name, second))
      ? reading(name, WATTS.exec(second)?.[1] ?? second, third)
      : null;
  // name | 77h | ok | 7.1 | 182 Watts
  if (cells.length === 5 && /^[0-9A-F]{2}h$/i.test(second) && STATES.includes(third))
    return WATTS.test(fifth) || isBlank(name, fifth)
      ? reading(name, WATTS.exec(fifth)?.[1] ?? fifth, third)
      : null;
  // name,,,ns
  return cells.length === 4 && second === '' && third === '' && isHostPower(name) && STATES.includes(fourth)
    ? { name, watts: '' }
    : null;
}

const isBlank = (name: string, value: string): boolean => isHostPower(name) && NO_READING.test(value);

/** A sensor's reading; none in the states in which ipmitool has none, whatever it prints. */
function reading(name: string, value: string, state: string): WattsSensor | null {
  if (state === 'ns' || state === 'na' || NO_READING.test(value)) return { name, watts: '' };
  return NUMBER.test(value) ? { name, watts: value } : null;
}
