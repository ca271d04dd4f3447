/** One source's part in a scope. */
export interface ScopeSource {
  readonly path: string;
  readonly contentSha256: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly samples: number;
  readonly hasCounter: boolean;
}

/** A stretch of time that a source is used for. */
export interface SourceUse {
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The source is used whole: neither end was taken by another. */
  readonly isWhole: boolean;
}

export interface ScopePlan {
  /** In time order, never overlapping. */
  readonly uses: readonly SourceUse[];
  /** Sources with the same bytes as another one of the scope. */
  readonly duplicates: readonly string[];
  /** Sources whose time others cover: read, compared, never added. */
  readonly crossChecks: readonly string[];
}

const density = (source: ScopeSource): number => source.samples / Math.max(source.stopMs - source.startMs, 1);

/** Counter before sensor, then the denser, then by name: the same for every order of arrival. */
function byWorth(a: ScopeSource, b: ScopeSource): number {
  if (a.hasCounter !== b.hasCounter) return a.hasCounter ? -1 : 1;
  return density(b) - density(a) || (a.path < b.path ? -1 : 1);
}

/** The parts of startMs..stopMs that no use covers yet, in time order. */
function uncovered(startMs: number, stopMs: number, uses: readonly SourceUse[]): [number, number][] {
  let free: [number, number][] = [[startMs, stopMs]];
  for (const use of uses) {
    if (use.toMs <= startMs || use.fromMs >= stopMs) continue;
    free = free.flatMap(([from, to]): [number, number][] => {
      if (use.toMs <= from || use.fromMs >= to) return [[from, to]];
      const left: [number, number][] = use.fromMs > from ? [[from, use.fromMs]] : [];
      const right: [number, number][] = use.toMs < to ? [[use.toMs, to]] : [];
      return [...left, ...right];
    });
  }
  return free;
}

/**
 * Decides which source stands for which stretch of a scope's time. Sources that cover the same time are never
 * added: the better one is taken, the rest of the other fills in around it.
 */
export function planScope(sources: readonly ScopeSource[]): ScopePlan {
  const uses: SourceUse[] = [];
  const duplicates: string[] = [];
  const crossChecks: string[] = [];
  const seen = new Set<string>();
  for (const source of [...sources].sort(byWorth)) {
    if (seen.has(source.contentSha256)) {
      duplicates.push(source.path);
      continue;
    }
    seen.add(source.contentSha256);
    const free = uncovered(source.startMs, source.stopMs, uses);
    const isWhole = free.length === 1 && free[0]?.[0] === source.startMs && free[0]?.[1] === source.stopMs;
    if (free.length === 0 || (source.startMs === source.stopMs && uses.length > 0 && !isWhole))
      crossChecks.push(source.path);
    for (const [fromMs, toMs] of free) uses.push({ path: source.path, fromMs, toMs, isWhole });
  }
  uses.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
  return { uses, duplicates: duplicates.sort(), crossChecks: crossChecks.sort() };
}
