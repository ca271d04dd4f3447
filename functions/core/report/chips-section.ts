import type { ContrastResult, Decision } from '../decision/decision.ts';
import { binsOf, groupsText, lotsOf } from './chip-groups.ts';
import { type ChipSpread, chipSpread, chipsFinding, endsText, percentileText } from './chip-spread.ts';
import { chipsChart } from './chips-chart.ts';
import { contrastName, gatedUnitContrasts } from './contrast-text.ts';
import { type Html, html } from './html.ts';

/** Charts that stand open; the others are a click away. */
const OPEN = 2;

/** How lots and bins differ, in sentences. */
const groupTexts = (spread: ChipSpread): string[] =>
  [groupsText('Lots', lotsOf(spread)), groupsText('Bins', binsOf(spread))].filter((text) => text !== null);

function one(contrast: ContrastResult): Html | null {
  const spread = chipSpread(contrast);
  if (!spread) return null;
  return html`<h3>${contrastName(contrast)}</h3>${chipsChart(contrast, spread)}<p>${endsText(spread)}</p>${groupTexts(spread).map((text) => html`<p>${text}</p>`)}`;
}

/** The distribution over chips in sentences, one a contrast. */
export const chipsTexts = (decision: Decision): string[] =>
  gatedUnitContrasts(decision).flatMap((c) => {
    const spread = chipSpread(c);
    if (!spread) return [];
    return [
      `${contrastName(c)}: ${chipsFinding(c, spread)} ${spread.percentiles.map(percentileText).join(', ')}. ${[endsText(spread), ...groupTexts(spread)].join(' ')}`,
    ];
  });

/** Chips as a distribution; null where single ones were not told apart. A ramp gets the tail as well as the mean. */
export function chipsSection(decision: Decision): Html | null {
  const contrasts = gatedUnitContrasts(decision);
  if (contrasts.length === 0) return null;
  const rest = contrasts.slice(OPEN);
  return html`<h2>Over chips</h2><p>A ramp gets the tail as well as the mean. Each ${contrasts[0]?.unit ?? 'chip'} is reduced to one figure over its nights; every one is in <code>units.csv</code>.</p>${contrasts.slice(0, OPEN).map(one)}${rest.length > 0 ? html`<details><summary>${rest.length} more over chips</summary>${rest.map(one)}</details>` : null}`;
}
