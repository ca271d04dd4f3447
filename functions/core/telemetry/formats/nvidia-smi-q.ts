import { forEachLine } from '../lines.ts';
import { SnapshotReader } from '../nvidia-snapshot.ts';
import { SNAPSHOT_PATHS } from '../nvidia-snapshot-aliases.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const TITLE = /^\ufeff?=+NVSMI LOG=+\s*$/;
/** A command or a date may stand before the title, but not much of it. */
const LINES = 6;
const GPU = /^GPU ([0-9A-F]{1,8}:[0-9A-F]{1,2}:[0-9A-F]{1,2}(?:\.[0-9A-F])?)\s*$/i;
const INDENT = 4;
/** A level below the GPU's own lines is a section, one below that a part of it; nothing that is read is deeper. */
const DEPTH_LIMIT = 6;

/** Names as the XML has them: lower case, what is no letter or digit as `_`. */
const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

interface OpenGpu {
  readonly busId: string;
  readonly line: number;
  readonly raw: string;
  readonly values: Map<string, string>;
}

/** Lines of `name : value`, indented by what they belong to. */
class TextReader {
  private readonly reader: SnapshotReader;
  private readonly sections: string[] = [];
  private time: string | null = null;
  private gpu: OpenGpu | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.reader = new SnapshotReader(context, sink);
  }

  line(text: string, line: number): void {
    const gpu = GPU.exec(text);
    if (TITLE.test(text) || gpu) this.finish();
    if (TITLE.test(text)) this.time = null;
    else if (gpu) this.gpu = { busId: gpu[1] as string, line, raw: text, values: new Map() };
    else this.entry(text);
  }

  private entry(text: string): void {
    const at = text.indexOf(' : ');
    const name = nameOf(at < 0 ? text : text.slice(0, at));
    const value = at < 0 ? '' : text.slice(at + ' : '.length).trim();
    const indent = text.length - text.trimStart().length;
    if (indent === 0) {
      if (name === 'timestamp') this.time = value;
      return;
    }
    const depth = Math.floor(indent / INDENT) - 1;
    if (!this.gpu || depth < 0 || depth >= DEPTH_LIMIT || depth > this.sections.length) return;
    this.sections.length = depth;
    this.sections.push(name);
    const path = this.sections.join('/');
    if (value !== '' && SNAPSHOT_PATHS.has(path)) this.gpu.values.set(path, value);
  }

  finish(): void {
    if (this.gpu) this.reader.gpu({ ...this.gpu, time: this.time });
    this.gpu = null;
    this.sections.length = 0;
  }
}

/** `nvidia-smi -q`, the text of it, once or in a loop, whole or with `-d`. */
export const nvidiaSmiQ: Format = {
  id: 'nvidia-smi-q',
  title: 'nvidia-smi -q',
  sniff: (head) => head.split('\n', LINES).some((line) => TITLE.test(line)),
  async read(chunks, context, sink) {
    const reader = new TextReader(context, sink);
    await forEachLine(chunks, context.path, (text, number) => reader.line(text, number));
    reader.finish();
  },
};
