import { AMD_SMI, AMD_SMI_MONITOR } from '../amd-aliases.ts';
import { isMonitorTable, monitorTableLines } from '../amd-smi-table.ts';
import { splitCells } from '../cells.ts';
import { peek } from '../peek.ts';
import { asCsv } from '../printed-table.ts';
import type { Tool } from '../tool-plan.ts';
import { firstLines, isToolHeader, readToolTable } from '../tool-table.ts';
import type { Format } from './format.ts';

const METRIC: Tool = {
  aliases: AMD_SMI,
  columnOf: (path) => (path.includes('.') ? path.split('.').slice(1).join('_') : path),
};
const MONITOR: Tool = { aliases: AMD_SMI_MONITOR };
const isMetricHeader = isToolHeader(METRIC);
const isMonitorHeader = isToolHeader(MONITOR);

/** Columns that `amd-smi metric` shares with `monitor`, where `gfx` is no share of time. */
const SHARED = new Set(['gfx', 'gfx_clk', 'gfx_clock']);

/** The command that printed a header; null where it is none of amd-smi. */
function toolOf(cells: readonly string[]): Tool | null {
  const names = cells.map((cell) => cell.toLowerCase());
  if (!names.slice(0, 2).includes('gpu')) return null;
  if (isMonitorHeader(names.filter((name) => !SHARED.has(name)))) return MONITOR;
  if (isMetricHeader(names.filter((name) => !SHARED.has(name)))) return METRIC;
  const isMetric = names.some((name) => /^gfx_(?:min|max)_clk$/.test(name));
  if (isMetric) return isMetricHeader(names) ? METRIC : null;
  return isMonitorHeader(names) ? MONITOR : null;
}

const firstTool = (lines: readonly string[]): Tool | undefined =>
  lines.flatMap((line) => toolOf(splitCells(line) ?? []) ?? [])[0];

/** `amd-smi metric --csv` and `monitor --csv`, once or with `-w`, which puts a time in front; the table of `monitor`. */
export const amdSmiCsv: Format = {
  id: 'amd-smi-csv',
  title: 'amd-smi metric CSV, monitor as CSV or table',
  sniff(head) {
    const lines = firstLines(head);
    return firstTool(lines) !== undefined || isMonitorTable(lines);
  },
  async read(chunks, context, sink) {
    const peeked = await peek(chunks);
    const named = context.rule.columns && toolOf(context.rule.columns);
    const tool = named ?? firstTool(peeked.lines) ?? METRIC;
    try {
      if (isMonitorTable(peeked.lines)) {
        const csv = asCsv(peeked.chunks, context.path, monitorTableLines());
        await readToolTable(csv, context, sink, MONITOR);
      } else await readToolTable(peeked.chunks, context, sink, tool);
    } finally {
      await peeked.close();
    }
  },
};
