import { type Html, html } from './html.ts';

/** Content that is a click away. */
export const folded = (summary: string, content: Html): Html =>
  html`<details><summary>${summary}</summary>${content}</details>`;

/** Text that stands on one line beside others, so that no unit is torn from its number. */
const ONE_LINE = 20;

/** A figure, and below it, smaller, what belongs to it. */
export function pair(figure: string | Html, below: string | null): Html {
  if (below === null || below === '') return html`${figure}`;
  return below.length > ONE_LINE
    ? html`${figure}<small>${below}</small>`
    : html`${figure}<small class="pair">${below}</small>`;
}
