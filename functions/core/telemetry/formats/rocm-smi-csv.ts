import { ROCM_SMI } from '../amd-aliases.ts';
import { splitCells } from '../cells.ts';
import { peek } from '../peek.ts';
import { asCsv } from '../printed-table.ts';
import { conciseTableLines, isConciseHeader } from '../rocm-smi-table.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, isToolHeader, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';

const TOOL: Tool = { aliases: ROCM_SMI, hasBareClocks: true };
const isHeader = isToolHeader(TOOL);
const isCsvHeader = (cells: readonly string[]): boolean =>
  cells.slice(0, 2).includes('device') && isHeader(cells);

/** `rocm-smi --csv`, and the concise table that rocm-smi prints without it: rows one a card, without a time but for what a script put in front. */
export const rocmSmiCsv: Format = {
  id: 'rocm-smi-csv',
  title: 'rocm-smi CSV and table',
  sniff(head) {
    const lines = firstLines(head);
    return lines.some(isConciseHeader) || lines.some((line) => isCsvHeader(splitCells(line) ?? []));
  },
  async read(chunks, context, sink) {
    const peeked = await peek(chunks);
    const isPrinted = peeked.lines.some(isConciseHeader);
    try {
      const csv = isPrinted ? asCsv(peeked.chunks, context.path, conciseTableLines()) : peeked.chunks;
      await readToolTable(csv, context, sink, TOOL);
    } finally {
      await peeked.close();
    }
  },
};
