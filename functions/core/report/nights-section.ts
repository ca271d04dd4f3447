import { USUAL_NIGHTS } from '../decision/contrast-result.ts';
import type { ContrastResult, Decision } from '../decision/decision.ts';
import { contrastName, gatedUnitContrasts, gatesOn } from './contrast-text.ts';
import { type Html, html } from './html.ts';
import { nightsChart } from './nights-chart.ts';
import { floorOf, floorText } from './nights-finding.ts';

/** Charts that stand open; the others are a click away. */
const OPEN = 3;

/** Contrasts whose nights can be drawn. */
export const overNights = (decision: Decision): ContrastResult[] =>
  gatedUnitContrasts(decision).filter((c) => c.nights.length > 1);

function one(decision: Decision, contrast: ContrastResult): Html {
  const floor = floorOf(contrast, decision.policy.monitoring, USUAL_NIGHTS);
  return html`<h3>${contrastName(contrast)}</h3>${floor ? html`<p>${floorText(contrast, floor)}</p>` : null}${nightsChart(contrast, gatesOn(decision, contrast), floor)}`;
}

const DECIDES: Record<Decision['policy']['monitoring']['kind'], string> = {
  nightly: 'The policy looks every night: gates read this interval, one side of it, at their own alpha.',
  looks:
    'The policy decides at declared looks only: this sequence is shown for the eye, and no gate reads it.',
  once: 'The policy looks once: this sequence is shown for the eye, and no gate reads it.',
};

export const floors = (decision: Decision): string[] =>
  overNights(decision).flatMap((c) => {
    const floor = floorOf(c, decision.policy.monitoring, USUAL_NIGHTS);
    return floor ? [`${contrastName(c)}: ${floorText(c, floor)}`] : [];
  });

/** The pilot night by night; null where nothing was compared over nights. */
export function nightsSection(decision: Decision): Html | null {
  const contrasts = overNights(decision);
  if (contrasts.length === 0) return null;
  const rest = contrasts.slice(OPEN);
  return html`<h2>Over nights</h2><p>${DECIDES[decision.policy.monitoring.kind]}</p>${contrasts.slice(0, OPEN).map((c) => one(decision, c))}${rest.length > 0 ? html`<details><summary>${rest.length} more over nights</summary>${rest.map((c) => one(decision, c))}</details>` : null}`;
}
