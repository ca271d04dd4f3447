import type { Fault } from '../cell.ts';
import {
  arrayIn,
  forEachDocument,
  type JsonObject,
  JsonRows,
  jsonNumber,
  objectIn,
  textIn,
} from '../json-rows.ts';
import { PollClock } from '../poll-clock.ts';
import { partId } from '../scope-id.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const MEGA = { multiply: 1e6, divide: 1 };

type PowerName = 'board_power' | 'power';

/** The tool writes 0 for a power, a clock or a temperature that it could not read. */
const isMissing = (value: unknown): boolean => {
  const number = jsonNumber(value);
  return number === 0 || Number.isNaN(number);
};

/** Reads snapshots, one after another. */
class SnapshotReader {
  private clock: PollClock | null = null;
  /** Boards whose input is read with their first chip. */
  private readonly boardsRead = new Set<string>();
  private readonly powerNames = new Map<string, PowerName>();
  private readonly rows: JsonRows;
  private readonly times: TimeReader;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
    this.times = timeReaderFor(context);
  }

  snapshot(snapshot: JsonObject, line: number): void {
    const timeMs = this.timeOf(textIn(snapshot.time));
    const node = textIn(objectIn(snapshot.host_info).Hostname);
    const boards = new Set<string>();
    for (const [index, value] of arrayIn(snapshot.device_info).entries()) {
      const device = objectIn(value);
      const board = textIn(objectIn(device.board_info).board_id);
      const isSecond = board !== '' && board !== 'N/A' && boards.has(board);
      boards.add(board);
      const id = this.idOf(device, index, node);
      const name = this.powerName(id, objectIn(device.telemetry), isSecond, `${node}/${board}`);
      if (name === 'board_power') this.boardsRead.add(`${node}/${board}`);
      this.device(device, id, name, isSecond, timeMs, line);
    }
  }

  private device(
    device: JsonObject,
    id: string,
    name: PowerName | null,
    isSecond: boolean,
    timeMs: number | (Fault & { raw: string }),
    line: number,
  ): void {
    const telemetry = objectIn(device.telemetry);
    this.rows.begin('chip');
    if (typeof timeMs !== 'number') this.rows.refuse(timeMs, timeMs.raw);
    if (name !== null && !isMissing(telemetry[name])) this.rows.put('power_w', telemetry[name], name);
    if (!isMissing(telemetry.aiclk)) this.rows.put('clock_hz', telemetry.aiclk, 'aiclk', MEGA);
    if (!isMissing(telemetry.asic_temperature))
      this.rows.put('temperature_c', telemetry.asic_temperature, 'asic_temperature');
    this.rows.end(id, Number(timeMs), line, name === 'board_power' || isSecond ? 'chip' : null);
  }

  /**
   * The power that is read of a device, the same for the whole file: the board's input where it is given, else the
   * chip's core. Two chips of a board share its input, which counts with the first.
   */
  private powerName(id: string, telemetry: JsonObject, isSecond: boolean, board: string): PowerName | null {
    const known = this.powerNames.get(id);
    const hasBoard = !isMissing(telemetry.board_power);
    if (isSecond && (hasBoard || known === 'board_power' || this.boardsRead.has(board))) {
      const message = `${id} is on the board of a chip before it, whose power is of both`;
      this.sink.note({ code: 'board-shared', severity: 'info', message });
      return null;
    }
    if (known) return known;
    if (!hasBoard && isMissing(telemetry.power)) return null;
    const name = hasBoard ? 'board_power' : 'power';
    this.powerNames.set(id, name);
    const message =
      name === 'power'
        ? 'power is of the chip without its board: there is no board_power'
        : 'board_power is read, the input of the whole board; power is of the chip alone';
    this.sink.note({ code: `power-is-${name.replace('_', '-')}`, severity: 'info', message });
    return name;
  }

  private idOf(device: JsonObject, index: number, node: string): string {
    const bus = textIn(objectIn(device.board_info).bus_id);
    return partId(bus === '' || bus === 'N/A' ? `tt${index}` : bus, node, this.context);
  }

  private timeOf(text: string): number | (Fault & { raw: string }) {
    if (text === '') {
      this.clock ??= new PollClock(this.context);
      return this.clock.at('');
    }
    const timeMs = this.times.read(text);
    if (typeof timeMs === 'number') return timeMs;
    refuseUntimed(timeMs, this.context.path, text);
    const expected = expectedTime(timeMs, 'iso', this.context.rule.timeZone);
    return { column: 'time', reason: timeMs, expected, raw: text };
  }
}

/** Snapshots of Tenstorrent's tt-smi (`tt-smi -s`): texts padded with blanks, local time. */
export const ttSmi: Format = {
  id: 'tt-smi',
  title: 'tt-smi snapshot (JSON)',
  sniff: (head) =>
    head.includes('"device_info"') && head.includes('"board_info"') && head.includes('"telemetry"'),
  async read(chunks, context, sink) {
    const reader = new SnapshotReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.snapshot(document, line));
  },
};
