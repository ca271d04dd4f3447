import { splitCells } from './cells.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { peek } from './peek.ts';
import { readTable, type TableOptions } from './table.ts';
import type { ToolAliases } from './tool-aliases.ts';
import { columnName, TableHead } from './tool-head.ts';
import { type Tool, toolPlan } from './tool-plan.ts';

/** Sentences that tools print among their rows, instead of them or in front of them. */
const PROSE =
  /^(?:Unable to |No devices |NVIDIA-SMI |Failed to |Error|ERROR|WARN|Warning|NVML |Make sure |Reboot |Terminated|Killed|Timeout|amdgpu )/;
/** No header begins like this, and most rows do. */
const ROW = /^[\d[]/;
const LOST = /is lost|fallen off the bus/i;
/** Prose may stand before the header, but not much of it. */
const SNIFFED_LINES = 12;

/** Whether a line of these cells is a header: it names at least one thing that is read. */
export function isToolHeader({
  aliases,
  columnOf = (alias) => alias,
}: Tool): (cells: readonly string[]) => boolean {
  const known = new Set(knownNames(aliases).map((alias) => columnOf(alias).toLowerCase()));
  return (cells) => cells.some((cell) => known.has(columnName(cell).key));
}

const knownNames = (aliases: ToolAliases): string[] => [
  ...Object.keys(aliases.readings),
  ...aliases.modulePower,
  ...aliases.reasonMasks,
  ...aliases.combined.flatMap(({ names }) => names),
];

/** The first lines of a file that may be its header or its first row. */
export const firstLines = (head: string): string[] =>
  head
    .replace(/^\ufeff/, '')
    .split(/\r?\n/, SNIFFED_LINES)
    .filter((line) => line.trim() !== '' && !PROSE.test(line));

function noteProse(line: string, sink: RecordSink): void {
  const isLost = LOST.test(line);
  sink.note({
    code: isLost ? 'gpu-lost' : 'prose',
    severity: 'warning',
    message: isLost
      ? `${line.trim().slice(0, 160)} (where rows go by index, those behind it may be of another GPU)`
      : `no reading: ${line.trim().slice(0, 160)}`,
  });
}

/**
 * Reads a table that a vendor's tool printed, whatever columns it was asked for.
 *
 * @throws InputError what `toolPlan` and `readTable` throw.
 */
export async function readToolTable(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
  tool: Tool,
): Promise<void> {
  const peeked = await peek(chunks);
  try {
    await readTable(peeked.chunks, context, sink, optionsFor(peeked.lines, context, sink, tool));
  } finally {
    await peeked.close();
  }
}

function optionsFor(
  lines: readonly string[],
  context: ReadContext,
  sink: RecordSink,
  tool: Tool,
): TableOptions {
  const { columns } = context.rule;
  const isHeader = isToolHeader(tool);
  const head = new TableHead(lines, isHeader, columns, new Set(tool.aliases.nulls));
  const planFor = (names: readonly string[]) => toolPlan(names, tool, head, context, sink);
  const isHeadless = columns !== undefined && !lines.some((line) => isHeader(splitCells(line) ?? []));
  return {
    header: (cells, line) => (!ROW.test(line) && isHeader(cells) ? planFor(cells) : null),
    ...(isHeadless ? { plan: planFor(columns) } : {}),
    isNoise: (line) => {
      if (!PROSE.test(line)) return false;
      noteProse(line, sink);
      return true;
    },
  };
}
