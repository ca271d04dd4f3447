import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import example from '../../data/examples/ramp.json' with { type: 'json' };
import { RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { renderDecisionHtml } from '../../functions/core/report/decision-html.ts';
import { pilotModel } from '../report/decision-models.ts';
import { ROOT } from './document.ts';

const text = readFileSync(join(ROOT, 'docs/reading.md'), 'utf8');
/** The first screen is explained before the sections. */
const OPENING = ['Why', 'What would change it'];

describe('docs/reading.md', () => {
  test('names every section of a report, in the order of the page', () => {
    const plan = RampPlanSchema.parse(example);
    const page = renderDecisionHtml(pilotModel({ lots: 4, lotSd: 0.01 }, { plan }));
    const sections = [...page.matchAll(/<h2[^>]*>([^<:]*)/g)]
      .map(([, title]) => (title as string).trim())
      .filter((title) => !OPENING.includes(title));
    expect(sections.length).toBeGreaterThan(10);
    const named = [...text.matchAll(/^- \*\*(.+?)\.\*\*/gm)].map(([, title]) => title as string);
    expect(named.filter((title) => sections.includes(title))).toEqual(sections);
  });

  test('explains every word that it sets in italics', () => {
    const words = [...text.matchAll(/(?<![\w*])_([^_]+)_(?![\w*])/g)].map(([, word]) => word as string);
    const table = text.slice(text.indexOf('## Words')).toLowerCase();
    const verdicts = text
      .slice(text.indexOf('## The three verdicts'), text.indexOf('## The page'))
      .toLowerCase();
    expect(words.length).toBeGreaterThan(8);
    const said = (word: string): boolean =>
      word.split(' ').some((part) => `${table}${verdicts}`.includes(part.toLowerCase().replace(/s$/, '')));
    expect(words.filter((word) => word !== 'italics' && !said(word))).toEqual([]);
  });
});
