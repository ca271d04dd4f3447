import { beforeAll, describe, expect, test } from 'vitest';
import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { rebuildCommand } from '../../functions/core/report/decision-lineage.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { programReportPrefix } from '../../functions/platform/layout.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { specOf } from '../cli/simulated.ts';
import { quietPipeline } from '../ingested.ts';

const spec = specOf({ nights: 3 });
const files = [...pilotFiles(spec)];
/** Dates of the nights: a file's own number counts them from the first. */
const nights = [...new Set(files.flatMap((f) => f.night ?? []))].sort((a, b) => a - b);
const dateOf = (night: number): string =>
  new Date(Date.parse(`${spec.firstNight}T00:00:00Z`) + night * 86_400_000).toISOString().slice(0, 10);
const { program } = spec;

type Files = Record<string, string>;

async function reportOf(reports: ObjectStore, night: string): Promise<Files> {
  const found: Files = {};
  for await (const { key } of reports.list(programReportPrefix(program, night)))
    found[key] = Buffer.from(await collect((await reports.get(key)).body)).toString('utf8');
  return found;
}

/** The store after each night, decided as `wattline decide` does. */
async function pilotOf(upTo: number) {
  const pipeline = quietPipeline();
  for (const night of [null, ...nights.slice(0, upTo)]) {
    for (const { key, body } of files.filter((f) => f.night === night))
      await pipeline.stores.landing.put(key, body);
    await pipeline.drain();
    if (night !== null) await pipeline.night(`${dateOf(night)}T00:00:00Z`, program);
  }
  return pipeline;
}

describe('a report is made again', () => {
  const [first, second] = nights.map(dateOf) as [string, string, string];
  let early: Files;
  let pipeline: Awaited<ReturnType<typeof pilotOf>>;
  beforeAll(async () => {
    early = await reportOf((await pilotOf(2)).stores.reports, second);
    pipeline = await pilotOf(3);
  });
  test('with page, message, facts and units, and the command that does it', () => {
    const names = Object.keys(early).map((key) => key.split('/').at(-1));
    for (const name of ['report.html', 'report.md', 'summary.md', 'report.json', 'units.csv'])
      expect(names).toContain(name);
    const page = early[`${programReportPrefix(program, second)}report.html`] as string;
    expect(page).toContain(`wattline decide &lt;store&gt; --program ${program} --night ${second}`);
    expect(rebuildCommand({ program, date: second })).toBe(
      `wattline decide <store> --program ${program} --night ${second}`,
    );
  });
  test('byte for byte after later nights have come, and after it was lost', async () => {
    const { reports } = pipeline.stores;
    expect(await reportOf(reports, second)).toEqual(early);
    for (const key of Object.keys(early)) await reports.put(key, Buffer.from('lost'));
    await pipeline.night(`${second}T00:00:00Z`, program);
    expect(await reportOf(reports, second)).toEqual(early);
  });
  test('from its files alone, in a new store', async () => {
    const alone = quietPipeline();
    for (const { key, body } of files) await alone.stores.landing.put(key, body);
    await alone.drain();
    await alone.night(`${first}T00:00:00Z`, program);
    expect(await reportOf(alone.stores.reports, first)).toEqual(
      await reportOf(pipeline.stores.reports, first),
    );
  });
});
