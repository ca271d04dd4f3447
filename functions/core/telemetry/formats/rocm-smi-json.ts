import { ROCM_SMI } from '../amd-aliases.ts';
import { forEachJsonValue } from '../json-values.ts';
import { DEVICE_NAMES } from '../tool-aliases.ts';
import { ToolJsonReader } from '../tool-json.ts';
import type { Format } from './format.ts';

const CARD = /^card\d+$/;
const CARDS = /(?:^|[\s{])"card\d+"\s*:\s*\{/;

type Labels = ReadonlyMap<string, unknown>;

/** Values of a card by label. Case is not looked at: `Card series` became `Card Series`. */
const labelsOf = (card: object): Labels =>
  new Map(Object.entries(card).map(([label, value]) => [label.toLowerCase(), value]));

function namesOf(card: string, labels: Labels): Record<string, unknown> {
  const named = DEVICE_NAMES.map((name) => {
    const [alias = ''] = ROCM_SMI.names[name] ?? [];
    return [name, labels.get(alias.toLowerCase())] as const;
  });
  return { ...Object.fromEntries(named), index: card };
}

/** What a script that wraps the document put beside the cards. */
const timeOf = (document: object): unknown =>
  Object.entries(document).find(([name]) => ROCM_SMI.time.includes(name))?.[1];

/** `rocm-smi --json`: all values are texts, under labels in English, and there is no time of its own. */
export const rocmSmiJson: Format = {
  id: 'rocm-smi-json',
  title: 'rocm-smi JSON',
  sniff: (head) => CARDS.test(head),
  async read(chunks, context, sink) {
    const reader = new ToolJsonReader(ROCM_SMI, context, sink);
    await forEachJsonValue(chunks, context.path, {
      other: reader.other,
      value(document, line) {
        const cards = Object.entries(document as object).filter(
          ([name, value]) => CARD.test(name) && value !== null && typeof value === 'object',
        );
        if (cards.length === 0) reader.unknown(line, document);
        const time = timeOf(document as object);
        for (const [card, value] of cards) {
          const labels = labelsOf(value as object);
          const leaf = (label: string): unknown => labels.get(label.toLowerCase());
          reader.device({ names: namesOf(card, labels), leaf, time, line, raw: value });
        }
      },
    });
  },
};
