import ramp from '../data/examples/ramp.json' with { type: 'json' };
import { type PilotFile, pilotFiles } from './simulate/pilot-files.ts';
import { type PilotSpecInput, PilotSpecSchema } from './simulate/spec.ts';

export const DEMO_PROGRAM = 'simulated-pilot';
/** Day of the last night, by which it is decided. */
export const DEMO_NIGHT = '2026-01-30';

/**
 * Three weeks of a pilot that is worth ramping: an invented chip that takes about a seventh less energy at nearly the
 * same speed. No relation to any product.
 */
const DEMO: PilotSpecInput = {
  seed: 20_260_124,
  program: DEMO_PROGRAM,
  firstNight: '2026-01-10',
  nights: 21,
  candidate: { chips: 16, lots: 4, throttling: { powerShare: 0.02 } },
  baseline: { chips: 16, throttling: { powerShare: 0.05 } },
  workloads: [
    { name: 'llm-8b-pretrain', secondsPerRun: 60, energyRatio: 0.85, timeRatio: 0.97, loss: { ratio: 1 } },
  ],
  ramp,
};

/** Every object of the pilot, or of its first nights; the same bytes each time. */
export const demoFiles = (nights = DEMO.nights): Iterable<PilotFile> =>
  pilotFiles(PilotSpecSchema.parse({ ...DEMO, nights }));
