import { type Evaluation, EvaluationSchema } from '../functions/core/efficiency/evaluation.ts';

/** An evaluation of one run as `evaluate` would write it, with what a test says of it. */
export function evaluation(
  change: Partial<Evaluation> & { energyJ?: number | null; timeS?: number } = {},
): Evaluation {
  const { energyJ = 1_000_000, timeS = 600, ...rest } = change;
  const energy = { clippedTrapezoidJ: energyJ, mlperfTrainingV40J: energyJ, counterJ: null };
  const none = { clippedTrapezoidJ: null, mlperfTrainingV40J: null, counterJ: null };
  const startMs = Date.UTC(2026, 0, 1);
  return EvaluationSchema.parse({
    schema: 'wattline/evaluation@1',
    program: 'p',
    run: 'run-1',
    role: 'candidate',
    sku: 'own-chip',
    system: { name: 'sys', nodes: 1, chipsPerNode: 8 },
    workload: { name: 'w' },
    boundary: 'node-dc',
    boundaryBasis: 'declared',
    scoring: null,
    simulated: false,
    status: 'success',
    startMs,
    stopMs: startMs + timeS * 1000,
    timeToTrainS: timeS,
    work: { unit: 'sample', amount: 100, tokens: null, basis: 'test' },
    energy,
    nodes: energy,
    switches: none,
    energyPerSampleJ: energyJ === null ? null : energyJ / 100,
    energyPerTokenJ: null,
    meanPowerW: energyJ === null ? null : energyJ / timeS,
    coverageRatio: 1,
    bracketed: true,
    maxGapS: 1,
    maxGapInRunS: 1,
    medianPeriodS: 1,
    evidence: 'A',
    evidenceReasons: [],
    findings: [],
    scopes: [],
    timeline: { startMs, stepMs: 60_000, powerW: [100, 200, null, null, 200, 100, 90, 80, 70, 60] },
    quality: [],
    contentDigest: `digest-${rest.run ?? 'run-1'}-${rest.role ?? 'candidate'}`,
    inputs: [
      {
        path: 'a.csv',
        sha256: 'aa',
        contentSha256: 'aa',
        format: 'wattline-csv',
        status: 'accepted',
        rows: 1,
        rejected: 0,
      },
    ],
    code: 'test',
    ...rest,
  });
}

/** Runs of one side around a mean, with a fixed pattern of spread. */
export function side(
  role: Evaluation['role'],
  energyJ: number,
  timeS: number,
  change: Partial<Evaluation> = {},
  n = 6,
): Evaluation[] {
  const sku = role === 'candidate' ? 'own-chip' : 'H100-SXM-80GB';
  return Array.from({ length: n }, (_, i) => {
    const spread = 1 + 0.01 * (((i * 7) % 5) - 2);
    return evaluation({
      role,
      sku,
      run: `${role}-${i}`,
      energyJ: energyJ * spread,
      timeS: timeS * spread,
      ...change,
    });
  });
}
