import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { Random } from './random.ts';
import type { PilotSpec, Role } from './spec.ts';

/** One chip of the pilot, with what it truly is. */
export interface PilotChip {
  readonly id: string;
  readonly lot: string;
  readonly bin: string;
  readonly node: string;
  /** Place in its node. */
  readonly slot: number;
  /** UUID of a GPU; what its own tools call it. */
  readonly uuid: string;
  /** Effects on the log of its energy per token, the same in every run. */
  readonly lotLog: number;
  readonly chipLog: number;
}

const LETTER: Readonly<Record<Role, string>> = { candidate: 'C', baseline: 'G' };

function uuidOf({ seed }: PilotSpec, id: string): string {
  const random = new Random(seed, 'uuid', id);
  return `GPU-${[8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-')}`;
}

/**
 * The chips of one side. Lots are dealt out in turn, so that every node holds several. A bin is what a foundry's
 * test would make of the chip: equal parts of the distribution of its own effect, 0 with the least energy.
 */
export function chipsOf(spec: PilotSpec, role: Role): PilotChip[] {
  const side = spec[role];
  const digits = Math.max(3, String(side.chips).length);
  return Array.from({ length: side.chips }, (_, i) => {
    const id = `${role === 'candidate' ? 'chip' : 'gpu'}-${String(i).padStart(digits, '0')}`;
    const lot = `${LETTER[role]}${(i % side.lots) + 1}`;
    const z = new Random(spec.seed, 'chip', role, i).normal();
    return {
      id,
      lot,
      bin: String(Math.min(side.bins - 1, Math.floor(normalCdf(z, 0, 1) * side.bins))),
      node: `${role === 'candidate' ? 'chip' : 'gpu'}-node-${Math.floor(i / spec.chipsPerNode)}`,
      slot: i % spec.chipsPerNode,
      uuid: uuidOf(spec, id),
      lotLog: side.spread.lotSd * new Random(spec.seed, 'lot', role, lot).normal(),
      chipLog: side.spread.chipSd * z,
    };
  });
}
