import { SnapshotReader } from '../nvidia-snapshot.ts';
import { SNAPSHOT_PATHS } from '../nvidia-snapshot-aliases.ts';
import { forEachXmlElement } from '../xml-scan.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const ROOT = 'nvidia_smi_log';
const GPU_DEPTH = 2;
/** A command or a date may stand before the document, but not much of it. */
const START = /^(?:[^<\n]{0,200}\n){0,5}(?:\ufeff|\s)*<(?:[?!]|nvidia_smi_log>)/;

interface OpenGpu {
  readonly busId: string;
  readonly line: number;
  readonly raw: string;
  readonly values: Map<string, string>;
}

const isGpu = (path: readonly string[]): boolean => path[0] === ROOT && path[1] === 'gpu';

/** Collects one GPU after the other, those of further documents in the file too. */
class XmlReader {
  private readonly reader: SnapshotReader;
  private time: string | null = null;
  private gpu: OpenGpu | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.reader = new SnapshotReader(context, sink);
  }

  open(path: readonly string[], attributes: string, line: number): void {
    if (path.length === 1) this.time = null;
    if (path.length === 1 || (path.length === GPU_DEPTH && isGpu(path))) this.cut();
    if (path.length !== GPU_DEPTH || !isGpu(path)) return;
    const busId = /\bid="([^"]*)"/.exec(attributes)?.[1] ?? '';
    this.gpu = { busId, line, raw: `<gpu ${attributes}>`, values: new Map() };
  }

  text(path: readonly string[], text: string): void {
    if (path.length === 2 && path[0] === ROOT && path[1] === 'timestamp') this.time = text;
    if (!this.gpu || !isGpu(path)) return;
    const key = path.slice(GPU_DEPTH).join('/');
    if (SNAPSHOT_PATHS.has(key)) this.gpu.values.set(key, text);
  }

  close(path: readonly string[]): void {
    if (!this.gpu || path.length !== GPU_DEPTH || !isGpu(path)) return;
    this.reader.gpu({ ...this.gpu, time: this.time });
    this.gpu = null;
  }

  /** A GPU that another one, another document or the end of the file follows before its own end. */
  cut(): void {
    if (this.gpu) this.reader.cut(this.gpu.line, this.gpu.raw);
    this.gpu = null;
  }
}

/** `nvidia-smi -q -x`, once or in a loop: then one document stands behind the other. */
export const nvidiaSmiXml: Format = {
  id: 'nvidia-smi-xml',
  title: 'nvidia-smi -q -x',
  sniff: (head) => START.test(head) && head.includes(`<${ROOT}>`),
  async read(chunks, context, sink) {
    const reader = new XmlReader(context, sink);
    await forEachXmlElement(chunks, context.path, {
      open: (path, attributes, line) => reader.open(path, attributes, line),
      text: (path, text) => reader.text(path, text),
      close: (path) => reader.close(path),
    });
    reader.cut();
  },
};
