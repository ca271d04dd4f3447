import { localSeconds } from './local-time.ts';
import { Loss } from './loss.ts';
import type { RunPlan } from './plan-run.ts';
import type { PilotSpec } from './spec.ts';
import { type Stretch, stepsOf } from './training.ts';

const CHECKPOINTS = '/checkpoints/pilot';

const padded = (value: number, width: number): string => String(value).padStart(width);

/** As Python's `%E` has it: six digits and an exponent of two. */
function exponential(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential(6).split('e');
  return `${digits}E${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** What the process prints when it starts: of the job, and of the checkpoint that it goes on from. */
function startLines(spec: PilotSpec, { run }: RunPlan, stretch: Stretch): string[] {
  const { chips } = spec[run.role];
  const loaded =
    stretch.fromStep > 0
      ? [
          ` loading checkpoint from ${CHECKPOINTS}/${run.name} at iteration ${stretch.fromStep}`,
          `  successfully loaded checkpoint from ${CHECKPOINTS}/${run.name} [ t 1/1, p 1/1 ] at iteration ${stretch.fromStep}`,
        ]
      : [
          `WARNING: could not find the metadata file ${CHECKPOINTS}/${run.name}/latest_checkpointed_iteration.txt`,
          '    will not load any checkpoints and will start from random',
        ];
  return [
    `using world size: ${chips}, data-parallel size: ${chips}, context-parallel size: 1, tensor-model-parallel size: 1, pipeline-model-parallel size: 1`,
    ...loaded,
    `[before the start of training step] datetime: ${localSeconds(stretch.startMs, run.offsetMs)} `,
  ];
}

/** What stands between two processes of one job. */
const endLines = ({ toStep }: Stretch, isLast: boolean, time: string): string[] =>
  isLast
    ? [`[after training is done] datetime: ${time} `]
    : [
        `[rank3]: torch.distributed.DistBackendError: NCCL communicator was aborted on rank 3 (last iteration ${toStep})`,
        'torchrun: worker group failed, restarting',
      ];

/** The training log that Megatron-LM prints, over its restarts: samples, loss and time of each step, local whole seconds. */
export function megatronText(spec: PilotSpec, plan: RunPlan): string {
  const { run, training } = plan;
  const { globalBatchSize, sequenceLength, steps } = run.workload;
  const loss = new Loss(spec, run);
  const lines: string[] = [];
  let before: Stretch | null = null;
  for (const { step, timeMs, stretch } of stepsOf(training)) {
    if (stretch !== before) lines.push(...startLines(spec, plan, stretch));
    before = stretch;
    const samples = step * globalBatchSize;
    const time = localSeconds(timeMs, run.offsetMs);
    lines.push(
      [
        ` [${time}] iteration ${padded(step, 8)}/${padded(steps, 8)}`,
        `consumed samples: ${padded(samples, 12)}`,
        `elapsed time per iteration (ms): ${(training.stepS * 1000).toFixed(1)}`,
        'learning rate: 3.000000E-04',
        `global batch size: ${padded(globalBatchSize, 5)}`,
        `lm loss: ${exponential(loss.next(samples * sequenceLength))}`,
        'loss scale: 1.0',
        'number of skipped iterations:   0',
        'number of nan iterations:   0 |',
      ].join(' | '),
    );
    if (step % spec.restarts.checkpointSteps === 0 && step < stretch.toStep)
      lines.push(
        `  successfully saved checkpoint from iteration ${padded(step, 7)} to ${CHECKPOINTS}/${run.name}`,
      );
    if (step === stretch.toStep)
      lines.push(...endLines(stretch, stretch === training.stretches.at(-1), time));
  }
  return `${lines.join('\n')}\n`;
}
