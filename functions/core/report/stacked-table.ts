import { type Html, html, type TableColumn } from './html.ts';

/**
 * A table that fits its page: cells wrap where there is room for columns, and on a phone each row becomes a block of
 * its own, every cell beside the name of its column. The roles keep it a table for those who hear it.
 */
export function stackedTable<T>(
  rows: readonly T[],
  columns: readonly TableColumn<T>[],
  caption: string,
): Html {
  const kind = (c: TableColumn<T>): Html => ({ markup: c.isNumber ? ' class="number"' : '' });
  const cell = (row: T, c: TableColumn<T>): Html =>
    html`<td role="cell"${kind(c)} data-label="${c.head}"><span>${c.cell(row)}</span></td>`;
  return html`<div class="scroll stack" tabindex="0" role="region" aria-label="${caption}"><table role="table"><caption>${caption}</caption><thead role="rowgroup"><tr role="row">${columns.map((c) => html`<th scope="col" role="columnheader"${kind(c)}>${c.head}</th>`)}</tr></thead><tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${columns.map((c) => cell(row, c))}</tr>`)}</tbody></table></div>`;
}

/** A table of few short columns: its cells wrap, so that it fits a phone as it is, a row a line. */
export function fittingTable<T>(
  rows: readonly T[],
  columns: readonly TableColumn<T>[],
  caption: string,
): Html {
  const kind = (c: TableColumn<T>): Html => ({ markup: c.isNumber ? ' class="number"' : '' });
  return html`<table class="fits"><caption>${caption}</caption><thead><tr>${columns.map((c) => html`<th scope="col"${kind(c)}>${c.head}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${columns.map((c) => html`<td${kind(c)}>${c.cell(row)}</td>`)}</tr>`)}</tbody></table>`;
}
