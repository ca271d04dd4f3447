import type { InitPlan } from './plan.ts';
import { firstRun } from './run-template.ts';

/** Five lines: what is where, and what comes next. */
export function readme(folder: string, { program }: InitPlan): string {
  const candidate = `${program}/${firstRun('candidate')}`;
  return `# ${program}

1. One folder a run: copy \`${candidate}\` and \`${program}/${firstRun('baseline')}\`, name each run in its \`run.json\` as its folder, and put power logs into \`power/\` and training logs beside it. Where a log does not say when the run began and ended, add \`start\` and \`stop\`; \`chips\` (id, lot, node, slot) tells one chip from another.
2. On GPU hosts \`collect.sh\` writes power logs that are read as they are; for files of your own chip, \`wattline map <file> --run ${folder}/${candidate}/run.json\` proposes the mapping and writes it there.
3. \`${program}/policy.json\` holds the gates of the verdict: make them yours before the first night, not after.
4. \`wattline watch ${folder}\` keeps reports current as files arrive; \`wattline push\` uploads the same folder to AWS.
5. \`wattline doctor\` says what is missing on this machine, and \`wattline quarantine\` what could not be read.
`;
}

/** Times in UTC, one file a host, and the mean of the last second where the driver has it. */
export function collector({ program }: InitPlan): string {
  return `#!/bin/sh
# Power of every GPU of this host, ten times a second, until Ctrl-C. Run it on each host, from before the training
# starts until after it stops; a run that readings do not bracket has weaker evidence.
# usage: sh collect.sh ${program}/${firstRun('baseline')}
set -eu
run=\${1:?expected the folder of a run}
mkdir -p "$run/power"
TZ=UTC exec nvidia-smi --query-gpu=timestamp,index,uuid,name,driver_version,power.draw.average,power.draw.instant,utilization.gpu,clocks.current.sm,temperature.gpu,temperature.memory,memory.used,enforced.power.limit,clocks_event_reasons.active --format=csv -lms 100 > "$run/power/$(hostname).csv"
# With DCGM instead: the energy counter of each GPU, once a second, and the time in front, which dcgmi does not print.
# dcgmi dmon -e 155,156,203,150 -d 1000 | while IFS= read -r line; do
#   printf '%s %s\\n' "$(date +%s)" "$line"
# done > "$run/power/$(hostname).csv"
`;
}
