import { InputError } from '../../functions/core/errors.ts';
import { parseStage, type Stage, type StageInput } from '../stage.ts';
import { defaultStage } from './default.ts';
import { dev } from './dev.ts';
import { prod } from './prod.ts';

/** Every stage, by its name: a new one is a file here and a word in this line. */
const STAGES: Readonly<Record<string, StageInput>> = { default: defaultStage, dev, prod };

/** @throws InputError `stage` for a name that no file has, and for a file that is wrong. */
export function stageOf(name: string): Stage {
  const input = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (!input)
    throw new InputError(
      'stage',
      `stage ${JSON.stringify(name)}: expected one of ${Object.keys(STAGES).join(', ')} (infra/stages)`,
    );
  return parseStage(input, name);
}

/** Stacks of several stages stand side by side in one account; the default one has no suffix. */
export const stackNameOf = ({ name }: Pick<Stage, 'name'>): string =>
  name === 'default' ? 'Wattline' : `Wattline-${name}`;

/** Metrics of several stages stay apart as well. */
export const namespaceOf = ({ name }: Pick<Stage, 'name'>): string =>
  name === 'default' ? 'Wattline' : `Wattline/${name}`;
