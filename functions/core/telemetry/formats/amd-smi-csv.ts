import { AMD_SMI } from '../amd-aliases.ts';
import { splitCells } from '../cells.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, isToolHeader, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';

const TOOL: Tool = {
  aliases: AMD_SMI,
  columnOf: (path) => (path.includes('.') ? path.split('.').slice(1).join('_') : path),
};
const isHeader = isToolHeader(TOOL);

/** `amd-smi metric --csv`, once or with `-w`, which puts a time in front. */
export const amdSmiCsv: Format = {
  id: 'amd-smi-csv',
  title: 'amd-smi metric CSV',
  sniff: (head) =>
    firstLines(head)
      .map((line) => splitCells(line) ?? [])
      .some((cells) => cells.slice(0, 2).includes('gpu') && isHeader(cells)),
  read: (chunks, context, sink) => readToolTable(chunks, context, sink, TOOL),
};
