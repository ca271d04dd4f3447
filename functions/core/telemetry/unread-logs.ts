const AS_A_TABLE =
  'write what it logs as CSV or JSON lines (an export of Weights & Biases or TensorBoard, for instance), and describe that by a mapping in run.json where Wattline does not know its columns';

/** Logs of training that people have, and that no reader takes: how they show, whose they are, and what to give instead. */
const UNREAD: readonly (readonly [shows: RegExp, whose: string, instead: string])[] = [
  [
    /^[^\n{]{0,500}\{'(?:loss|eval_loss|train_runtime)': /m,
    'what the Hugging Face Trainer prints, which numbers no steps',
    'give the trainer_state.json that it writes beside its last checkpoint',
  ],
  [/\bRunningAvgSamplesPerSec=|\[Rank 0\] step=\d+, skipped=\d+/, 'what DeepSpeed prints', AS_A_TABLE],
  [/^Step \d+ \| loss:/m, 'a log of torchtune', AS_A_TABLE],
  [
    /\biteration: \d+ \/ \d+ \| consumed_tokens: /,
    'a log of nanotron, whose numbers are rounded',
    AS_A_TABLE,
  ],
  [/\bEpoch \d+ \| iter \d+ step \d+ \|/, 'a log of LitGPT', AS_A_TABLE],
  [/\[step=\d+\/\d+[,\]]/, 'a log of OLMo', AS_A_TABLE],
  [/\[batch=\d+\/\d+\]:/, 'a log of Composer or LLM Foundry', AS_A_TABLE],
  [/\bProgress on:\s?train\b/, 'a log of Levanter', AS_A_TABLE],
  [
    /^\{"current_steps": \d+, "total_steps": \d+, /,
    'the trainer_log.jsonl of LLaMA-Factory',
    'describe its columns by a mapping in run.json',
  ],
];

/** What a file that no format recognises is, where it is a log that people have; null where it is none of those. */
export function unreadLog(head: string): string | null {
  const found = UNREAD.find(([shows]) => shows.test(head));
  return found ? `this is ${found[1]}, and is not read; ${found[2]}` : null;
}
