/** The program that opens a file in the browser, and what it needs. */
export interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a system opens a page; null where there is no display to open it on. */
export function openerOf(
  path: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Opener | null {
  if (platform === 'darwin') return { command: 'open', args: [path] };
  // start is a word of cmd, and takes a first argument in quotes for a title.
  if (platform === 'win32') return { command: 'cmd', args: ['/c', 'start', '""', path] };
  // In the Linux of a Windows host, the host has the browser.
  if (env.WSL_DISTRO_NAME) return { command: 'wslview', args: [path] };
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { command: 'xdg-open', args: [path] } : null;
}
