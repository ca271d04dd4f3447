import { isManifest, parseLandingKey } from '../functions/platform/landing.ts';
import { LATEST } from '../functions/platform/layout.ts';
import { listened } from './counting.ts';
import type { Stores } from './pipeline.ts';
import { Progress } from './progress.ts';

/** The run whose file a key names; null for manifests, and for what is no run's or no key at all. */
function runOf(key: string): string | null {
  try {
    const place = parseLandingKey(key);
    return place && !isManifest(place.path) ? `${place.program}/${place.run}` : null;
  } catch {
    return null;
  }
}

/**
 * How far a pipeline is, by what its stores hear: the bytes of files that are put are to be read, and their runs to be
 * evaluated. Manifests are left out: each is read once a file.
 */
export class WorkProgress {
  /** The stores to give to the pipeline. */
  readonly stores: Stores;
  private readonly reading = new Progress('reading', 0, { unit: 'bytes' });
  private readonly evaluating = new Progress('evaluating', 0, { unit: 'runs' });
  private readonly runs = new Set<string>();
  private isEvaluating = false;

  constructor({ landing, lake, reports }: Stores) {
    this.stores = {
      landing: listened(landing, { onPut: this.onFile, onRead: this.onRead }),
      lake: listened(lake, { onPut: this.onResult }),
      reports,
    };
  }

  /** Erases what is shown, for the words that come next. */
  clear(): void {
    this.reading.clear();
    this.evaluating.clear();
  }

  private readonly onFile = (key: string, bytes: number): void => {
    const run = runOf(key);
    if (run === null) return;
    this.reading.grow(bytes);
    if (this.runs.has(run)) return;
    this.runs.add(run);
    this.evaluating.grow(1);
  };

  private readonly onRead = (bytes: number, key: string): void => {
    // An evaluation reads the ends of some files again.
    if (!this.isEvaluating && runOf(key) !== null) this.reading.add(bytes);
  };

  private readonly onResult = (key: string): void => {
    if (!key.startsWith('evaluations/') || !key.endsWith(`/${LATEST}`)) return;
    this.isEvaluating = true;
    this.evaluating.add(1);
  };
}
