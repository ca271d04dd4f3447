import {
  arrayIn,
  forEachDocument,
  type JsonObject,
  JsonRows,
  jsonNumber,
  objectIn,
  textIn,
} from '../json-rows.ts';
import type { Field } from '../sample.ts';
import { partId } from '../scope-id.ts';
import { startTimeMs } from '../time.ts';
import type { Scale } from '../units.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const PERCENT: Scale = { multiply: 1, divide: 100 };

/** Counts of errors since the report before, by the field that they add up to. */
const ECC: readonly (readonly [field: Field, names: readonly string[]])[] = [
  ['ecc_corrected_total', ['mem_ecc_corrected', 'sram_ecc_corrected']],
  ['ecc_uncorrected_total', ['mem_ecc_uncorrected', 'sram_ecc_uncorrected']],
];

const numberOr = (value: unknown, otherwise: number): number => {
  const number = jsonNumber(value);
  return number === null || Number.isNaN(number) ? otherwise : number;
};

/** Reports of the monitor of one instance. A report holds what happened since the one before, and no time. */
class NeuronReader {
  private timeMs: number | null = null;
  private readonly totals = new Map<string, number>();
  private readonly rows: JsonRows;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.rows = new JsonRows(sink);
  }

  report(report: JsonObject, line: number): void {
    const instance = objectIn(report.instance_info);
    const node = textIn(instance.instance_id) || textIn(instance.instance_name);
    const timeMs = this.tick(report);
    const reports = arrayIn(report.neuron_runtime_data).flatMap((runtime) =>
      this.sectionOf(objectIn(runtime)),
    );
    const id = (device: number): string => partId(`neuron${device}`, node, this.context);
    const devices = new Map<number, Map<Field, number>>();
    const add = (device: number, field: Field, amount: number): void => {
      const fields = devices.get(device) ?? new Map<Field, number>();
      devices.set(device, fields.set(field, (fields.get(field) ?? 0) + amount));
    };
    this.utilization(report, reports, add);
    this.ecc(objectIn(report.system_data), add);
    if (devices.size === 0) this.rows.begin('chip');
    for (const [device, fields] of devices) this.device(id(device), fields, timeMs, line);
  }

  private device(id: string, fields: ReadonlyMap<Field, number>, timeMs: number, line: number): void {
    this.rows.begin('chip');
    for (const [field, amount] of fields) {
      if (field === 'utilization_ratio') this.rows.put(field, amount, 'neuroncore_utilization', PERCENT);
      else {
        const key = `${id} ${field}`;
        const total = (this.totals.get(key) ?? 0) + amount;
        this.totals.set(key, total);
        this.rows.put(field, total, field);
      }
    }
    this.rows.end(id, timeMs, line, 'chip');
  }

  /** The rule's period, or what the report says that it covers. */
  private tick(report: JsonObject): number {
    const { rule } = this.context;
    if (this.timeMs === null) this.timeMs = startTimeMs(this.context);
    else this.timeMs += rule.periodMs ?? this.statedPeriodMs(report);
    return this.timeMs;
  }

  private statedPeriodMs(report: JsonObject): number {
    const sections = [
      ...Object.values(objectIn(report.system_data)),
      ...arrayIn(report.neuron_runtime_data).flatMap((r) => Object.values(objectIn(objectIn(r).report))),
    ];
    const periods = sections.map((section) => numberOr(objectIn(section).period, 0)).filter((s) => s > 0);
    return Math.max(0, ...periods) * 1000;
  }

  /** The report of a runtime; nothing where it is an error. */
  private sectionOf(runtime: JsonObject): JsonObject[] {
    return this.isError(runtime, 'neuron_runtime_data') ? [] : [objectIn(runtime.report)];
  }

  private isError(section: JsonObject, name: string): boolean {
    const error = textIn(section.error);
    if (error !== '')
      this.sink.note({
        code: 'section-error',
        severity: 'warning',
        message: `${name}: ${error}: no reading`,
      });
    return error !== '';
  }

  /** A device's utilization is the mean over its cores; a core that no runtime uses is idle. */
  private utilization(
    report: JsonObject,
    runtimes: readonly JsonObject[],
    add: (device: number, field: Field, amount: number) => void,
  ): void {
    const hardware = objectIn(report.neuron_hardware_info);
    const logical = numberOr(hardware.logical_neuroncore_config, 1);
    const coresPerDevice = numberOr(hardware.neuroncore_per_device_count, 0) / Math.max(logical, 1);
    for (const runtime of runtimes) {
      const counters = objectIn(runtime.neuroncore_counters);
      const cores = Object.entries(objectIn(counters.neuroncores_in_use));
      if (this.isError(counters, 'neuroncore_counters') || cores.length === 0) continue;
      if (coresPerDevice < 1) {
        const message =
          'neuron_hardware_info says no neuroncore_per_device_count: utilization is of no known device';
        this.sink.note({ code: 'cores-unknown', severity: 'warning', message });
        continue;
      }
      for (const [core, values] of cores) {
        const device = Math.floor(Number(core) / coresPerDevice);
        const percent = numberOr(objectIn(values).neuroncore_utilization, Number.NaN);
        if (Number.isInteger(device) && !Number.isNaN(percent))
          add(device, 'utilization_ratio', percent / coresPerDevice);
      }
      this.faults(runtime, Math.floor(Number(cores[0]?.[0]) / coresPerDevice), add);
    }
  }

  /** Hardware errors are counted by process; they go to the first device that the process uses. */
  private faults(runtime: JsonObject, device: number, add: (d: number, f: Field, n: number) => void): void {
    const stats = objectIn(runtime.execution_stats);
    const hardware = numberOr(objectIn(stats.error_summary).hardware, Number.NaN);
    if (this.isError(stats, 'execution_stats') || Number.isNaN(hardware) || !Number.isInteger(device)) return;
    add(device, 'faults_total', hardware);
  }

  private ecc(system: JsonObject, add: (device: number, field: Field, amount: number) => void): void {
    const counters = objectIn(system.neuron_hw_counters);
    if (this.isError(counters, 'neuron_hw_counters')) return;
    for (const value of arrayIn(counters.neuron_devices)) {
      const device = objectIn(value);
      const index = jsonNumber(device.neuron_device_index);
      if (index === null || !Number.isInteger(index)) continue;
      for (const [field, names] of ECC) {
        const counts = names
          .map((name) => jsonNumber(device[name]))
          .filter((n) => n !== null && !Number.isNaN(n));
        if (counts.length > 0)
          add(
            index,
            field,
            (counts as number[]).reduce((sum, n) => sum + n, 0),
          );
      }
    }
  }
}

/** Reports of neuron-monitor, one JSON object a line: utilization, ECC events and errors. There is no power in it. */
export const neuronMonitor: Format = {
  id: 'neuron-monitor',
  title: 'AWS neuron-monitor',
  sniff: (head) => /"neuron_(?:runtime_data|hardware_info)"\s*:/.test(head),
  async read(chunks, context, sink) {
    const reader = new NeuronReader(context, sink);
    await forEachDocument(chunks, context, sink, (document, line) => reader.report(document, line));
  },
};
