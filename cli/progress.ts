/** Redraws a second, at most: more are a flicker, and slow down a terminal at the far end of a line. */
const REDRAW_MS = 100;
/** The rate is that of the last while, so that it follows a network, and not of each redraw, which jumps. */
const RATE_WINDOW_MS = 10_000;
/** Before it the rate says more about the start than about the work. */
const RATE_FROM_MS = 1_000;
const BAR_COLUMNS = 30;
const LEAST_BAR_COLUMNS = 8;
const DEFAULT_COLUMNS = 80;
const ERASE_LINE = '\r\u001b[K';

/** Where progress is shown: standard error, or what stands for it in tests. */
export interface ProgressScreen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** What is counted: `bytes` are shown as kB, MB or GB. */
  readonly unit: 'bytes' | 'files' | 'nights' | 'runs';
  readonly screen?: ProgressScreen;
  /** A clock, ms. */
  readonly now?: () => number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Reading {
  readonly atMs: number;
  readonly done: number;
}

/**
 * One line on standard error that says how far long work is, how fast it goes and how long it will take. It clears
 * itself, fits the terminal, and is nothing at all where nobody watches: no terminal, or one that cannot erase.
 */
export class Progress {
  private readonly label: string;
  private readonly options: ProgressOptions;
  private readonly screen: ProgressScreen;
  private readonly now: () => number;
  private readonly isShown: boolean;
  /** From the first time that something is shown: what was made before its work began has not waited. */
  private readonly readings: Reading[] = [];
  private total: number;
  private done = 0;
  private drawnMs = Number.NEGATIVE_INFINITY;

  constructor(label: string, total: number, options: ProgressOptions) {
    this.label = label;
    this.total = total;
    this.options = options;
    this.screen = options.screen ?? process.stderr;
    this.now = options.now ?? (() => performance.now());
    const { TERM } = options.environment ?? process.env;
    this.isShown = this.screen.isTTY === true && TERM !== 'dumb';
  }

  /** So much of the whole is done. */
  show(done: number): void {
    this.done = done;
    const atMs = this.now();
    if (!this.isShown || atMs - this.drawnMs < REDRAW_MS) return;
    this.drawnMs = atMs;
    this.readings.push({ atMs, done });
    while (this.readings.length > 2 && atMs - (this.readings[1] as Reading).atMs >= RATE_WINDOW_MS)
      this.readings.shift();
    this.screen.write(`${ERASE_LINE}${this.line()}`);
  }

  /** So much more is done. */
  add(more: number): void {
    this.show(this.done + more);
  }

  /** There is more to do than was known. */
  grow(more: number): void {
    this.total += more;
  }

  /** Erases the line, for words that stay; the next redraw brings it back. */
  clear(): void {
    if (!this.isShown || this.drawnMs === Number.NEGATIVE_INFINITY) return;
    this.drawnMs = Number.NEGATIVE_INFINITY;
    this.screen.write(ERASE_LINE);
  }

  /** How much is done a second of late; null before it can be said. */
  private rate(atMs: number): number | null {
    const from = this.readings[0] ?? { atMs, done: this.done };
    const tookMs = atMs - from.atMs;
    return tookMs < RATE_FROM_MS ? null : (Math.max(0, this.done - from.done) / tookMs) * 1000;
  }

  private line(): string {
    const done = Math.min(this.done, this.total);
    const share = this.total > 0 ? done / this.total : 1;
    const rate = this.rate(this.drawnMs);
    const left = rate ? (this.total - done) / rate : null;
    const tail = [
      `${String(Math.floor(share * 100)).padStart(3)} %`,
      this.amounts(done),
      rate === null ? '' : this.rateText(rate),
      left === null ? '' : `${durationText(left)} left`,
    ]
      .filter((part) => part !== '')
      .join('  ');
    // The last column is left free: some terminals wrap a line that fills it.
    // One that does not know its width says 0.
    const columns = (this.screen.columns || DEFAULT_COLUMNS) - 1;
    const free = columns - this.label.length - tail.length - ' [] '.length;
    if (free < LEAST_BAR_COLUMNS)
      return `${this.label}${tail}`.length < columns ? `${this.label} ${tail}` : cut(tail, columns);
    const width = Math.min(BAR_COLUMNS, free);
    const filled = Math.floor(share * width);
    return `${this.label} [${'='.repeat(filled)}${' '.repeat(width - filled)}] ${tail}`;
  }

  private amounts(done: number): string {
    return this.options.unit === 'bytes'
      ? `${bytesText(done)} of ${bytesText(this.total)}`
      : `${done} of ${this.total} ${this.options.unit}`;
  }

  private rateText(rate: number): string {
    if (this.options.unit === 'bytes') return `${bytesText(rate)}/s`;
    return rate >= 1 ? `${rate.toFixed(rate < 10 ? 1 : 0)}/s` : `${(rate * 60).toFixed(1)}/min`;
  }
}

const cut = (text: string, columns: number): string => text.slice(0, Math.max(0, columns));

/** Bytes as people say them, in powers of a thousand. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds as `m:ss` or `h:mm:ss`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
