import amdSmi from '../../../data/aliases/amd-smi.json' with { type: 'json' };
import amdSmiMonitor from '../../../data/aliases/amd-smi-monitor.json' with { type: 'json' };
import rocmSmi from '../../../data/aliases/rocm-smi.json' with { type: 'json' };
import { ToolAliasesSchema } from './tool-aliases.ts';

export const AMD_SMI = ToolAliasesSchema.parse(amdSmi);
export const AMD_SMI_MONITOR = ToolAliasesSchema.parse(amdSmiMonitor);
export const ROCM_SMI = ToolAliasesSchema.parse(rocmSmi);
