/** Units that a tool's documentation gives and its files do not, by the columns that tell the tool. */
const KNOWN: readonly {
  readonly columns: readonly string[];
  readonly units: readonly (readonly [name: RegExp, unit: string])[];
}[] = [
  {
    // Source: CodeCarbon, docs/output.rst, "CSV": energies in kWh, powers in W.

    columns: ['emissions', 'energy_consumed'],
    units: [
      [/^(?:energy_consumed|(?:cpu|gpu|ram)_energy)$/, 'kWh'],
      [/^(?:cpu|gpu|ram)_power$/, 'W'],
    ],
  },
];

/** The unit of a column by the tool that writes such columns; null where none is known to. */
export function knownUnit(name: string, names: readonly string[]): string | null {
  const known = KNOWN.find(({ columns }) => columns.every((column) => names.includes(column)));
  return known?.units.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
