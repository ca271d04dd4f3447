import type { Boundary } from '../boundary.ts';
import { POWER_LIMITS_W } from '../plausible.ts';
import { emptySample, POWER } from '../sample.ts';
import type { Format, RecordSink, ScopeFacts } from './format.ts';
import { hasMllog, type MllogRecord, numberOf } from './mllog.ts';
import { forEachMllogLine } from './mllog-lines.ts';

const KEYS = [
  'power_reading',
  'power_measurement_start',
  'power_measurement_stop',
  'conversion_eff',
  'interconnect_power_est',
];

/** `power/node_0.txt` is of node_0. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : name;
}

/** What the meter sat before and after, by MLPerf's `measurement_type`; nothing where the log does not say. */
function boundaries(
  measurementType: unknown,
  efficiency: number,
): { boundary: Boundary; boundaryAfter: Boundary } | null {
  const type = typeof measurementType === 'string' ? measurementType.trim().toUpperCase() : '';
  // No power supply is without loss: 1 is the example script's default, and leaves the readings as the meter has them.
  if (type === 'AC') return { boundary: 'node-ac', boundaryAfter: efficiency < 1 ? 'node-dc' : 'node-ac' };
  if (type === 'DC') return { boundary: 'node-dc', boundaryAfter: 'node-dc' };
  return null;
}

class PowerReader {
  private readonly values = emptySample();
  private readonly sink: RecordSink;
  private readonly stem: string;
  private readonly isSwitch: boolean;
  /** Scopes of the hosts that the file's readings name; the first one is the file's own. */
  private readonly hosts = new Map<string, string>();
  private startMs: number | null = null;
  private stated: Partial<ScopeFacts> | null = null;

  constructor(sink: RecordSink, path: string) {
    this.sink = sink;
    this.stem = stemOf(path);
    this.isSwitch = /^sw/i.test(this.stem);
  }

  /** The scope of the file: one a node, as MLPerf asks. Its example script names each host `node_0`. */
  private own(): number {
    return this.sink.scope(this.stem, this.isSwitch ? 'switch' : 'node');
  }

  /** A reading's scope: the file's, but where the file holds readings of several hosts. */
  private scopeOf(record: MllogRecord): number {
    const { host } = record.metadata;
    if (this.isSwitch || typeof host !== 'string' || host === '') return this.own();
    const known = this.hosts.get(host);
    if (known !== undefined) return this.sink.scope(known, 'node');
    const id = this.hosts.size === 0 ? this.stem : `${this.stem}/${host}`;
    this.hosts.set(host, id);
    const scope = this.sink.scope(id, 'node');
    if (id !== this.stem) this.another(scope, host);
    return scope;
  }

  private another(scope: number, host: string): void {
    this.sink.note({
      code: 'several-hosts',
      severity: 'warning',
      message: `readings of the host ${JSON.stringify(host)} stand beside those of another in one file: each is a node of its own`,
    });
    if (this.startMs !== null) this.sink.logStart(scope, this.startMs);
    if (this.stated) this.sink.state(scope, this.stated);
  }

  private scopes(): number[] {
    const ids = new Set([this.stem, ...this.hosts.values()]);
    return [...ids].map((id) => this.sink.scope(id, this.isSwitch ? 'switch' : 'node'));
  }

  /** An estimate in a node's file is of a switch; one that names it is the same in each file. */
  private estimateScope({ metadata }: MllogRecord): number {
    if (this.isSwitch) return this.own();
    const id = metadata.switch_id;
    return this.sink.scope(typeof id === 'string' && id !== '' ? id : `${this.stem}-interconnect`, 'switch');
  }

  record(record: MllogRecord, line: number, raw: string): void {
    const value = numberOf(record.value);
    if (record.key === 'power_measurement_start') {
      this.startMs ??= record.timeMs;
      this.sink.logStart(this.own(), record.timeMs);
    } else if (record.key === 'power_measurement_stop') {
      for (const scope of this.scopes()) this.sink.logStop(scope, record.timeMs);
    } else if (record.key === 'conversion_eff') this.efficiency(record, value, line, raw);
    else if (record.key === 'interconnect_power_est' || record.key === 'power_reading') {
      if (value === null || value < 0 || value > POWER_LIMITS_W.node) {
        this.sink.reject({
          line,
          column: 'value',
          reason: 'number',
          expected: `a power in watts, from 0 to ${POWER_LIMITS_W.node}`,
          raw,
        });
      } else if (record.key === 'power_reading') this.reading(record, value);
      else this.sink.estimate(this.estimateScope(record), record.timeMs, value);
    }
  }

  private reading(record: MllogRecord, powerW: number): void {
    this.values[POWER] = powerW;
    this.sink.sample(this.scopeOf(record), record.timeMs, this.values);
  }

  private efficiency(record: MllogRecord, value: number | null, line: number, raw: string): void {
    if (value === null || value <= 0 || value > 1) {
      this.sink.reject({
        line,
        column: 'value',
        reason: 'number',
        expected: 'an efficiency above 0 and up to 1',
        raw,
      });
      return;
    }
    const before = this.stated?.conversionEfficiency;
    if (before !== undefined && before !== value)
      this.sink.note({
        code: 'efficiency-changed',
        severity: 'warning',
        message: `line ${line}: conversion_eff is ${value}, and was ${before} before; the last one counts for all readings`,
      });
    this.stated = {
      ...this.stated,
      conversionEfficiency: value,
      ...boundaries(record.metadata.measurement_type, value),
    };
    for (const scope of this.scopes()) this.sink.state(scope, this.stated);
  }
}

/** Power logs of MLPerf Training: `node_N.txt` and `sw_N.txt`. Source: mlcommons/training_policies, power measurement. */
export const mlperfPower: Format = {
  id: 'mlperf-training-power',
  title: 'MLPerf Training power (node_N.txt, sw_N.txt)',
  sniff: (head) => hasMllog(head) && KEYS.some((key) => head.includes(`"${key}"`)),
  async read(chunks, { path }, sink) {
    const reader = new PowerReader(sink, path);
    await forEachMllogLine(chunks, path, (parts, number, line) => {
      for (const part of parts) {
        sink.row();
        if ('record' in part) reader.record(part.record, number, line);
        else
          sink.reject({ line: number, column: null, reason: 'mllog', expected: part.error, raw: part.raw });
      }
    });
  },
};
