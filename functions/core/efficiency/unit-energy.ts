import type { RunManifest } from '../telemetry/manifest.ts';
import { declaredReasons } from './boundary-ledger.ts';
import { energyBy, methodOf, sumEnergy } from './energy.ts';
import { counterCoverage, type ScopeInput } from './evaluate-scope.ts';
import type { EnergyMethod, EvidenceGrade, UnitEvaluation } from './evaluation.ts';
import { gradeEvidence, worstGrade } from './evidence.ts';
import type { ScopeFacts } from './run-findings.ts';

/** A scope of the run as it was folded, and what that comes to. */
export interface UnitScope {
  readonly input: ScopeInput;
  readonly facts: ScopeFacts;
}

/** The energy of one unit, and how well it is known. */
export type UnitEnergy = Pick<
  UnitEvaluation,
  'energyJ' | 'energyMethod' | 'coverageRatio' | 'maxGapInRunS' | 'evidence' | 'evidenceReasons'
>;

/** The run's method; of units that the run has none for, the one that each of them has, or some of them. */
export function unitMethod(
  scopes: readonly UnitScope[],
  runMethod: EnergyMethod | null,
): EnergyMethod | null {
  const energies = scopes.map((s) => s.facts.scope.energy);
  const has = (method: EnergyMethod): boolean => energies.some((e) => energyBy(method, e) !== null);
  if (runMethod !== null && has(runMethod)) return runMethod;
  const common = methodOf(sumEnergy(energies));
  if (common !== null) return common;
  return has('clipped-trapezoid') ? 'clipped-trapezoid' : has('counter') ? 'counter' : null;
}

/** Energy of one scope by a method, graded as that of a run is. */
export function scopeEnergy(
  { input, facts }: UnitScope,
  method: EnergyMethod | null,
  manifest: Pick<RunManifest, 'boundaryBasis'>,
): UnitEnergy {
  const { scope, counter } = facts;
  const energyJ = scope.isEstimate ? null : energyBy(method, scope.energy);
  if (energyJ === null) return { ...NO_ENERGY_READ, maxGapInRunS: scope.maxGapInRunS };
  const isCounted = method === 'counter';
  const coverageRatio = isCounted && counter ? counterCoverage(counter) : scope.coverageRatio;
  const { grade, reasons } = gradeEvidence({
    coverageRatio,
    maxGapInRunS: isCounted ? null : scope.maxGapInRunS,
    isBracketed: isCounted ? counter?.isBracketed === true : input.folded.isBracketed,
    declared: declaredReasons(manifest, [input.facts]),
    disabling: [],
  });
  return {
    energyJ,
    energyMethod: method,
    coverageRatio,
    maxGapInRunS: scope.maxGapInRunS,
    evidence: grade,
    evidenceReasons: [...reasons],
  };
}

const NO_ENERGY_READ: UnitEnergy = {
  energyJ: null,
  energyMethod: null,
  coverageRatio: null,
  maxGapInRunS: null,
  evidence: 'D',
  evidenceReasons: ['no energy was read of it within the run'],
};

/** Energies of the chips of a node, added up: as good as the worst of them, and none where one is missing. */
export function sumUnitEnergy(parts: readonly UnitEnergy[], expected: number | null): UnitEnergy {
  const read = parts.filter((p) => p.energyJ !== null);
  const wanted = expected ?? parts.length;
  if (read.length === 0) return NO_ENERGY_READ;
  if (read.length !== wanted || read.length !== parts.length) {
    const reason = `energy was read of ${read.length} of its ${wanted} chips`;
    return { ...NO_ENERGY_READ, evidenceReasons: [reason] };
  }
  const grades = parts.map((p): EvidenceGrade => p.evidence);
  const worst = worstGrade(grades);
  const gaps = parts.flatMap((p) => (p.maxGapInRunS === null ? [] : [p.maxGapInRunS]));
  const coverages = parts.flatMap((p) => (p.coverageRatio === null ? [] : [p.coverageRatio]));
  return {
    energyJ: parts.reduce((sum, p) => sum + (p.energyJ as number), 0),
    energyMethod: (parts[0] as UnitEnergy).energyMethod,
    coverageRatio: coverages.length === parts.length ? Math.min(...coverages) : null,
    maxGapInRunS: gaps.length === 0 ? null : Math.max(...gaps),
    evidence: worst,
    evidenceReasons: [
      ...new Set(parts.filter((p) => p.evidence === worst).flatMap((p) => p.evidenceReasons)),
    ],
  };
}
