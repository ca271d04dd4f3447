import policy from '../../../data/policies/default.json' with { type: 'json' };
import { type Policy, PolicySchema } from './policy.ts';

/** What holds where a program declares no policy of its own. */
export const DEFAULT_POLICY: Policy = PolicySchema.parse(policy);
