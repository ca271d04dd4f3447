/** A line on standard error that shows how far long work is; nothing where nobody watches. */
export class ProgressBar {
  private readonly total: number;
  private readonly label: string;

  constructor(label: string, total: number) {
    this.label = label;
    this.total = total;
  }

  show(done: number): void {
    if (!process.stderr.isTTY) return;
    const width = 30;
    const filled = Math.round((Math.min(done, this.total) / Math.max(this.total, 1)) * width);
    process.stderr.write(
      `\r${this.label} [${'='.repeat(filled)}${' '.repeat(width - filled)}] ${done}/${this.total}`,
    );
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2));
