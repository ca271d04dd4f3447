/** Local time with milliseconds, `2026-01-24T20:00:01.123`. */
export const localIso = (timeMs: number, offsetMs: number): string =>
  new Date(timeMs + offsetMs).toISOString().slice(0, -1);

/** As Python's `%Y-%m-%d %H:%M:%S` has it: whole seconds, the rest cut off. */
export const localSeconds = (timeMs: number, offsetMs: number): string =>
  localIso(timeMs, offsetMs).slice(0, 19).replace('T', ' ');

/** As nvidia-smi has it: `2026/01/24 20:00:01.123`. */
export const nvidiaTime = (timeMs: number, offsetMs: number): string =>
  localIso(timeMs, offsetMs).replaceAll('-', '/').replace('T', ' ');
