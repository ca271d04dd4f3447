import { splitCells } from './cells.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { peek } from './peek.ts';
import { readTable, type TableOptions } from './table.ts';
import type { TablePlan } from './table-plan.ts';
import type { ToolAliases } from './tool-aliases.ts';
import { isFurtherPartition, PARTITION_NOTE } from './tool-cells.ts';
import { columnName, TableHead } from './tool-head.ts';
import { type Tool, toolPlan } from './tool-plan.ts';

/** Sentences that tools print among their rows, instead of them or in front of them. */
const PROSE =
  /^(?:Unable to |No devices |NVIDIA-SMI |Failed to |Error|ERROR|WARN|Warning|NVML |Make sure |Reboot |Terminated|Killed|Timeout|amdgpu |'CTRL' )/;
/** What a loop prints between its tables: the date, or a rule. */
const BETWEEN =
  /^(?:[-=*_]{3,}|(?:[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} |\d{4}[-/]\d\d[-/]\d\d[T ])\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: (?:[A-Z]{1,5}|[+-]\d\d:?\d\d)){0,2}(?: \d{4})?)\s*$/;
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

/** The rows of another table, which are passed over: as those of processes between those of GPUs. */
function unread(names: readonly string[], sink: RecordSink): TablePlan {
  sink.note({
    code: 'table-left-out',
    severity: 'info',
    message: `nothing is read of the table of ${names.join(', ').slice(0, 160)}`,
  });
  return { names, columns: names.map(() => ({ role: 'skip' })), kind: 'chip' };
}

/** Leaves out the rows of a device's partitions after the first. */
class PartitionColumn {
  private at = -1;
  private readonly names: readonly string[];
  private readonly sink: RecordSink;

  constructor({ partitions }: ToolAliases, sink: RecordSink) {
    this.names = partitions;
    this.sink = sink;
  }

  /** Where the column stands below this header. */
  find(header: readonly string[]): void {
    this.at = header.findIndex((text) => this.names.includes(columnName(text).key));
  }

  leavesOut(line: string): boolean {
    if (this.at < 0 || !isFurtherPartition(splitCells(line)?.[this.at] ?? '')) return false;
    this.sink.row();
    this.sink.note(PARTITION_NOTE);
    return true;
  }
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
  const planFor = (names: readonly string[]) => {
    partition.find(names);
    return toolPlan(names, tool, head, context, sink);
  };
  const hasHeader = lines.some((line) => isHeader(splitCells(line) ?? []));
  const partition = new PartitionColumn(tool.aliases, sink);
  const isHeadless = columns !== undefined && !hasHeader;
  return {
    header: (cells, line) => {
      if (ROW.test(line)) return null;
      if (isHeader(cells)) return planFor(cells);
      if (isHeadless || tool.isOtherHeader?.(cells) !== true) return null;
      return hasHeader ? unread(cells, sink) : planFor(cells);
    },
    ...(isHeadless ? { plan: planFor(columns) } : {}),
    isTextOnly: tool.aliases.partitions.length > 0,
    isNoise: (line) => {
      if (partition.leavesOut(line) || BETWEEN.test(line)) return true;
      if (!PROSE.test(line)) return false;
      noteProse(line, sink);
      return true;
    },
  };
}
