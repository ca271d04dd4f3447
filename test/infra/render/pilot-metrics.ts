import { memoryStores, Pipeline } from '../../../cli/pipeline.ts';
import { pilotFiles } from '../../../cli/simulate/pilot-files.ts';
import { type PilotSpecInput, PilotSpecSchema } from '../../../cli/simulate/spec.ts';
import { jsonLog } from '../../../functions/platform/log.ts';
import type { MetricStore } from './metric-store.ts';

const DAY_MS = 86_400_000;
const NIGHTS = 24;
const FIRST_NIGHT = '2026-01-08';
/** Small, so that they are drawn in seconds; more chips and lots make intervals narrower, not other. */
const SMALL = { chips: 8, lots: 4, spread: { lotSd: 0.005, chipSd: 0.015, nightSd: 0.01 } };

/** Two invented chips: one that is worth ramping, one that is not. No relation to any product. */
const PILOTS: readonly PilotSpecInput[] = [
  {
    seed: 11,
    program: 'chip-a',
    candidate: { ...SMALL, throttling: { powerShare: 0.02 } },
    baseline: { ...SMALL, throttling: { powerShare: 0.05 } },
    workloads: [
      { name: 'llm-8b', secondsPerRun: 12, energyRatio: 0.82, timeRatio: 0.97 },
      { name: 'llm-8b-long', secondsPerRun: 12, energyRatio: 0.87, timeRatio: 1.01 },
    ],
  },
  {
    seed: 12,
    program: 'chip-b',
    candidate: { ...SMALL, throttling: { powerShare: 0.11, thermalShare: 0.03 } },
    baseline: { ...SMALL, throttling: { powerShare: 0.05 } },
    workloads: [{ name: 'llm-8b', secondsPerRun: 12, energyRatio: 1.08, timeRatio: 1.12 }],
  },
];

/** Model FLOPs are declared, so that the GPU has an MFU; the peak of an invented chip is known to nobody. */
function withFlops(key: string, body: Uint8Array): Uint8Array {
  if (!key.endsWith('/run.json')) return body;
  const manifest = JSON.parse(Buffer.from(body).toString()) as { role: string; workload: object };
  if (manifest.role !== 'baseline') return body;
  return Buffer.from(JSON.stringify({ ...manifest, workload: { ...manifest.workload, flopsFormula: '6N' } }));
}

/** Whole pilots through the handlers, each night decided in its turn; what they emit goes to the store. */
export async function simulatePilots(store: MetricStore): Promise<void> {
  const lines: string[] = [];
  let clockMs = 0;
  const pipeline = new Pipeline(
    memoryStores(),
    jsonLog((line) => lines.push(line)),
    () => clockMs,
  );
  for (const pilot of PILOTS)
    for (const { key, body } of pilotFiles(
      PilotSpecSchema.parse({ ...pilot, nights: NIGHTS, firstNight: FIRST_NIGHT }),
    ))
      await pipeline.stores.landing.put(key, withFlops(key, Buffer.from(body)));
  await pipeline.drain();
  for (let night = 0; night < NIGHTS; night += 1) {
    clockMs = Date.parse(`${FIRST_NIGHT}T02:00:00Z`) + (night + 1) * DAY_MS;
    await pipeline.night(new Date(clockMs).toISOString());
  }
  for (const line of lines) if (line.includes('"Program"')) store.addLine(line);
}
