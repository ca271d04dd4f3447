import { type Html, html } from './html.ts';

/** A drawing for pages with room, and one for phones, both with text of the size of the page's. */
export const WIDE = 720;
export const NARROW = 350;
/** Mean width of a character of a chart's text, pixels: for what fits on a line, not for layout. */
const CHARACTER = 6.4;

export const fittingCharacters = (widthPx: number): number => Math.floor(widthPx / CHARACTER);

export interface Drawing {
  readonly height: number;
  readonly parts: readonly (Html | null)[];
}

/** A chart drawn at both widths; the page's style shows one of them. The finding is its text alternative. */
export function chartFigure(
  finding: string,
  draw: (width: number) => Drawing,
  caption: Html | string,
  details = '',
): Html {
  const svg = (kind: 'wide' | 'narrow'): Html => {
    const width = kind === 'wide' ? WIDE : NARROW;
    const { height, parts } = draw(width);
    const about = details === '' ? null : html`<desc>${details}</desc>`;
    return html`<svg class="${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${finding}">${about}${parts}</svg>`;
  };
  return html`<figure class="fit">${svg('wide')}${svg('narrow')}<figcaption>${caption}</figcaption></figure>`;
}

/** An interval as an area: its edges are seen where its tint is not. */
export const BAND = {
  cand: { markup: 'fill="var(--cand)" fill-opacity=".2" stroke="var(--cand)"' },
  base: { markup: 'fill="var(--base)" fill-opacity=".2" stroke="var(--base)"' },
} as const satisfies Record<string, Html>;

/** A number for an attribute: a tenth of a pixel is enough. */
export const px = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

export const upright = (x: number, from: number, to: number, style: string): Html =>
  html`<line x1="${px(x)}" x2="${px(x)}" y1="${px(from)}" y2="${px(to)}" ${{ markup: style }}/>`;

export const level = (y: number, from: number, to: number, style: string): Html =>
  html`<line x1="${px(from)}" x2="${px(to)}" y1="${px(y)}" y2="${px(y)}" ${{ markup: style }}/>`;
