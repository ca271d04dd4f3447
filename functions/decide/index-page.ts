import { DecisionSchema } from '../core/decision/decision.ts';
import { TransientError } from '../core/errors.ts';
import { renderIndexHtml } from '../core/report/index-html.ts';
import { renderProgramPages } from '../core/report/index-program.ts';
import {
  type NightSummary,
  NightSummarySchema,
  nightSummary,
  type RunRow,
} from '../core/report/index-rows.ts';
import { mapAtOnce } from '../platform/at-once.ts';
import { collect } from '../platform/bytes.ts';
import { readJson } from '../platform/landing.ts';
import { readLatest } from '../platform/latest.ts';
import { decisionPrefix, LATEST, programPagesPrefix, programReportPrefix } from '../platform/layout.ts';
import { ObjectMissingError, type ObjectStore, PreconditionFailedError } from '../platform/object-store.ts';

/**
 * Index pages are derived from what lies in the buckets, never from the page before, and replace it only where it still
 * is the page that was there before anything was listed. So whoever lists before another's result is there cannot
 * overwrite the page that has it: no entry is lost, whoever writes at once; and what a crash left out, the next night
 * brings in.
 */
interface Stores {
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
}

/** The program's folder in the reports, as it was listed. */
export interface Shelf {
  readonly etags: ReadonlyMap<string, string>;
  /** Nights that have a report. */
  readonly dates: readonly string[];
}

/** What a program's pages show. */
export interface ProgramState {
  /** Listed before the runs were. */
  readonly shelf: Shelf;
  readonly runs: readonly RunRow[];
}

export const TOP_INDEX = 'index.html';
/** Each time that a page is found changed, somebody else has written it: as many as decide at once, at most. */
const ATTEMPTS = 40;
const HTML = 'text/html; charset=utf-8';

export const summaryKey = (program: string, date: string): string =>
  `${programReportPrefix(program, date)}night.json`;

export async function readShelf(reports: ObjectStore, program: string): Promise<Shelf> {
  const etags = new Map<string, string>();
  const dates: string[] = [];
  const prefix = programPagesPrefix(program);
  for await (const { key, etag } of reports.list(prefix)) {
    const [, date] = /^(\d{4}-\d{2}-\d{2})\/report\.json$/.exec(key.slice(prefix.length)) ?? [];
    if (date) dates.push(date);
    else if (!key.slice(prefix.length).includes('/')) etags.set(key, etag);
  }
  return { etags, dates };
}

/** Writes the pages of one program; `again` reads its state anew where somebody else has written them meanwhile. */
export async function writeProgramPages(
  reports: ObjectStore,
  { program, date }: { readonly program: string; readonly date: string },
  first: ProgramState,
  again: () => Promise<ProgramState>,
): Promise<void> {
  let state = first;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { shelf, runs } = state;
    const dates = [...new Set([...shelf.dates, date])];
    const found = await mapAtOnce(dates, (d) => summaryOf(reports, program, d));
    const pages = renderProgramPages({ program, nights: found.filter((n) => n !== null), runs });
    const written = await mapAtOnce(pages, ({ name, html }) => {
      const key = `${programPagesPrefix(program)}${name}`;
      return replace(reports, key, Buffer.from(html), shelf.etags.get(key) ?? null);
    });
    if (written.every((isWritten) => isWritten)) return;
    state = await again();
  }
  throw contended(programPagesPrefix(program));
}

/** Writes the page that leads to all programs. */
export async function writeTopIndex({ lake, reports }: Stores): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const before = await reports.head(TOP_INDEX);
    const bytes = Buffer.from(renderIndexHtml(await newestNights({ lake, reports })));
    if (await replace(reports, TOP_INDEX, bytes, before?.etag ?? null)) return;
  }
  throw contended(TOP_INDEX);
}

const contended = (key: string): TransientError =>
  new TransientError('index-contended', `${key}: others wrote it ${ATTEMPTS} times while it was derived`);

async function newestNights({ lake, reports }: Stores): Promise<NightSummary[]> {
  const programs: string[] = [];
  for await (const { key } of lake.list('decisions/')) {
    const [, program] = POINTER.exec(key) ?? [];
    if (program) programs.push(program);
  }
  const found = await mapAtOnce(programs.sort(), async (program) => {
    const latest = await readLatest(lake, decisionPrefix(program));
    const [, date] = /\/date=([^/]+)\//.exec(latest?.key ?? '') ?? [];
    return date ? summaryOf(reports, program, date) : null;
  });
  return found.filter((n) => n !== null);
}

const POINTER = new RegExp(`^decisions/program=([^/]+)/${LATEST.replace('.', '\\.')}$`);

/** Of a night that was decided before there were summaries, from its report. */
async function summaryOf(reports: ObjectStore, program: string, date: string): Promise<NightSummary | null> {
  const summary = await readJson(reports, summaryKey(program, date), NightSummarySchema);
  if (summary) return summary;
  const key = `${programReportPrefix(program, date)}report.json`;
  const decision = await readJson(reports, key, DecisionSchema);
  return decision && nightSummary(decision);
}

/** True where the page now holds these bytes; false where it is no longer the one of `etag` (null: none). */
async function replace(
  reports: ObjectStore,
  key: string,
  bytes: Uint8Array,
  etag: string | null,
): Promise<boolean> {
  if (etag !== null && (await holds(reports, key, bytes))) return true;
  const condition = etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: etag };
  try {
    await reports.put(key, bytes, { ...condition, contentType: HTML });
    return true;
  } catch (error) {
    if (error instanceof PreconditionFailedError) return false;
    throw error;
  }
}

async function holds(reports: ObjectStore, key: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return Buffer.compare(await collect((await reports.get(key)).body), bytes) === 0;
  } catch (error) {
    if (error instanceof ObjectMissingError) return false;
    throw error;
  }
}
