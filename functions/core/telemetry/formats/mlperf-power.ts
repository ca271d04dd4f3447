import type { Boundary } from '../boundary.ts';
import { forEachLine } from '../lines.ts';
import { POWER_LIMITS_W } from '../plausible.ts';
import { emptySample, POWER } from '../sample.ts';
import type { Format, RecordSink } from './format.ts';
import { hasMllog, type MllogRecord, mllogParts, numberOf } from './mllog.ts';

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
function boundaries(measurementType: unknown): { boundary: Boundary; boundaryAfter: Boundary } | null {
  const type = typeof measurementType === 'string' ? measurementType.toUpperCase() : '';
  if (type === 'AC') return { boundary: 'node-ac', boundaryAfter: 'node-dc' };
  if (type === 'DC') return { boundary: 'node-dc', boundaryAfter: 'node-dc' };
  return null;
}

class PowerReader {
  private readonly values = emptySample();
  private readonly sink: RecordSink;
  private readonly stem: string;
  private isEfficiencyStated = false;

  constructor(sink: RecordSink, path: string) {
    this.sink = sink;
    this.stem = stemOf(path);
  }

  /** The host that a line names, else the file: one file a node, as MLPerf asks. */
  private scopeOf(record: MllogRecord): number {
    const host = record.metadata.host;
    const isSwitch = /^sw/i.test(this.stem) || record.key === 'interconnect_power_est';
    const id = typeof host === 'string' && host !== '' ? host : this.stem;
    return this.sink.scope(isSwitch ? this.stem : id, isSwitch ? 'switch' : 'node');
  }

  record(record: MllogRecord, line: number, raw: string): void {
    const value = numberOf(record.value);
    if (record.key === 'power_measurement_start') this.sink.logStart(this.scopeOf(record), record.timeMs);
    else if (record.key === 'power_measurement_stop') this.sink.logStop(this.scopeOf(record), record.timeMs);
    else if (record.key === 'conversion_eff') this.efficiency(record, value, line, raw);
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
      else this.sink.estimate(this.scopeOf(record), record.timeMs, value);
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
    if (this.isEfficiencyStated) return;
    this.isEfficiencyStated = true;
    this.sink.state(this.scopeOf(record), {
      conversionEfficiency: value,
      ...boundaries(record.metadata.measurement_type),
    });
  }
}

/** Power logs of MLPerf Training: `node_N.txt` and `sw_N.txt`. Source: mlcommons/training_policies, power measurement. */
export const mlperfPower: Format = {
  id: 'mlperf-training-power',
  title: 'MLPerf Training power (node_N.txt, sw_N.txt)',
  sniff: (head) => hasMllog(head) && KEYS.some((key) => head.includes(`"${key}"`)),
  async read(chunks, { path }, sink) {
    const reader = new PowerReader(sink, path);
    await forEachLine(chunks, path, (line, number) => {
      for (const part of mllogParts(line)) {
        sink.row();
        if ('record' in part) reader.record(part.record, number, line);
        else
          sink.reject({ line: number, column: null, reason: 'mllog', expected: part.error, raw: part.raw });
      }
    });
  },
};
