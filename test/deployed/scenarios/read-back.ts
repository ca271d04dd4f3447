import { check } from '../checks.ts';
import type { Deployment, Resource } from '../deployment.ts';
import { GAPS } from '../gaps.ts';
import { COMPUTE_READERS } from '../readers/compute.ts';
import { LOOKING_READERS } from '../readers/looking.ts';
import { STORAGE_READERS } from '../readers/storage.ts';
import { differences, resolved } from '../resolve.ts';

const READERS = { ...STORAGE_READERS, ...COMPUTE_READERS, ...LOOKING_READERS };

interface Row {
  resources: number;
  read: number;
  readonly properties: Set<string>;
  readonly untold: Set<string>;
  readonly wrong: string[];
}

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 160) ?? 'nothing';

/** What the template asks for and the adapted one does not is not told either. */
async function readInto(row: Row, deployment: Deployment, name: string): Promise<void> {
  const { template, adapted, physical } = deployment;
  const { Type, Properties: asked = {} } = template.Resources[name] as Resource;
  const Properties = adapted.Resources[name]?.Properties;
  const id = physical.get(name);
  const reader = READERS[Type];
  if (!reader || id === undefined || !Properties) {
    row.untold.add('');
    return;
  }
  for (const property of Object.keys(asked)) row.properties.add(property);
  for (const { path } of differences(asked, Properties)) row.untold.add(path);
  row.read += 1;
  const expected = resolved(deployment, Properties) as Record<string, unknown>;
  for (const { path, expected: wanted, found } of differences(expected, await reader(id, expected)))
    if (found === undefined) row.untold.add(path);
    else row.wrong.push(`${name} ${path}: ${short(found)}; expected ${short(wanted)}`);
}

/** Every resource of the template, as the services say it is, beside what the template asks for. */
export async function readBack(deployment: Deployment): Promise<void> {
  const rows = new Map<string, Row>();
  for (const [name, { Type }] of Object.entries(deployment.template.Resources)) {
    const row = rows.get(Type) ?? {
      resources: 0,
      read: 0,
      properties: new Set(),
      untold: new Set(),
      wrong: [],
    };
    rows.set(Type, row);
    row.resources += 1;
    await readInto(row, deployment, name).catch((error: Error) =>
      row.wrong.push(`${name}: ${error.message}`),
    );
  }
  const sum = (of: (row: Row) => number): number => [...rows.values()].reduce((n, row) => n + of(row), 0);
  for (const [type, row] of rows) {
    const { resources, read, properties, untold } = row;
    console.log(
      `     ${type.padEnd(34)} ${String(read).padStart(3)} of ${String(resources).padStart(3)} read back, ${properties.size} properties`,
    );
    for (const path of untold) {
      const cover = GAPS[type]?.[path];
      console.log(
        `       not told: ${path || 'the resource'}; ${cover ? `covered by ${cover}` : 'covered by NOTHING'}`,
      );
    }
  }
  const wrong = [...rows.values()].flatMap((row) => row.wrong);
  check(
    `${sum((r) => r.read)} of ${sum((r) => r.resources)} resources read back, each as its template asks`,
    wrong.length === 0 && sum((r) => r.read) > 0,
    `\n       ${wrong.join('\n       ')}`,
  );
  const untold = [...rows].flatMap(([type, row]) => [...row.untold].map((path) => `${type} ${path}`));
  const listed = Object.entries(GAPS).flatMap(([type, paths]) =>
    Object.keys(paths).map((p) => `${type} ${p}`),
  );
  const unlisted = untold.filter((gap) => !listed.includes(gap));
  const closed = listed.filter((gap) => !untold.includes(gap));
  check(
    'what the emulator does not tell is listed with what covers it',
    unlisted.length === 0,
    unlisted.join('; '),
  );
  check('nothing is listed that the emulator does tell', closed.length === 0, closed.join('; '));
}
