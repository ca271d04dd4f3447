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
  const values = await readGroup(
    { file, path, metadata },
    group,
    readable.map(({ element }) => element),
  );
  const count = Math.min(Number(group.num_rows), SAMPLED_ROWS);
  return {
    form: 'parquet',
    delimiter: null,
    names: readable.map(({ element }) => element.name),
    hasHeader: true,
    rows: Array.from({ length: count }, (_, row) => readable.map(({ text }, i) => text(values[i]?.[row]))),
  };
}
