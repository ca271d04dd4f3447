import type { SchemaElement } from 'hyparquet';
import { InputError } from '../../errors.ts';
import { mappedColumns, mappedPlan, mappingOf, refuseMissing } from '../mapped-plan.ts';
import { cellTextOf, stampOf } from '../parquet/cells.ts';
import { readGroup } from '../parquet/group.ts';
import { tooLarge, WHOLE_FILE_LIMIT_BYTES } from '../parquet/limits.ts';
import { openParquet } from '../parquet/open.ts';
import type { ColumnPlan } from '../table-plan.ts';
import { TableRowReader } from '../table-row.ts';
import type { Format, RandomAccess } from './format.ts';

/** Parquet of one's own, row group by row group, by the mapping in run.json. */
export const mappedParquet: Format = {
  id: 'mapped-parquet',
  title: 'Parquet of your own, by a mapping',
  sniff: () => false,
  async read(chunks, context, sink) {
    const { path } = context;
    const mapping = mappingOf(context, 'parquet');
    const plans = mappedColumns(mapping, context);
    const names = [...plans.keys()];
    const file = context.file ?? (await held(chunks, path));
    const { metadata, columns, names: there } = await openParquet(file, path);
    refuseMissing(names, there, path);
    const elements = names.map((name) => plainColumn(name, columns, plans.get(name), path));
    const texts = elements.map((element) => cellTextOf(element, path));
    const rows = new TableRowReader(mappedPlan(mapping, plans, names, context), context, sink);
    let number = 0;
    for (const group of metadata.row_groups) {
      if (group.num_rows === 0n) continue;
      const values = await readGroup({ file, path, metadata }, group, elements);
      for (let row = 0; row < Number(group.num_rows); row += 1) {
        const cells = texts.map((text, i) => text(values[i]?.[row]));
        number += 1;
        rows.row(cells, number, cells.join(','));
      }
    }
  },
};

function plainColumn(
  name: string,
  columns: ReadonlyMap<string, SchemaElement>,
  plan: ColumnPlan | undefined,
  path: string,
): SchemaElement {
  const element = columns.get(name);
  if (!element)
    throw new InputError(
      'parquet-type',
      `${path}: the column ${JSON.stringify(name)} holds lists or structures; expected plain values`,
    );
  if (plan?.role === 'time' && plan.form !== 'iso' && stampOf(element))
    throw new InputError(
      'mapping-time',
      `${path}: the column ${JSON.stringify(name)} is a time stamp that states its own unit, and the mapping says ${plan.form}; expected the form iso`,
    );
  return element;
}

/** A stream as a file to read here and there in: Parquet says only at its end what is in it. */
async function held(chunks: AsyncIterable<Uint8Array>, path: string): Promise<RandomAccess> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > WHOLE_FILE_LIMIT_BYTES)
      throw tooLarge(path, 'the file in bytes', sizeBytes, WHOLE_FILE_LIMIT_BYTES);
    parts.push(chunk);
  }
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { sizeBytes, slice: async (first, last) => bytes.subarray(first, last + 1) };
}
