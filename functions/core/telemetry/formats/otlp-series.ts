import otel from '../../../../data/aliases/otel.json' with { type: 'json' };
import { AliasesSchema } from '../aliases.ts';
import type { Boundary } from '../boundary.ts';
import { dimensionOf, dimensionsOfUnit } from '../dimensions.ts';
import { metricPlans } from '../metric-plans.ts';
import { rangeOf } from '../plausible.ts';
import { isKnownMetric, seriesPlan } from '../prometheus/series-plan.ts';
import { FIELDS, FIRST_COUNTER, type Field } from '../sample.ts';
import { chipId, hostId, nvidiaUuid, partId } from '../scope-id.ts';
import type { ReadingPlan } from '../table-plan.ts';
import { type Scale, scaleOf } from '../units.ts';
import type { ReadContext, RecordSink, ScopeKind } from './format.ts';
import { type OtlpAttributes, XID } from './otlp-attributes.ts';

const ALIASES = AliasesSchema.parse(otel);
/** Values of hw.type that are an accelerator; the conventions have only the first. */
const CHIP_TYPES = ['gpu', 'accelerator', 'npu', 'tpu', 'asic'];
const MIG = 'MIG-';

/** A counter that several series of one scope may add up to: errors by type, throttling by cause. */
export interface CounterSum {
  total: number;
  /** Time of what is not handed on yet: series that are read at one time make one reading. */
  pendingMs: number;
  series: number;
}

/** One series of a metric, resolved once: its scope, its field and how its numbers are read. */
export interface OtlpSeries {
  readonly scope: number;
  readonly field: Field;
  readonly index: number;
  /** The index alone, as the sink takes it. */
  readonly only: readonly number[];
  readonly isCounter: boolean;
  readonly scale: Scale;
  readonly range: readonly [number, number];
  /** Numbers as they stand that mean "no reading". */
  readonly blanks: readonly number[];
  readonly sum: CounterSum;
  /** What this series has added to the sum so far. */
  added: number;
}

/** Counters whose parts are apart in several series. */
const isSummed = (field: Field): boolean => field.endsWith('_total') || field.endsWith('_s');

/** Tells which series are read, each scope and field from one source. */
export class OtlpSeriesBook {
  private readonly plans: ReadonlyMap<string, ReadingPlan>;
  private readonly sources = new Map<string, string>();
  private readonly sums = new Map<string, CounterSum>();
  private readonly chips = new Set<string>();
  private readonly exports = new Map<string, OtlpSeries>();
  private readonly wantsHosts: boolean;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.plans = metricPlans(ALIASES, context.rule.mapping);
    this.wantsHosts = context.rule.boundary?.startsWith('node') === true;
  }

  /** How a metric is read; undefined for one that is not. */
  planOf(metric: string, variant: string): ReadingPlan | undefined {
    const which = variant.startsWith(XID) ? 'xid' : variant;
    return this.plans.get(which === '' ? metric : `${metric}{${which}}`);
  }

  /** Whether any series of a metric may be read: the data points of others are not looked at. */
  knows(metric: string): boolean {
    if (this.plans.has(metric)) return true;
    for (const name of this.plans.keys()) if (name.startsWith(`${metric}{`)) return true;
    return false;
  }

  /** The series that a data point belongs to; null where it is not read. */
  resolve(
    metric: string,
    unit: string,
    attributes: OtlpAttributes,
    mappedId: string | null,
  ): OtlpSeries | null {
    const plan = this.planOf(metric, attributes.variant);
    if (!plan) return null;
    const { mapping } = this.context.rule;
    const kind: ScopeKind | null =
      mappedId !== null ? (mapping?.kind ?? 'chip') : this.kindOf(metric, attributes);
    if (kind === null) return null;
    const id =
      mappedId ?? (kind === 'chip' ? this.chipOf(metric, plan.field, attributes) : this.hostOf(attributes));
    if (id === null) return null;
    const raw = mappedId ?? `${attributes.host}/${attributes.id || attributes.index}`;
    if (!this.isSource(id, plan.field, raw, isSummed(plan.field) ? '' : `${metric} ${attributes.variant}`))
      return null;
    return this.series(id, kind, plan, unit, 'chip');
  }

  private series(
    id: string,
    kind: ScopeKind,
    plan: ReadingPlan,
    unit: string,
    boundary: Boundary | null,
  ): OtlpSeries {
    const { field } = plan;
    const scope = this.sink.scope(id, kind);
    if (kind === 'chip' && boundary !== null) this.sink.state(scope, { boundary });
    const key = `${id} ${field}`;
    const sum = this.sums.get(key) ?? { total: 0, pendingMs: Number.NaN, series: 0 };
    sum.series += 1;
    this.sums.set(key, sum);
    const index = FIELDS.indexOf(field);
    const stated = dimensionsOfUnit(unit).includes(dimensionOf(field)) ? scaleOf(unit) : null;
    const scale = unit === '' ? plan.scale : (stated ?? plan.scale);
    const range = rangeOf(field, kind);
    return {
      scope,
      field,
      index,
      only: [index],
      isCounter: index >= FIRST_COUNTER,
      scale,
      range,
      blanks: plan.sentinels ?? [],
      sum,
      added: 0,
    };
  }

  /**
   * A chip or a host; a host's power is read only where the rule says on which side of its power supplies it is:
   * then it, and not the chips in it.
   */
  private kindOf(metric: string, { type }: OtlpAttributes): ScopeKind | null {
    const isHost = metric.startsWith('hw.host.');
    const isChip = CHIP_TYPES.includes(type) || (type === '' && /^(?:hw\.gpu|gpu)\./.test(metric));
    if (isHost === this.wantsHosts && (isHost || isChip)) return isHost ? 'node' : 'chip';
    if (!isHost && type === 'temperature' && !this.wantsHosts) return 'chip';
    const message = isHost
      ? `${metric} is left out: run.json states no node-ac or node-dc boundary for the file`
      : `${metric} of ${type || 'something without hw.type'} is left out`;
    const severity = isHost || type === '' ? 'warning' : 'info';
    this.sink.note({ code: isHost ? 'host-power-left-out' : 'component-left-out', severity, message });
    return null;
  }

  private hostOf({ host, id }: OtlpAttributes): string {
    return hostId(id || 'host', host, this.context);
  }

  /** An instance or a die stands for its parent, whose power it repeats; what else it says is its own. */
  private chipOf(
    metric: string,
    field: Field,
    { host, id, parent, type, index }: OtlpAttributes,
  ): string | null {
    const own = this.chipIdOf(id, index, host);
    const isPart = id.startsWith(MIG) || type === 'temperature' || nvidiaUuid(parent).startsWith('GPU-');
    if (!isPart || parent === '') {
      if (own === null) this.noteUnnamed(metric);
      if (id.startsWith(MIG) || own === null) return null;
      this.chips.add(own);
      return own;
    }
    const whole = this.chipIdOf(parent, '', host);
    if (whole === null || (type === 'temperature' && !this.chips.has(whole))) return null;
    if (type === 'temperature') return whole;
    const message = `${metric} of ${id} is of its parent ${parent}, which counts once`;
    this.sink.note({ code: 'instances-folded', severity: 'info', message });
    return field === 'power_w' || field === 'energy_j' ? whole : null;
  }

  private chipIdOf(id: string, index: string, host: string): string | null {
    const isUuid = nvidiaUuid(id).startsWith('GPU-');
    if (id !== '' && !isUuid) return partId(id, host, this.context);
    return chipId({ uuid: id, index: index || undefined, node: host }, this.context);
  }

  private noteUnnamed(metric: string): void {
    const message = `${metric} names no chip by hw.id, gpu.uuid or gpu.number; name its attributes as mapping.scope in run.json`;
    this.sink.note({ code: 'unnamed-chip', severity: 'warning', message });
  }

  /** Whether a metric is one that a Prometheus exporter of accelerators gives, under the exporter's own name. */
  isExported(metric: string): boolean {
    return !this.plans.has(metric) && isKnownMetric(metric);
  }

  /**
   * The series of an exporter's metric, by its labels; null where it is not read. Labels that change from job to
   * job, as those of pods do, make no new series.
   */
  exported(metric: string, labels: ReadonlyMap<string, string>, mappedId: string | null): OtlpSeries | null {
    const plan = seriesPlan(metric, labels, this.context);
    if (plan === null || this.wantsHosts) return null;
    if (plan === 'unnamed-chip') this.noteUnnamed(metric);
    if (typeof plan === 'string') return null;
    if (plan.kind !== 'reading') {
      const message = `${metric} keeps a mask or the last fault, which is read from Prometheus' own exports alone`;
      this.sink.note({ code: 'metric-left-out', severity: 'info', message });
      return null;
    }
    const id = mappedId ?? plan.scope;
    const field = FIELDS[plan.fields[0] as number] as Field;
    if (!this.isSource(id, field, labels.get('GPU_I_ID') ?? '', metric)) return null;
    const known = this.exports.get(`${id} ${field}`);
    if (known) return known;
    const { scale, sentinels, boundary } = plan;
    const series = this.series(id, 'chip', { field, scale, sentinels }, '', boundary);
    this.exports.set(`${id} ${field}`, series);
    return series;
  }

  private isSource(id: string, field: Field, raw: string, variant: string): boolean {
    const key = `${id} ${field}`;
    const source = `${raw} ${variant}`;
    const before = this.sources.get(key);
    if (before === undefined) this.sources.set(key, source);
    if (before === undefined || before === source) return true;
    const message = `${field} of ${id} by ${source.trim()} repeats ${before.trim()}, which is read`;
    this.sink.note({ code: 'duplicate-series', severity: 'info', message });
    return false;
  }
}
