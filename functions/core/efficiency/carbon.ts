import type { Boundary } from '../telemetry/boundary.ts';
import type { Site } from '../telemetry/manifest.ts';
import type { Carbon } from './run-figures.ts';

const JOULES_PER_KWH = 3.6e6;
const MILLION = 1e6;

export interface CarbonUse {
  /** Of the run at `boundary`; null where it is not known well enough to be printed. */
  readonly energyJ: number | null;
  readonly boundary: Boundary | null;
  readonly usefulTokens: number | null;
}

/** What the energy was multiplied by, in words. */
function basisOf(boundary: Boundary, pue: number | undefined): { pue: number | null; basis: string } {
  const energy = `energy at ${boundary}`;
  if (boundary === 'facility') return { pue: null, basis: `${energy}, which holds cooling and losses` };
  if (pue === undefined)
    return {
      pue: null,
      basis: `${energy} alone: run.json declares no PUE, so cooling and losses are not in it`,
    };
  return { pue, basis: `${energy} times PUE ${pue}` };
}

/**
 * Greenhouse gas of a run, in grams of CO2 equivalent: E / 3.6 MJ * PUE * intensity. Null where run.json declares
 * no intensity: none is ever assumed. The PUE counts from the IT equipment on, and not at the facility boundary.
 */
export function carbonOf(
  site: Site | undefined,
  { energyJ, boundary, usefulTokens }: CarbonUse,
): Carbon | null {
  const intensity = site?.carbonIntensityGPerKwh;
  if (intensity === undefined || energyJ === null || boundary === null) return null;
  const { pue, basis } = basisOf(boundary, site?.pue);
  const grams = (energyJ / JOULES_PER_KWH) * (pue ?? 1) * intensity;
  return {
    gramsCo2e: grams,
    perMillionUsefulTokensG: usefulTokens ? (grams / usefulTokens) * MILLION : null,
    intensityGPerKwh: intensity,
    pue,
    basis,
    source: site?.carbonSource ?? null,
  };
}
