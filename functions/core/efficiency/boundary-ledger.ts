import type { Boundary } from '../telemetry/boundary.ts';
import type { RunManifest } from '../telemetry/manifest.ts';
import type { ReceiptScope } from '../telemetry/receipt.ts';

/** Whether a scope is one of the parts that add up to the system; a switch is counted beside them. */
export const isPart = (scope: Pick<ReceiptScope, 'kind'>): boolean => scope.kind !== 'switch';

export interface BoundaryChoice {
  /** The boundary at which the run's energy is taken: the declared one, or the only one there is. */
  readonly boundary: Boundary | null;
  /** Every boundary that a part was read at, after conversion. */
  readonly choices: readonly Boundary[];
}

export function systemBoundary(
  declared: Boundary | undefined,
  scopes: readonly Pick<ReceiptScope, 'kind' | 'boundary'>[],
): BoundaryChoice {
  const choices = [...new Set(scopes.filter(isPart).map((s) => s.boundary))].sort();
  if (declared) return { boundary: declared, choices };
  return { boundary: choices.length === 1 ? (choices[0] as Boundary) : null, choices };
}

const names = (scopes: readonly { readonly id: string }[]): string =>
  scopes.length > 3
    ? `${scopes.length} scopes (${scopes
        .slice(0, 3)
        .map((s) => s.id)
        .join(', ')}, …)`
    : scopes.map((s) => s.id).join(', ');

/** What would bring readings before the power supplies to the boundary behind them; empty where that is not the case. */
function unconverted(boundary: Boundary, scopes: readonly ReceiptScope[]): string[] {
  const before = scopes.filter((s) => isPart(s) && s.boundary === 'node-ac');
  if (boundary !== 'node-dc' || before.length === 0) return [];
  return [
    `${names(before)} ${before.length === 1 ? 'is' : 'are'} read at node-ac, energy is taken at node-dc, and nothing says what the power supplies lose ` +
      'between (4 to 6 % in published runs); expected conversionEfficiency and boundaryAfter "node-dc" for the files in run.json, or boundary "node-ac" for the run',
  ];
}

/** How many parts a system has at a boundary; null where that is not known. */
function expectedParts(boundary: Boundary, { nodes, chipsPerNode }: RunManifest['system']): number | null {
  if (boundary === 'chip') return chipsPerNode === undefined ? null : nodes * chipsPerNode;
  return boundary.startsWith('node') ? nodes : null;
}

/** What keeps a run's energy from being the energy of its system, and what to declare where that would help. */
export function disablingReasons(
  manifest: Pick<RunManifest, 'system'>,
  { boundary, choices }: BoundaryChoice,
  scopes: readonly ReceiptScope[],
): string[] {
  if (choices.length === 0) return ['no power reading in any file'];
  if (boundary === null)
    return [
      `files cover several boundaries (${choices.join(', ')}) and run.json does not say at which energy is taken`,
    ];
  const parts = scopes.filter((s) => isPart(s) && s.boundary === boundary);
  if (parts.length === 0)
    return [
      `no file covers the boundary ${boundary} that run.json names (there is ${choices.join(', ')})`,
      ...unconverted(boundary, scopes),
    ];
  const expected = expectedParts(boundary, manifest.system);
  if (expected === null || parts.length === expected) return [];
  if (parts.length > expected)
    return [
      `power was read for ${parts.length} ${boundary === 'chip' ? 'chips' : 'nodes'} (${names(parts)}) where run.json says ${expected}: files may name one and the same in two ways; expected scopes for the files in run.json that say which is which`,
    ];
  return [
    `power was read for ${parts.length} of ${expected} ${boundary === 'chip' ? 'chips' : 'nodes'}`,
    ...unconverted(boundary, scopes),
  ];
}

/** What a run's energy rests on that nobody measured: it caps the evidence. */
export function declaredReasons(
  manifest: Pick<RunManifest, 'boundaryBasis'>,
  scopes: readonly ReceiptScope[],
): string[] {
  const converted = scopes.filter((s) => s.efficiencyBasis === 'declared' && isPart(s));
  const factors = [...new Set(converted.map((s) => `${s.measuredBoundary} times ${s.conversionEfficiency}`))];
  return [
    ...(manifest.boundaryBasis === 'assumed' ? ['the boundary is assumed: no file states it'] : []),
    ...(factors.length > 0 ? [`power is ${factors.join(', ')}, a declared conversion efficiency`] : []),
  ];
}
