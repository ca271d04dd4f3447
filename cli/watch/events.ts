import { say } from '../terminal.ts';

/** What `wattline watch` tells, one a line. */
export type WatchEvent =
  | { readonly event: 'watching'; readonly folder: string; readonly store: string; readonly files: number }
  | {
      readonly event: 'file';
      readonly key: string;
      readonly what: 'new' | 'changed' | 'deleted' | 'refused' | 'unreadable';
      readonly reason?: string;
    }
  | { readonly event: 'run'; readonly program: string; readonly run: string; readonly report: string }
  | { readonly event: 'waiting'; readonly program: string; readonly run: string; readonly reason: string }
  | {
      readonly event: 'decision';
      readonly program: string;
      readonly night: string;
      readonly verdict: string;
      readonly report: string;
    }
  | { readonly event: 'problem'; readonly about: string; readonly reason: string }
  | { readonly event: 'stopped' };

export type Tell = (event: WatchEvent) => void;

/** Text of a file name must not steer the terminal that shows it. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function textOf(e: WatchEvent): string {
  switch (e.event) {
    case 'watching':
      return `watching ${e.folder} (${e.files} files); store and reports in ${e.store}; Ctrl-C ends`;
    case 'file':
      return `${e.what.padEnd(9)} ${e.key}${e.reason === undefined ? '' : `: ${e.reason}`}`;
    case 'run':
      return `evaluated ${e.program} / ${e.run}  report: ${e.report}`;
    case 'waiting':
      return `waiting   ${e.program} / ${e.run}: ${e.reason}`;
    case 'decision':
      return `decided   ${e.program}, ${e.night}: ${e.verdict}  report: ${e.report}`;
    case 'problem':
      return `problem   ${e.about}: ${e.reason}`;
    case 'stopped':
      return 'stopped';
  }
}

/** Lines for people, or JSON lines for programs; the clock is the terminal's. */
export const teller =
  (isJson: boolean, now: () => Date): Tell =>
  (event) => {
    const time = now().toISOString();
    say(isJson ? JSON.stringify({ time, ...event }) : `${time.slice(11, 19)}Z ${printable(textOf(event))}`);
  };
