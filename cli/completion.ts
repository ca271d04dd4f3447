import type { Command } from 'commander';
import { FORMATS } from '../functions/core/telemetry/formats/registry.ts';
import { namedQueries } from '../functions/platform/lake/named-queries.ts';
import type { Shell } from './commands/completion.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { completionTree } from './completion/tree.ts';
import { zshCompletion } from './completion/zsh.ts';

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** Values that help names and does not list, as they are too many or cost time to know. */
const knownValues = () => ({
  id: FORMATS.map(({ id }) => id),
  query: namedQueries().map(({ name }) => name),
});

/** The script of a shell, of the commands as they are. */
export function completionScript(program: Command, shell: Shell): string {
  return WRITERS[shell](completionTree(program, knownValues()));
}
