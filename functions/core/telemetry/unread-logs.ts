import type { Unread } from './unread-formats.ts';

const AS_A_TABLE =
  'the same as CSV or JSON lines (an export of Weights & Biases or TensorBoard, for instance), with a mapping in run.json where Wattline does not know its columns';

/** Logs of training that people have, and that no reader takes. */
export const UNREAD_LOGS: readonly Unread[] = [
  {
    pattern: /^[^\n{]{0,500}\{'(?:loss|eval_loss|train_runtime)': /m,
    what: 'what the Hugging Face Trainer prints, which numbers no steps',
    instead: 'the trainer_state.json that it writes beside its last checkpoint',
  },
  {
    pattern: /\bRunningAvgSamplesPerSec=|\[Rank 0\] step=\d+, skipped=\d+/,
    what: 'what DeepSpeed prints',
    instead: AS_A_TABLE,
  },
  { pattern: /^Step \d+ \| loss:/m, what: 'a log of torchtune', instead: AS_A_TABLE },
  {
    pattern: /\biteration: \d+ \/ \d+ \| consumed_tokens: /,
    what: 'a log of nanotron, whose numbers are rounded',
    instead: AS_A_TABLE,
  },
  { pattern: /\bEpoch \d+ \| iter \d+ step \d+ \|/, what: 'a log of LitGPT', instead: AS_A_TABLE },
  { pattern: /\[step=\d+\/\d+[,\]]/, what: 'a log of OLMo', instead: AS_A_TABLE },
  { pattern: /\[batch=\d+\/\d+\]:/, what: 'a log of Composer or LLM Foundry', instead: AS_A_TABLE },
  { pattern: /\bProgress on:\s?train\b/, what: 'a log of Levanter', instead: AS_A_TABLE },
  {
    pattern: /^\{"current_steps": \d+, "total_steps": \d+, /,
    what: 'the trainer_log.jsonl of LLaMA-Factory',
    instead: 'a mapping in run.json that describes its columns',
  },
];
