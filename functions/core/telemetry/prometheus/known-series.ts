import { InputError } from '../../errors.ts';
import type { ReadContext } from '../formats/format.ts';
import type { ChipWriter } from './chip-writer.ts';
import { isKnownMetric, type SeriesPlan, seriesPlan } from './series-plan.ts';

/** Names that are looked up once; exporters have some hundreds, and noise must not fill the memory. */
const NAMES_KEPT = 10_000;

/** What is made of the series of one file: how each is read, and whether any could be. */
export class KnownSeries {
  private readonly context: ReadContext;
  private readonly writer: ChipWriter;
  private readonly names = new Map<string, boolean>();
  private known = 0;
  private example = '';
  private hasUnnamed = false;

  constructor(context: ReadContext, writer: ChipWriter) {
    this.context = context;
    this.writer = writer;
  }

  /** Whether a name is worth looking at its labels. */
  isKnown(name: string): boolean {
    let isKnown = this.names.get(name);
    if (isKnown === undefined) {
      isKnown = isKnownMetric(name, this.context.rule.mapping);
      if (this.names.size < NAMES_KEPT) this.names.set(name, isKnown);
      if (!isKnown) this.example ||= name;
    }
    return isKnown;
  }

  /** How a series is read; null where it is not, of which notes tell the reasons. */
  plan(name: string, labels: ReadonlyMap<string, string>): SeriesPlan | null {
    const plan = seriesPlan(name, labels, this.context);
    if (plan === null) {
      this.example ||= name;
      this.hasUnnamed ||= name === '';
      if (name === 'accelerator_power_usage_watts')
        this.writer.note(
          name,
          'unit-unknown',
          `${name} is not read: Gaudi's exporter writes milliwatts into it, others watts; read the maker's own metric`,
        );
      return null;
    }
    this.known += 1;
    if (typeof plan !== 'string') return plan;
    const reasons = {
      instance: ['part-of-chip', 'is of an instance or partition, not of the chip'],
      partition: ['part-of-chip', 'is of a partition other than the first, which alone speaks for the chip'],
      'unnamed-chip': ['chip-unnamed', 'names no chip: no UUID, serial number or index'],
    } as const;
    const [code, reason] = reasons[plan];
    this.writer.note(name, code, `${name} is not read where it ${reason}`);
    return null;
  }

  /** @throws InputError `metrics-unknown` where nothing of the file could be read. */
  refuseUnknown(): void {
    if (this.known > 0) return;
    const found =
      this.example !== ''
        ? `for instance ${JSON.stringify(this.example)}`
        : this.hasUnnamed
          ? 'its series are results of expressions, which have no name'
          : 'it holds no series';
    throw new InputError(
      'metrics-unknown',
      `${this.context.path}: none of its metrics is known, ${found}; expected such as DCGM_FI_DEV_POWER_USAGE, or a mapping in its long form beside the format in run.json`,
    );
  }
}
