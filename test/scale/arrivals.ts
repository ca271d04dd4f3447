export const DAY_S = 86_400;

/** Collectors send when a file is full, when the hour is, and what they could not send when they are back. */
const HOURLY_SHARE = 0.4;
const HOURLY_WITHIN_S = 120;
const BACKLOG_SHARE = 0.1;
const BACKLOG_AT_S = 6 * 3_600;
const BACKLOG_WITHIN_S = 600;
/** Of what comes evenly: how much more by day than by night. */
const DAILY_SWING = 0.3;

/** When files of a day come, s from its start, in order: half evenly, with bursts at full hours and one backlog. */
export function arrivals(files: number, random: () => number): Float64Array {
  const times = Float64Array.from({ length: files }, () => {
    const kind = random();
    if (kind < HOURLY_SHARE) return Math.floor(random() * 24) * 3_600 + random() * HOURLY_WITHIN_S;
    if (kind < HOURLY_SHARE + BACKLOG_SHARE) return BACKLOG_AT_S + random() * BACKLOG_WITHIN_S;
    return evenly(random);
  });
  return times.sort();
}

/** A time of the day by rejection: the rate is 1 + swing sin(2 pi t / day). */
function evenly(random: () => number): number {
  for (;;) {
    const atS = random() * DAY_S;
    const rate = 1 + DAILY_SWING * Math.sin((2 * Math.PI * atS) / DAY_S);
    if (random() * (1 + DAILY_SWING) < rate) return atS;
  }
}

/** Spread of the time that files of one size take, log: the longest of a hundred takes twice the median. */
const SERVICE_SD_LOG = 0.3;

/** A factor with mean 1, log-normal. */
export function spread(random: () => number): number {
  const u = 1 - random();
  const z = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
  return Math.exp(SERVICE_SD_LOG * z - SERVICE_SD_LOG ** 2 / 2);
}
