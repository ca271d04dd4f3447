import * as z from 'zod';
import { type Decision, DecisionSchema } from '../core/decision/decision.ts';
import { eventReasons, type VerdictEvent, VerdictEventSchema } from '../core/decision/verdict-event.ts';
import { TransientError } from '../core/errors.ts';
import { collect } from '../platform/bytes.ts';
import { lineJson, sha256 } from '../platform/hash.ts';
import { parseJson, readJson } from '../platform/landing.ts';
import { type Latest, readLatest } from '../platform/latest.ts';
import { decisionPrefix, programReportPrefix } from '../platform/layout.ts';
import { ObjectMissingError, type ObjectStore, PreconditionFailedError } from '../platform/object-store.ts';

/** Tells the world of a change of verdict; may be asked to tell the same one twice. */
export type Announce = (event: VerdictEvent) => Promise<void>;

export interface AnnounceDependencies {
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
  readonly announce: Announce;
}

/** What was last announced of a program, and whether the bus took it. */
const OutboxSchema = z.strictObject({
  schema: z.literal('wattline/verdict-outbox@1'),
  isSent: z.boolean(),
  event: VerdictEventSchema,
});
type Outbox = z.infer<typeof OutboxSchema>;

const ATTEMPTS = 8;

export const outboxKey = (program: string): string => `verdicts/program=${program}/latest.json`;

/**
 * Announces the verdict that the program's pointer stands at, if it is another one than was announced last.
 *
 * The change is written down before it is sent and marked once it is sent. Whoever crashes in between is followed by
 * somebody who sends the same event, with the same id; whoever is overtaken looks at the pointer again. Returns
 * the event of a change, null where there is none.
 *
 * @throws TransientError `outbox-contended` when others keep writing; whatever `announce` throws.
 */
export async function announceVerdict(
  dependencies: AnnounceDependencies,
  program: string,
): Promise<VerdictEvent | null> {
  const { lake, announce } = dependencies;
  const key = outboxKey(program);
  let changed: VerdictEvent | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const before = await readOutbox(lake, key);
    if (before && !before.outbox.isSent) {
      await announce(before.outbox.event);
      changed = before.outbox.event;
      await write(lake, key, { ...before.outbox, isSent: true }, before.etag);
      continue;
    }
    // The pointer is read after the outbox: who saw an older pointer fails to write, and looks again.
    const latest = await readLatest(lake, decisionPrefix(program));
    const decision = latest && (await readJson(lake, latest.key, DecisionSchema));
    if (!decision || decision.verdict === before?.outbox.event.to) return changed;
    const event = eventOf(dependencies, { decision, latest, before: before?.outbox.event ?? null });
    const entry: Outbox = { schema: 'wattline/verdict-outbox@1', isSent: false, event };
    await write(lake, key, entry, before?.etag ?? null);
  }
  throw new TransientError(
    'outbox-contended',
    `${key}: others wrote it ${ATTEMPTS} times while a verdict was announced`,
  );
}

function eventOf(
  { lake, reports }: AnnounceDependencies,
  parts: { readonly decision: Decision; readonly latest: Latest; readonly before: VerdictEvent | null },
): VerdictEvent {
  const { decision, latest, before } = parts;
  const { program, date, verdict, simulated } = decision;
  const sequence = (before?.sequence ?? 0) + 1;
  return {
    schema: 'wattline/verdict-event@1',
    id: sha256(`${program}\n${sequence}`).slice(0, 32),
    sequence,
    program,
    date,
    from: before?.to ?? null,
    to: verdict,
    simulated,
    reasons: eventReasons(decision.reasons),
    decision: { bucket: lake.bucket, key: latest.key, digest: latest.digest },
    report: { bucket: reports.bucket, key: `${programReportPrefix(program, date)}report.html` },
  };
}

async function readOutbox(lake: ObjectStore, key: string): Promise<{ etag: string; outbox: Outbox } | null> {
  try {
    const object = await lake.get(key);
    const text = Buffer.from(await collect(object.body)).toString('utf8');
    return { etag: object.etag, outbox: parseJson(OutboxSchema, text, key) };
  } catch (error) {
    if (error instanceof ObjectMissingError) return null;
    throw error;
  }
}

/** By compare-and-swap; who is overtaken leaves it to the next look. */
async function write(lake: ObjectStore, key: string, outbox: Outbox, etag: string | null): Promise<void> {
  const condition = etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: etag };
  try {
    await lake.put(key, lineJson(outbox), { ...condition, contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
}
