import cloudwatch from '../../../../data/aliases/cloudwatch.json' with { type: 'json' };
import { AliasesSchema } from '../aliases.ts';

/** What metrics of accelerators are called in CloudWatch. */
export const CLOUDWATCH = AliasesSchema.parse(cloudwatch);
