import { ROCM_SMI } from '../amd-aliases.ts';
import { splitCells } from '../cells.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, isToolHeader, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';

const TOOL: Tool = { aliases: ROCM_SMI };
const isHeader = isToolHeader(TOOL);

/** `rocm-smi --csv`: rows without a time, one a card. */
export const rocmSmiCsv: Format = {
  id: 'rocm-smi-csv',
  title: 'rocm-smi CSV',
  sniff: (head) =>
    firstLines(head)
      .map((line) => splitCells(line) ?? [])
      .some((cells) => cells[0] === 'device' && isHeader(cells)),
  read: (chunks, context, sink) => readToolTable(chunks, context, sink, TOOL),
};
