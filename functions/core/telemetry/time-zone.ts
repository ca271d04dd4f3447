const FIXED_ZONE = /^(?:UTC|GMT)?([+-])([01]\d|2[0-3]):?([0-5]\d)$/;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export type TimeError =
  | 'time-stamp'
  | 'time-day-missing'
  | 'time-zone-missing'
  | 'time-skipped'
  | 'time-ambiguous';

export function isZone(zone: string): boolean {
  if (FIXED_ZONE.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Offset in ms of a zone written as one, for instance `+05:30`; null for a name. */
export function fixedOffsetMs(zone: string): number | null {
  const fixed = FIXED_ZONE.exec(zone);
  if (!fixed) return null;
  const [, sign, hours, minutes] = fixed;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** Offset of a named zone at an instant, in ms, by the runtime's own zone data. */
export function offsetAtMs(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts = format.formatToParts(instantMs);
  const value = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return local - Math.floor(instantMs / 1000) * 1000;
}

/**
 * Offsets of local times in one zone. Zones change their offset at whole minutes, so that one look-up serves a
 * minute of readings: asking the runtime for each costs a hundred times what reading the row does.
 */
export class LocalOffsets {
  private readonly fixedMs: number | null;
  readonly format: Intl.DateTimeFormat;
  private minute = Number.NaN;
  private known: number | TimeError = 'time-stamp';

  constructor(zone: string) {
    this.fixedMs = fixedOffsetMs(zone);
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: this.fixedMs === null ? zone : 'UTC',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What to take from a local time to get its instant; an error where the zone leaves it out or repeats it. */
  at(localMs: number): number | TimeError {
    if (this.fixedMs !== null) return this.fixedMs;
    const minute = Math.floor(localMs / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.known = this.find(minute * MINUTE_MS);
    }
    return this.known;
  }

  private find(localMs: number): number | TimeError {
    const near = new Set([localMs - DAY_MS, localMs + DAY_MS].map((ms) => offsetAtMs(this.format, ms)));
    const fitting = [...near].filter((offset) => offsetAtMs(this.format, localMs - offset) === offset);
    if (fitting.length > 1) return 'time-ambiguous';
    return fitting[0] ?? 'time-skipped';
  }
}
