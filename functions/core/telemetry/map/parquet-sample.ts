import { InputError } from '../../errors.ts';
import type { RandomAccess } from '../formats/format.ts';
import { cellTextOf } from '../parquet/cells.ts';
import { readGroup } from '../parquet/group.ts';
import { openParquet } from '../parquet/open.ts';
import { type FileSample, SAMPLED_ROWS } from './sample.ts';

/** The first rows of a Parquet file: its columns of plain values. @throws InputError as its reader does. */
export async function sampleOfParquet(file: RandomAccess, path: string): Promise<FileSample> {
  const { metadata, columns } = await openParquet(file, path);
  const group = metadata.row_groups.find(({ num_rows }) => num_rows > 0n);
  if (!group)
    throw new InputError('no-rows', `${path}: a Parquet file without rows; expected some to look at`);
  const readable = [...columns.values()].flatMap((element) => {
    try {
      return [{ element, text: cellTextOf(element, path) }];
    } catch {
      return []; // columns of other types are nothing that a mapping could name
    }
  });
  const sampled: { name: string; texts: string[] }[] = [];
  let refused: unknown = null;
  const count = Math.min(Number(group.num_rows), SAMPLED_ROWS);
  for (const { element, text } of readable)
    try {
      const [values] = await readGroup({ file, path, metadata }, group, [element]);
      const texts = Array.from({ length: count }, (_, row) => text(values?.[row]));
      sampled.push({ name: element.name, texts });
    } catch (error) {
      refused = error; // one column in an encoding of its own keeps nobody from reading the others
    }
  if (sampled.length === 0 && refused) throw refused;
  return {
    form: 'parquet',
    delimiter: null,
    names: sampled.map(({ name }) => name),
    hasHeader: true,
    rows: Array.from({ length: count }, (_, row) => sampled.map(({ texts }) => texts[row] ?? '')),
  };
}
