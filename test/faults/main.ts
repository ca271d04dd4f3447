import { parseArgs } from 'node:util';
import type { Plan } from './simulation/choices.ts';
import { runMany } from './simulation/many.ts';
import { MUTATIONS } from './simulation/mutation.ts';
import { makeReference } from './simulation/reference.ts';
import { runSchedule } from './simulation/schedule.ts';
import { shrink } from './simulation/shrink.ts';

const HELP = `npm run simulate:faults -- [options]

Runs the deployed system in a world that crashes, repeats, delays, loses and reorders, and compares what it leaves with
what a quiet run leaves (docs/reliability.md).

  --schedules N   how many (1000)
  --seed S        seed of the first; the next ones count up (1)
  --replay PLAN   one schedule again, with all that happens in it: a seed, or a plan as a failure prints it
  --mutation ID   with this rule of the product broken
  --help          this text
`;
const MOST_SHRUNK = 2;
const TOLD_EACH = 500;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
    mutation: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A whole number from `least` on, or the end of the program. */
function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  say(`--${name} ${text}: expected a whole number of ${least} or more`);
  return process.exit(2);
}

function planOf(text: string): Plan {
  if (/^\d+$/.test(text)) return { seed: Number(text) };
  try {
    const { seed, only, uploads } = JSON.parse(text) as Plan;
    if (Number.isSafeInteger(seed))
      return { seed, ...(only ? { only } : {}), ...(uploads ? { uploads } : {}) };
  } catch {
    // Said below.
  }
  say(`--replay ${text}: expected a seed, or a plan as a failure prints it`);
  return process.exit(2);
}

async function replay(plan: Plan): Promise<number> {
  const { failures, trace } = await runSchedule(plan, makeReference(), mutation, true);
  for (const line of trace) say(line);
  say(failures.length === 0 ? 'everything was as promised' : failures.join('\n'));
  return failures.length === 0 ? 0 : 1;
}

async function many(seed: number, schedules: number): Promise<number> {
  const failed: number[] = [];
  const beganMs = performance.now();
  let done = 0;
  let departures = 0;
  await runMany({ seed, schedules, mutation: mutation?.id ?? null }, (report) => {
    done += 1;
    departures += report.departures;
    if (report.failures.length > 0) {
      failed.push(report.seed);
      say(`schedule ${report.seed}:\n  ${report.failures.join('\n  ')}`);
    }
    if (done % TOLD_EACH === 0) say(`${done} schedules, ${failed.length} failed`);
    return false;
  });
  const seconds = (performance.now() - beganMs) / 1000;
  say(
    `${done} schedules with ${departures} departures from quiet in ${seconds.toFixed(0)} s, ${failed.length} failed`,
  );
  for (const each of failed.sort((a, b) => a - b).slice(0, MOST_SHRUNK)) {
    const { plan, failures, steps } = await shrink({ seed: each }, makeReference(), mutation);
    say(
      `\nschedule ${each}, with as little as breaks it:\n  ${steps.join('\n  ')}\nwhich leads to\n  ${failures.join('\n  ')}`,
    );
    say(
      `npm run simulate:faults -- --replay '${JSON.stringify(plan)}'${mutation ? ` --mutation ${mutation.id}` : ''}`,
    );
  }
  return failed.length === 0 ? 0 : 1;
}

if (values.help) {
  say(HELP);
  process.exit(0);
}
const mutation = MUTATIONS.find(({ id }) => id === values.mutation) ?? null;
if (values.mutation !== undefined && !mutation) {
  say(`--mutation ${values.mutation}: expected one of ${MUTATIONS.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
process.exit(
  values.replay === undefined
    ? await many(whole('seed', values.seed, 0), whole('schedules', values.schedules, 1))
    : await replay(planOf(values.replay)),
);
