import type { Log } from '../../functions/platform/log.ts';
import type { Tell } from './events.ts';

interface IngestFields {
  readonly kind?: string;
  readonly key?: string;
  readonly refusal?: { readonly code: string; readonly message: string };
}
interface EvaluateFields {
  readonly kind?: string;
  readonly program?: string;
  readonly run?: string;
  readonly reason?: string;
}

/** What the handlers say while they work, as events: files that were refused, runs that were evaluated or wait. */
export function keeperLog(
  tell: Tell,
  verbose: (line: string) => void,
  onEvaluated: (place: { program: string; run: string }) => void,
): Log {
  /** Runs without a usable run.json, which is said once and not for each of their files. */
  const headless = new Set<string>();
  return {
    info: (message, fields = {}) => {
      verbose(JSON.stringify({ message, ...fields }));
      if (message === 'ingest') {
        const { kind, key = '', refusal } = fields as IngestFields;
        const [program = '', run = ''] = key.split('/');
        if (refusal) tell({ event: 'file', key, what: 'refused', reason: refusal.message });
        if (kind !== 'deferred') headless.delete(`${program}/${run}`);
        else if (!headless.has(`${program}/${run}`)) {
          headless.add(`${program}/${run}`);
          tell({ event: 'waiting', program, run, reason: 'no usable run.json yet' });
        }
      } else if (message === 'evaluate') {
        const { kind, program = '', run = '', reason = '' } = fields as EvaluateFields;
        if (kind === 'published') onEvaluated({ program, run });
        else if (kind === 'waiting') tell({ event: 'waiting', program, run, reason });
      }
    },
    error: (message, error, fields = {}) => {
      verbose(JSON.stringify({ message, ...fields, error: String(error) }));
      const reason = error instanceof Error ? error.message : String(error);
      tell({ event: 'problem', about: message, reason });
    },
    line: verbose,
  };
}
