import * as z from 'zod';
import { NameSchema } from '../telemetry/manifest.ts';
import { VerdictSchema } from './decision.ts';

/** EventBridge's name for the sender and for what it says. */
export const VERDICT_EVENT_SOURCE = 'wattline';
export const VERDICT_EVENT_TYPE = 'Wattline Verdict Changed';

/** Reasons in an event are for reading at a glance; the report has all of them. */
const REASONS_LIMIT = 5;

/**
 * Detail of the event that a program's verdict is another one than was last announced. Delivery is at least once:
 * the same change has the same `id`, so that a subscriber may drop what it has seen.
 */
export const VerdictEventSchema = z.strictObject({
  schema: z.literal('wattline/verdict-event@1'),
  id: z.string().describe('of this change of verdict; deliveries of the same change carry the same'),
  sequence: z.int().positive().describe('changes of verdict of the program so far, this one counted'),
  program: NameSchema,
  date: z.iso.date().describe('night of the decision, UTC'),
  from: VerdictSchema.nullable().describe('verdict that was announced before; null for the first'),
  to: VerdictSchema,
  simulated: z.boolean().describe('the program is a simulated pilot'),
  reasons: z.array(z.string()).max(REASONS_LIMIT).describe('first reasons of the decision'),
  decision: z.strictObject({
    bucket: z.string().describe('lake bucket'),
    key: z.string().describe('wattline/decision@1'),
    digest: z.string().describe('of its inputs'),
  }),
  report: z.strictObject({
    bucket: z.string().describe('reports bucket'),
    key: z.string().describe('HTML report of the program and night'),
  }),
});
export type VerdictEvent = z.infer<typeof VerdictEventSchema>;

/** The reasons of a decision as an event carries them: the first few, unchanged. */
export const eventReasons = (reasons: readonly string[]): string[] => reasons.slice(0, REASONS_LIMIT);
