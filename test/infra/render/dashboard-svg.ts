import { type Html, html } from '../../../functions/core/report/html.ts';
import type { Widget } from '../synthesised.ts';
import { type Box, brief, chart, colorOf } from './chart.ts';
import type { MetricStore } from './metric-store.ts';
import { type Series, seriesOf } from './widget-series.ts';

/** What stands behind a dashboard that is drawn. */
export interface Simulated {
  readonly store: MetricStore;
  /** Of an alarm, by its ARN as the template has it. */
  readonly nameOf: (arn: string) => string;
}

/** A dashboard is 24 columns wide. */
const COLUMNS = 24;
const CELL = { width: 60, height: 46 } as const;
const GAP = 4;
const LINE = 19;

const STYLE = `text{font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#16202b}.title{font-weight:600;font-size:13px}.soft{fill:#5b6875}.small{font-size:11px}.halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}.big{font-size:30px;font-weight:600}.head{font-size:19px;font-weight:700}`;

const px = (value: number): string => String(Math.round(value * 10) / 10);

/** Markdown as far as the texts use it: a heading, bold words and links, of which the words are left. */
function text({ properties }: Widget, box: Box): Html {
  const room = Math.floor((box.width - 32) / 6.1);
  const lines = (properties.markdown ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const isHead = line.startsWith('# ');
      const plain = line
        .replace(/^# /, '')
        .replaceAll('**', '')
        .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1 ↗');
      return wrapped(plain, room).map((part) => ({ part, isHead }));
    });
  return html`${lines.map(({ part, isHead }, i) => html`<text class="${isHead ? 'head' : ''}" x="${px(box.x + 16)}" y="${px(box.y + 28 + i * LINE)}">${part}</text>`)}`;
}

function wrapped(line: string, room: number): string[] {
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.at(-1) as string;
    if (last && last.length + word.length + 1 > room) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

/** Alarms by their names, all quiet. */
function alarms({ properties }: Widget, box: Box, nameOf: (arn: string) => string): Html {
  const names = (properties.alarms ?? []).map(nameOf);
  const columns = 4;
  const width = (box.width - 28) / columns;
  const step = Math.min(31, (box.height - 44) / Math.ceil(names.length / columns));
  return html`${names.map((name, i) => {
    const x = box.x + 14 + (i % columns) * width;
    const y = box.y + 38 + Math.floor(i / columns) * step;
    return html`<rect x="${px(x)}" y="${px(y)}" width="${px(width - 6)}" height="${px(step - 4)}" rx="3" fill="#eaf6ee" stroke="#2e7d4f"/><text class="small" x="${px(x + 7)}" y="${px(y + step / 2 + 2)}">✓ ${name}</text>`;
  })}`;
}

/** The last value of each series. */
function values(series: readonly Series[], box: Box): Html {
  const step = (box.height - 44) / Math.max(series.length, 1);
  return html`${series.map(({ label, points }, i) => {
    const y = box.y + 44 + step * i + step / 2;
    const value = points.at(-1)?.value;
    return html`<text class="big" x="${px(box.x + 20)}" y="${px(y + 8)}" style="fill:${colorOf(i)}">${value === undefined ? '–' : brief(value)}</text><text x="${px(box.x + 120)}" y="${px(y + 4)}">${label}</text>`;
  })}`;
}

function content(widget: Widget, { store, nameOf }: Simulated, box: Box): Html {
  if (widget.type === 'text') return text(widget, box);
  if (widget.type === 'alarm') return alarms(widget, box, nameOf);
  const series = seriesOf(widget, store);
  return widget.properties.view === 'singleValue'
    ? values(series, box)
    : chart(widget, series, box, store.times);
}

/** A dashboard as a picture: every widget in its place, with what the store has of its metrics. */
export function dashboardSvg(title: string, widgets: readonly Widget[], simulated: Simulated): string {
  const width = COLUMNS * CELL.width;
  const height = Math.max(...widgets.map((w) => w.y + w.height)) * CELL.height;
  const drawn = widgets.map((widget) => {
    const box = {
      x: widget.x * CELL.width + GAP,
      y: widget.y * CELL.height + GAP,
      width: widget.width * CELL.width - 2 * GAP,
      height: widget.height * CELL.height - 2 * GAP,
    };
    const name = widget.properties.title ?? '';
    return html`<g class="widget" data-title="${name}"><rect x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" rx="6" fill="#fff" stroke="#d5dce3"/><text class="title" x="${px(box.x + 14)}" y="${px(box.y + 22)}">${name}</text>${content(widget, simulated, box)}</g>\n`;
  });
  const style: Html = { markup: STYLE };
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title><style>${style}</style><rect width="${width}" height="${height}" fill="#f3f6f9"/>\n${drawn}</svg>\n`
    .markup;
}
