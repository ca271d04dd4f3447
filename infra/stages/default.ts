import type { StageInput } from '../stage.ts';

/** What `cdk deploy` gives without a stage: everything as it comes, nobody let in from outside. */
export const defaultStage = { name: 'default' } satisfies StageInput;
