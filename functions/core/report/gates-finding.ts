import type { GateResult } from '../decision/decision.ts';
import { isLevel } from '../decision/policy.ts';
import { declaredText, levelText, listText, ratioText } from './format.ts';

/** What a gate wants of its interval. */
export const goalText = ({ duty, threshold }: GateResult): string =>
  duty === 'stop' ? `fires above ${declaredText(threshold)}` : `below ${declaredText(threshold)}`;

/** Why a gate is where it is, by its numbers. */
function positionText(g: GateResult): string {
  const name = `${g.id} (${g.workload})`;
  if (g.low === null) return `${name} has no interval`;
  const text = isLevel(g.metric) ? levelText : ratioText;
  const reach = g.high === null ? 'has no upper end' : `reaches ${text(g.high)}`;
  return g.duty === 'stop'
    ? `${name} fires: its interval lies wholly above ${declaredText(g.threshold)}`
    : `the interval of ${name} ${reach} where it has to stay below ${declaredText(g.threshold)}`;
}

/** What gates together show, in a sentence or two; `about` says which where it is not all of them. */
export function gatesFinding(gates: readonly GateResult[], about = ''): string {
  const [stops, needed] = [gates.filter((g) => g.duty === 'stop'), gates.filter((g) => g.duty !== 'stop')];
  const passed = needed.filter((g) => g.result === 'pass').length;
  const open = needed.filter((g) => g.result !== 'pass');
  const fired = stops.filter((g) => g.result === 'fail');
  const ready = `${passed} of ${needed.length} required gates and guardrails${about} ${passed === 1 ? 'passes' : 'pass'}`;
  const why = open.length === 0 ? '' : `: ${listText(open.slice(0, 3).map(positionText))}`;
  const more = open.length > 3 ? `, and ${open.length - 3} more` : '';
  const stopText =
    stops.length === 0
      ? ''
      : fired.length === 0
        ? ' No stop gate fires.'
        : ` ${listText(fired.map(positionText))}.`;
  return needed.length === 0 ? stopText.trimStart() : `${ready}${why}${more}.${stopText}`;
}
