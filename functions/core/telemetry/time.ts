/** Offset of a zone at an instant, in ms, by the runtime's own zone data. */
function zoneOffsetMs(instantMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instantMs);
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
 * The instant of a local time in a zone. In the hour that a zone repeats the earlier one is meant; a time that a
 * zone leaves out is null.
 */
export function localToInstantMs(localMs: number, zone: string): number | null {
  const fixed = /^(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (fixed) {
    const [, sign, hours, minutes] = fixed;
    return localMs - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  }
  const offsets = new Set([localMs - 86_400_000, localMs + 86_400_000].map((ms) => zoneOffsetMs(ms, zone)));
  const instants = [...offsets]
    .map((offset) => localMs - offset)
    .filter((ms) => ms + zoneOffsetMs(ms, zone) === localMs);
  return instants.length > 0 ? Math.min(...instants) : null;
}

export function isZone(zone: string): boolean {
  if (/^(?:UTC|GMT)?[+-]\d{2}:?\d{2}$/.test(zone)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;

export type TimeError = 'time-stamp' | 'time-zone-missing' | 'time-skipped';

/** An RFC 3339 time, or a local one read in `zone`, in ms since the epoch (fractions kept). */
export function parseTimeMs(text: string, zone: string | undefined): number | TimeError {
  const match = ISO.exec(text);
  if (!match) return 'time-stamp';
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) return 'time-stamp';
  const localMs = date.getTime();
  const fractionMs = match[7] ? Number(match[7]) * 1000 : 0;
  const offset = match[8];
  if (offset)
    return (
      (localToInstantMs(localMs, offset.toUpperCase() === 'Z' ? '+00:00' : offset) as number) + fractionMs
    );
  if (zone === undefined) return 'time-zone-missing';
  const instantMs = localToInstantMs(localMs, zone);
  return instantMs === null ? 'time-skipped' : instantMs + fractionMs;
}
