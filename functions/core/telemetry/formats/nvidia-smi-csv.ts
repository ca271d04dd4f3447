import aliases from '../../../../data/aliases/nvidia-smi.json' with { type: 'json' };
import { splitCells } from '../cells.ts';
import { ToolAliasesSchema } from '../tool-aliases.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, isToolHeader, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';
import { isGaudiTable } from './hl-smi-csv.ts';

/** A name of nvidia-smi, with or without its unit; no cell of a row of readings looks like that. */
const NAME = /^[a-z][a-z0-9_.]*(?: \[\S+\])?$/;

const TOOL: Tool = {
  aliases: ToolAliasesSchema.parse(aliases),
  powerKinds:
    '; .average is over 1 s, .instant is of the moment, and power.draw is the average from Ampere on but for A100, A30 and A800, where it is of the moment, as before',
  isOtherHeader: (cells) => cells.length > 1 && cells.every((cell) => NAME.test(cell)),
};
const isHeader = isToolHeader(TOOL);

/** Without a header, a row that begins with its time; nothing else writes days with slashes and a blank after commas. */
const ROW = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3}(?:, |$)/;

/** `nvidia-smi --query-gpu=... --format=csv`, with or without header and units. Source: nvidia-smi --help-query-gpu. */
export const nvidiaSmiCsv: Format = {
  id: 'nvidia-smi-csv',
  title: 'nvidia-smi --query-gpu CSV',
  sniff: (head) =>
    !isGaudiTable(head) &&
    firstLines(head).some((line) => ROW.test(line) || isHeader(splitCells(line) ?? [])),
  read: (chunks, context, sink) => readToolTable(chunks, context, sink, TOOL),
};
