/** A word in single quotes, as every POSIX shell takes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** As fish takes it, which knows \\ and \' in single quotes. */
export const fishQuoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** One line of a description: completion shows it beside the word. */
export const short = (text: string): string => text.replaceAll(/\s+/g, ' ');
