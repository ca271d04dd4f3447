import { chipsOf, type PilotChip } from './chips.ts';
import { commonNightLog } from './effects.ts';
import { planRun } from './plan-run.ts';
import { chipHoursOf, expectedRatios, realisedRatios, type SideRuns } from './ratios-truth.ts';
import { runTruth } from './run-truth.ts';
import { plannedRuns } from './schedule.ts';
import { type PilotSpec, ROLES, type Role } from './spec.ts';
import type { PilotTruth, RunTruth } from './truth-schema.ts';

const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Sample SD; null of fewer than two. */
function sdOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const middle = mean(values);
  return Math.sqrt(sum(values.map((v) => (v - middle) ** 2)) / (values.length - 1));
}

const effectLog = ({ lotLog, chipLog }: PilotChip): number => lotLog + chipLog;

/** Everything that is drawn of a pilot, without its files. */
interface Drawn {
  readonly runs: readonly RunTruth[];
  /** What each chip took for training alone, J, by run and chip. */
  readonly workJ: ReadonlyMap<string, number>;
  readonly ecc: ReadonlyMap<string, number>;
}

const keyOf = (run: string, chip: string): string => `${run} ${chip}`;

function draw(spec: PilotSpec): Drawn {
  const runs: RunTruth[] = [];
  const workJ = new Map<string, number>();
  const ecc = new Map<string, number>();
  for (const run of plannedRuns(spec)) {
    const plan = planRun(spec, run);
    runs.push(runTruth(spec, plan));
    const trainedS = sum(plan.training.stretches.map((s) => (s.stopMs - s.startMs) / 1000));
    for (const { chip, curve, eccMs } of plan.chips) {
      workJ.set(keyOf(run.name, chip.id), curve.busyW * trainedS);
      ecc.set(chip.id, (ecc.get(chip.id) ?? 0) + eccMs.length);
    }
  }
  return { runs, workJ, ecc };
}

function workloadsTruth(spec: PilotSpec, { runs, workJ }: Drawn): PilotTruth['workloads'] {
  return spec.workloads.map((workload) => {
    const of = (role: Role) => runs.filter((r) => r.role === role && r.workload === workload.name);
    const sides: SideRuns = { candidate: of('candidate'), baseline: of('baseline') };
    const realised = realisedRatios(spec, sides, (r, chip) => workJ.get(keyOf(r.run, chip)) as number);
    const { name, weight } = workload;
    return { name, weight, expected: expectedRatios(spec, workload, realised), realised };
  });
}

function chipsTruth(spec: PilotSpec, { runs, ecc }: Drawn): PilotTruth['chips'] {
  return ROLES.flatMap((role) => {
    const own = Map.groupBy(
      runs.filter((r) => r.role === role),
      (r) => r.workload,
    );
    return chipsOf(spec, role).map((chip) => ({
      id: chip.id,
      role,
      lot: chip.lot,
      bin: chip.bin,
      node: chip.node,
      slot: String(chip.slot),
      lotLog: chip.lotLog,
      chipLog: chip.chipLog,
      effectLog: effectLog(chip),
      meanEnergyPerUsefulTokenLog: Object.fromEntries(
        [...own].map(([workload, of]) => [
          workload,
          mean(
            of.map((r) => Math.log(((r.chipEnergyJ[chip.id] as number) * spec[role].chips) / r.usefulTokens)),
          ),
        ]),
      ),
      eccUncorrected: ecc.get(chip.id) ?? 0,
    }));
  });
}

function sideTruth(spec: PilotSpec, role: Role, { runs }: Drawn): PilotTruth['sides']['candidate'] {
  const own = runs.filter((r) => r.role === role);
  const total = (pick: (r: RunTruth) => number): number => sum(own.map(pick));
  return {
    chips: spec[role].chips,
    chipHours: chipHoursOf(own, spec[role].chips),
    restarts: total((r) => r.restarts),
    lostSteps: total((r) => r.lostSteps),
    eccUncorrected: total((r) => r.eccUncorrected),
    rejectedRows: total((r) => r.rejectedRows),
    chipSdLog: sdOf(chipsOf(spec, role).map(effectLog)),
  };
}

function mixTruth(workloads: PilotTruth['workloads']): PilotTruth['mix'] {
  const weights = sum(workloads.map((w) => w.weight));
  const mixed = (pick: (w: PilotTruth['workloads'][number]) => number): number =>
    Math.exp(sum(workloads.map((w) => w.weight * Math.log(pick(w)))) / weights);
  return {
    expectedEnergyPerToken: mixed((w) => w.expected.energyPerToken),
    realisedEnergyPerUsefulToken: mixed((w) => w.realised.energyPerUsefulToken),
  };
}

/** What a correct pipeline must find in the files of this pilot. */
export function pilotTruth(spec: PilotSpec): PilotTruth {
  const drawn = draw(spec);
  const workloads = workloadsTruth(spec, drawn);
  const sdsOf = ({ spread }: PilotSpec['candidate']) => ({
    lotLog: spread.lotSd,
    chipLog: spread.chipSd,
    chipNightLog: spread.nightSd,
  });
  return {
    schema: 'wattline/pilot-truth@1',
    program: spec.program,
    seed: spec.seed,
    nights: spec.nights,
    simulated: true,
    sds: {
      commonNightLog: spec.commonNightSd,
      stepTimeLog: spec.stepTimeSd,
      candidate: sdsOf(spec.candidate),
      baseline: sdsOf(spec.baseline),
    },
    baselineDriftPerDay: spec.baselineDriftPerDay,
    commonNightLog: Array.from({ length: spec.nights }, (_, night) => commonNightLog(spec, night)),
    mix: mixTruth(workloads),
    workloads,
    sides: { candidate: sideTruth(spec, 'candidate', drawn), baseline: sideTruth(spec, 'baseline', drawn) },
    rejectedRows: sum(drawn.runs.map((r) => r.rejectedRows)),
    chips: chipsTruth(spec, drawn),
    runs: [...drawn.runs],
  };
}
