import type { RunManifest } from '../telemetry/manifest.ts';
import type { EnergyMethod, Evaluation, Health, UnitEvaluation, UnitWork } from './evaluation.ts';
import { runHealth } from './health.ts';
import { scopeEnergy, sumUnitEnergy, type UnitEnergy, type UnitScope, unitMethod } from './unit-energy.ts';
import { countedUnits, countedWork, type RunWork, sharedWork, sumWork } from './unit-work.ts';
import { ratesOf, type Yardstick } from './yardstick.ts';

export interface UnitsInput {
  readonly manifest: RunManifest;
  readonly startMs: number;
  readonly stopMs: number;
  readonly scopes: readonly UnitScope[];
  readonly energyMethod: EnergyMethod | null;
  readonly work: RunWork;
  readonly yardstick: Yardstick;
}

type Chip = NonNullable<RunManifest['chips']>[number];
type Identity = Pick<
  UnitEvaluation,
  'kind' | 'id' | 'node' | 'slot' | 'lot' | 'bin' | 'stepping' | 'firmware'
>;

const chipIdentity = (id: string, chip: Chip | undefined): Identity => ({
  kind: 'chip',
  id,
  node: chip?.node ?? null,
  slot: chip?.slot ?? null,
  lot: chip?.lot ?? null,
  bin: chip?.bin ?? null,
  stepping: chip?.stepping ?? null,
  firmware: chip?.firmware ?? null,
});

/** What all chips of a node have in common; null where they differ or one does not say. */
function common(chips: readonly Identity[], key: 'lot' | 'bin' | 'stepping' | 'firmware'): string | null {
  const values = new Set(chips.map((c) => c[key]));
  return values.size === 1 ? ([...values][0] ?? null) : null;
}

const nodeIdentity = (id: string, chips: readonly Identity[]): Identity => ({
  kind: 'node',
  id,
  node: id,
  slot: null,
  lot: common(chips, 'lot'),
  bin: common(chips, 'bin'),
  stepping: common(chips, 'stepping'),
  firmware: common(chips, 'firmware'),
});

interface UnitParts {
  readonly identity: Identity;
  readonly chips: number | null;
  readonly boundary: UnitEvaluation['boundary'];
  readonly energy: UnitEnergy;
  readonly work: UnitWork;
  readonly health: Health | null;
}

const NO_HEALTH = {
  throttledRatio: { power: null, thermal: null, other: null },
  temperatureC: null,
  maxTemperatureC: null,
  eccCorrected: null,
  eccUncorrected: null,
  faults: null,
};

function healthFields(
  health: Health | null,
): typeof NO_HEALTH | Pick<UnitEvaluation, keyof typeof NO_HEALTH> {
  if (!health) return NO_HEALTH;
  const { throttledRatio, temperatureC, maxTemperatureC, eccCorrected, eccUncorrected, faults } = health;
  return { throttledRatio, temperatureC, maxTemperatureC, eccCorrected, eccUncorrected, faults };
}

function unitOf(
  { identity, chips, boundary, energy, work, health }: UnitParts,
  input: UnitsInput,
): UnitEvaluation {
  const runS = (input.stopMs - input.startMs) / 1000;
  const perWork = (amount: number | null): number | null =>
    energy.evidence === 'D' || energy.energyJ === null || !amount ? null : energy.energyJ / amount;
  const useful = work.usefulTokens;
  const rates = ratesOf(useful, runS, chips, input.yardstick);
  return {
    ...identity,
    chips,
    boundary,
    ...energy,
    meanPowerW: energy.energyJ === null ? null : energy.energyJ / runS,
    work,
    energyPerTokenJ: perWork(work.tokens),
    energyPerUsefulTokenJ: perWork(useful),
    energyPerSampleJ: perWork(work.samples),
    tokensPerSecond: useful === null || chips === null ? null : useful / runS / chips,
    timePerUsefulTokenS: !useful || chips === null ? null : (runS * chips) / useful,
    tflops: rates.tflopsPerChip,
    mfuRatio: rates.mfuRatio,
    ...healthFields(health),
  };
}

/** A scope and the work that it counted itself; null where it counted none that could be used. */
interface Counted {
  readonly scope: UnitScope;
  readonly counted: UnitWork | null;
}

function countedOf(scope: UnitScope, input: UnitsInput): Counted {
  const amount = countedUnits(scope.input, input);
  const counted =
    typeof amount === 'number' ? countedWork(amount, input.manifest.workUnit, input.work) : null;
  return { scope, counted };
}

interface ChipUnit {
  readonly unit: UnitEvaluation;
  readonly energy: UnitEnergy;
  readonly scope: UnitScope;
}

function chipUnits(input: UnitsInput, listed: ReadonlyMap<string, Chip>): ChipUnit[] {
  const scopes = input.scopes.filter((s) => s.facts.scope.kind === 'chip');
  const method = unitMethod(scopes, input.energyMethod);
  return scopes.map((scope) => {
    const { id, boundary, health } = scope.facts.scope;
    const energy = scopeEnergy(scope, method, input.manifest);
    const { counted } = countedOf(scope, input);
    const unit = unitOf(
      {
        identity: chipIdentity(id, listed.get(id)),
        chips: 1,
        boundary,
        energy,
        work: counted ?? sharedWork(input.work, 1, input.work.chips),
        health: health ?? null,
      },
      input,
    );
    return { unit, energy, scope };
  });
}

/** Ids of the chips that run.json puts into each node. */
function chipsByNode(listed: ReadonlyMap<string, Chip>): ReadonlyMap<string, readonly string[]> {
  const byNode = new Map<string, string[]>();
  for (const { id, node } of listed.values())
    if (node !== undefined) byNode.set(node, [...(byNode.get(node) ?? []), id]);
  return byNode;
}

/** The work of a node: by its own counter, by those of its chips, or a share of the run's. */
function nodeWork(
  own: UnitWork | null,
  chips: readonly ChipUnit[],
  count: number | null,
  input: UnitsInput,
): UnitWork {
  const isWhole = count !== null && chips.length === count;
  const summed = isWhole ? sumWork(chips.map((c) => c.unit.work)) : null;
  const { work, manifest } = input;
  const shared =
    count === null || work.chips === null
      ? sharedWork(work, 1, manifest.system.nodes)
      : sharedWork(work, count, work.chips);
  return own ?? summed ?? shared;
}

function readNodes(
  input: UnitsInput,
  chipsOfNode: (node: string) => ChipUnit[],
  countOf: CountOf,
): UnitEvaluation[] {
  const scopes = input.scopes.filter((s) => s.facts.scope.kind === 'node');
  const method = unitMethod(scopes, input.energyMethod);
  return scopes.map((scope) => {
    const { id, boundary } = scope.facts.scope;
    const chips = chipsOfNode(id);
    const count = countOf(id);
    return unitOf(
      {
        identity: nodeIdentity(
          id,
          chips.map((c) => c.unit),
        ),
        chips: count,
        boundary,
        energy: scopeEnergy(scope, method, input.manifest),
        work: nodeWork(countedOf(scope, input).counted, chips, count, input),
        health: runHealth([scope.facts.scope, ...chips.map((c) => c.scope.facts.scope)]),
      },
      input,
    );
  });
}

/** Nodes that were not read themselves: what their chips come to, where each was read at one boundary. */
function summedNodes(
  nodes: Iterable<string>,
  input: UnitsInput,
  chipsOfNode: (node: string) => ChipUnit[],
  countOf: CountOf,
): UnitEvaluation[] {
  return [...nodes].sort().flatMap((node): UnitEvaluation[] => {
    const chips = chipsOfNode(node);
    const boundaries = new Set(chips.map((c) => c.unit.boundary));
    const [boundary] = boundaries;
    if (boundary === undefined || boundaries.size > 1) return [];
    const count = countOf(node);
    return [
      unitOf(
        {
          identity: nodeIdentity(
            node,
            chips.map((c) => c.unit),
          ),
          chips: count,
          boundary,
          energy: sumUnitEnergy(
            chips.map((c) => c.energy),
            count,
          ),
          work: nodeWork(null, chips, count, input),
          health: runHealth(chips.map((c) => c.scope.facts.scope)),
        },
        input,
      ),
    ];
  });
}

type CountOf = (node: string) => number | null;

/**
 * Every chip and node of a run, each graded and counted by itself. Where no node was read, nodes are the sums of
 * their chips, as far as run.json's `chips` name their node.
 */
export function evaluateUnits(input: UnitsInput): UnitEvaluation[] {
  const { chips: declared = [], system } = input.manifest;
  const listed = new Map(declared.map((chip) => [chip.id, chip]));
  const byNode = chipsByNode(listed);
  const chips = chipUnits(input, listed);
  const byId = new Map(chips.map((c) => [c.unit.id, c]));
  const chipsOfNode = (node: string): ChipUnit[] =>
    (byNode.get(node) ?? []).flatMap((id) => byId.get(id) ?? []);
  const countOf: CountOf = (node) => byNode.get(node)?.length ?? system.chipsPerNode ?? null;
  const read = readNodes(input, chipsOfNode, countOf);
  const nodes = read.length > 0 ? read : summedNodes(byNode.keys(), input, chipsOfNode, countOf);
  return [...chips.map((c) => c.unit), ...nodes];
}

/** The finest unit of which each one has an energy per token at the run's boundary. */
export function unitOfAnalysis(
  units: readonly UnitEvaluation[],
  boundary: Evaluation['boundary'],
): Evaluation['unitOfAnalysis'] {
  const isComplete = (kind: UnitEvaluation['kind']): boolean => {
    const alike = units.filter((u) => u.kind === kind);
    return alike.length > 0 && alike.every((u) => u.energyPerTokenJ !== null && u.boundary === boundary);
  };
  return isComplete('chip') ? 'chip' : isComplete('node') ? 'node' : 'run';
}
