import { emptySample, FIELDS } from '../sample.ts';
import { type ChipWriter, isBetter, type WrittenChip } from './chip-writer.ts';
import { fieldValue, type SeriesPlan } from './series-plan.ts';

/** What a page says of one chip. */
export interface PageChip {
  readonly written: WrittenChip;
  readonly values: Float64Array;
  /** The series that each value is from. */
  readonly sources: (SeriesPlan | null)[];
  /** Fields that any page had so far. */
  readonly fields: number[];
  isInPage: boolean;
}

/** Gathers the rows of one scrape: all of a chip become one sample, of several rows of one field the best counts. */
export class PageSamples {
  private readonly chips = new Map<string, PageChip>();
  private readonly inPage: PageChip[] = [];
  private readonly writer: ChipWriter;

  constructor(writer: ChipWriter) {
    this.writer = writer;
  }

  chip(plan: SeriesPlan): PageChip {
    let chip = this.chips.get(plan.scope);
    if (!chip) {
      chip = {
        written: this.writer.chip(plan),
        values: emptySample(),
        sources: FIELDS.map(() => null),
        fields: [],
        isInPage: false,
      };
      this.chips.set(plan.scope, chip);
    }
    return chip;
  }

  add(chip: PageChip, plan: SeriesPlan, reading: number): void {
    if (Number.isNaN(reading)) return;
    if (!chip.isInPage) {
      chip.isInPage = true;
      this.inPage.push(chip);
    }
    for (let place = 0; place < plan.fields.length; place += 1) {
      const field = plan.fields[place] as number;
      const source = chip.sources[field] ?? null;
      if (source !== null) {
        const isTaken = isBetter(plan, source);
        this.writer.noteUnread(isTaken ? source : plan, isTaken ? plan : source);
        if (!isTaken) continue;
      }
      if (source === null && !chip.fields.includes(field)) chip.fields.push(field);
      chip.sources[field] = plan;
      chip.values[field] = fieldValue(plan, place, reading);
    }
  }

  get isEmpty(): boolean {
    return this.inPage.length === 0;
  }

  /** Chips that the page tells of. */
  get scopes(): readonly string[] {
    return this.inPage.map(({ written }) => written.plan.scope);
  }

  /** Hands the page on, and begins the next one. */
  flush(timeMs: number): void {
    for (const chip of this.inPage) {
      this.writer.write(chip.written, timeMs, chip.values, chip.fields);
      chip.values.fill(Number.NaN);
      chip.sources.fill(null);
      chip.isInPage = false;
    }
    this.inPage.length = 0;
  }
}
