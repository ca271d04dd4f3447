export type Right = 'read' | 'write';

interface Denial {
  readonly bucket: string;
  readonly right: Right;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rights to buckets that a change of policies or of a key takes away for a time, from every function. */
export class Access {
  private readonly denials: Denial[] = [];
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  deny(denial: Denial): void {
    this.denials.push(denial);
  }

  isDenied(bucket: string, right: Right): boolean {
    const nowMs = this.now();
    return this.denials.some(
      (d) => d.bucket === bucket && d.right === right && nowMs >= d.fromMs && nowMs < d.toMs,
    );
  }
}
