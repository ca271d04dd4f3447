import type { Decision } from '../decision/decision.ts';

const MEANINGS: Record<Exclude<Decision['verdict'], 'stop'>, string> = {
  'scale-up': 'Every required gate passes: the chip is good enough to depend less on GPUs for this work.',
  hold: 'Not decided: at least one gate is not passed yet.',
};
const FIRED = 'A stop gate fired: on this evidence the chip should not be ramped.';
const OUT_OF_REACH =
  'Out of reach: a required gate is shown to lie wholly on the wrong side of its margin. No stop gate had to fire; more nights would only cost more.';

/** A verdict in a sentence; a stop says which of its two ways it came by. */
export function meaningOf({
  verdict,
  gates,
  futile,
}: Pick<Decision, 'verdict' | 'gates' | 'futile'>): string {
  if (verdict !== 'stop') return MEANINGS[verdict];
  const isFired = gates.some((g) => g.duty === 'stop' && g.result === 'fail');
  if (!isFired) return OUT_OF_REACH;
  return futile.length > 0 ? `${FIRED} A required gate is out of reach besides.` : FIRED;
}
