import aliases from '../../../../data/aliases/hl-smi.json' with { type: 'json' };
import { ToolAliasesSchema } from '../tool-aliases.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';

const TOOL: Tool = { aliases: ToolAliasesSchema.parse(aliases) };

/** `aip` where nvidia-smi has `gpu`; a product name HL-205, a board number 01P4-HL3090A0-18-U4V193-22-07-00. */
const GAUDI = /\.aip\b|(?:^|[\s,])HL-\d{3}|\b[0-9A-Z]{4}-HL\d{4}[0-9A-Z]{2}-/;

/** Whether a table is of hl-smi and not of nvidia-smi, whose header it shares but for `aip`. */
export const isGaudiTable = (head: string): boolean =>
  firstLines(head).some((line) => line.includes(',') && GAUDI.test(line));

/** `hl-smi -Q ... -f csv`, with or without header and units. */
export const hlSmiCsv: Format = {
  id: 'hl-smi-csv',
  title: 'hl-smi CSV (Intel Gaudi)',
  sniff: (head) => !/^\s*[{[]/.test(head) && isGaudiTable(head),
  read: (chunks, context, sink) => readToolTable(chunks, context, sink, TOOL),
};
