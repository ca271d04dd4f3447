import { UNREAD_LOGS } from './unread-logs.ts';

/** Output of tools that is known and not read: for eyes, without power, or rounded. */
export interface Unread {
  readonly pattern: RegExp;
  readonly what: string;
  /** What to keep instead. */
  readonly instead: string;
}

const QUERY =
  'nvidia-smi --query-gpu=timestamp,index,uuid,power.draw,utilization.gpu --format=csv -l 1, or nvidia-smi dmon';

/** Looked for in the first bytes of a file that no format recognises. */
const UNREAD: readonly Unread[] = [
  {
    pattern: /^\| NVIDIA-SMI \d[\d.]* /m,
    what: 'the table that nvidia-smi prints for a screen, with power in whole watts and without UUIDs',
    instead: QUERY,
  },
  {
    pattern: /^.{0,40}#\s*(?:Date[\s,]+)?(?:Time[\s,]+)?gpu[\s,]+pid\b/m,
    what: 'nvidia-smi pmon, which lists processes and has no power',
    instead: QUERY,
  },
  {
    pattern: /^GPU \d+: .{1,80} \(UUID: GPU-/m,
    what: 'nvidia-smi -L, a list of GPUs without readings',
    instead: QUERY,
  },
  {
    pattern: /^\[\d+\] .{1,60}\| *\d+ *[°'].{0,4}C?, *\d+ %/m,
    what: 'the screen of gpustat',
    instead: QUERY,
  },
  {
    pattern: /"query_time"\s*:[\s\S]{0,200}"gpus"\s*:/,
    what: 'gpustat --json, with power in whole watts and its limit',
    instead: QUERY,
  },
  {
    pattern: /"device_name"\s*:[\s\S]{0,400}"power_draw"\s*:\s*"\d+W"/,
    what: 'a snapshot of nvtop, which has no time',
    instead: QUERY,
  },
  { pattern: /^[│|] NVITOP \d/m, what: 'the screen of nvitop', instead: QUERY },
];

/** Why a file that no format recognises is not read, and what to keep instead; null where nothing is known of it. */
export function whyUnread(head: string): string | null {
  const found = [...UNREAD, ...UNREAD_LOGS].find(({ pattern }) => pattern.test(head));
  return found ? `holds ${found.what}; that is not read; expected ${found.instead}` : null;
}
