import policy from '../../../data/policies/default.json' with { type: 'json' };
import published from '../../../data/policies/published-results.json' with { type: 'json' };
import { type Policy, PolicySchema } from './policy.ts';

/** What holds for a pilot that declares no policy of its own. */
export const DEFAULT_POLICY: Policy = PolicySchema.parse(policy);

/** For sets of runs that are complete, and looked at once. */
export const PUBLISHED_POLICY: Policy = PolicySchema.parse(published);
