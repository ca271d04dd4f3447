import { amdSmiCsv } from './amd-smi-csv.ts';
import { amdSmiJson } from './amd-smi-json.ts';
import { canonicalCsv } from './canonical-csv.ts';
import { canonicalJsonl } from './canonical-jsonl.ts';
import { cloudwatchMetricStream } from './cloudwatch-metric-stream.ts';
import { dcgmLongCsv } from './dcgm-long-csv.ts';
import { dcgmiDmon } from './dcgmi-dmon.ts';
import type { Format } from './format.ts';
import { grafanaCsv } from './grafana-csv.ts';
import { hfTrainerState } from './hf-trainer-state.ts';
import { hlSmiCsv } from './hl-smi-csv.ts';
import { ipmitoolDcmi } from './ipmitool-dcmi.ts';
import { mappedCsv } from './mapped-csv.ts';
import { mappedJsonl } from './mapped-jsonl.ts';
import { mappedParquet } from './mapped-parquet.ts';
import { maxtextLog } from './maxtext-log.ts';
import { megatronLog } from './megatron-log.ts';
import { mlperfLoadgenDetail } from './mlperf-loadgen-detail.ts';
import { mlperfPower } from './mlperf-power.ts';
import { mlperfResults } from './mlperf-results.ts';
import { nemoLog } from './nemo-log.ts';
import { neuronMonitor } from './neuron-monitor.ts';
import { neuronSysfsPower } from './neuron-sysfs-power.ts';
import { nvidiaSmiCsv } from './nvidia-smi-csv.ts';
import { nvidiaSmiDmon } from './nvidia-smi-dmon.ts';
import { nvidiaSmiQ } from './nvidia-smi-q.ts';
import { nvidiaSmiXml } from './nvidia-smi-xml.ts';
import { openMetrics } from './openmetrics.ts';
import { otlpJson } from './otlp-json.ts';
import { prometheusRange } from './prometheus-range.ts';
import { prometheusText } from './prometheus-text.ts';
import { promtoolDump } from './promtool-dump.ts';
import { ptdaemonSpl } from './ptdaemon-spl.ts';
import { redfishMetricReport } from './redfish-metric-report.ts';
import { redfishPower } from './redfish-power.ts';
import { redfishPowerSupplyMetrics } from './redfish-power-supply-metrics.ts';
import { redfishSensor } from './redfish-sensor.ts';
import { rocmSmiCsv } from './rocm-smi-csv.ts';
import { rocmSmiJson } from './rocm-smi-json.ts';
import { tensorboardScalars } from './tensorboard-scalars.ts';
import { torchtitanLog } from './torchtitan-log.ts';
import { ttSmi } from './tt-smi.ts';
import { victoriaMetricsExport } from './victoriametrics-export.ts';
import { wandbChartCsv } from './wandb-chart-csv.ts';
import { wandbRunsCsv } from './wandb-runs-csv.ts';

/** Every format that Wattline reads; one file each. */
export const FORMATS: readonly Format[] = [
  mlperfLoadgenDetail,
  mlperfPower,
  mlperfResults,
  megatronLog,
  nemoLog,
  torchtitanLog,
  maxtextLog,
  hfTrainerState,
  wandbRunsCsv,
  wandbChartCsv,
  tensorboardScalars,
  nvidiaSmiDmon,
  nvidiaSmiXml,
  nvidiaSmiQ,
  dcgmiDmon,
  dcgmLongCsv,
  grafanaCsv,
  hlSmiCsv,
  nvidiaSmiCsv,
  amdSmiCsv,
  rocmSmiCsv,
  amdSmiJson,
  rocmSmiJson,
  prometheusRange,
  victoriaMetricsExport,
  promtoolDump,
  openMetrics,
  prometheusText,
  ptdaemonSpl,
  ipmitoolDcmi,
  otlpJson,
  redfishMetricReport,
  redfishPower,
  redfishPowerSupplyMetrics,
  redfishSensor,
  neuronMonitor,
  neuronSysfsPower,
  cloudwatchMetricStream,
  ttSmi,
  canonicalCsv,
  canonicalJsonl,
  mappedCsv,
  mappedJsonl,
  mappedParquet,
];

export const formatById = (id: string): Format | null => FORMATS.find((format) => format.id === id) ?? null;

/** Logs of jobs, which the trace of a shell, settings and warnings may begin with, further than other files' heads go. */
const JOB_LOGS: readonly Format[] = [mlperfResults, megatronLog, nemoLog, torchtitanLog, maxtextLog];

/** The first log of a job that recognises a file by a longer head than `sniffFormat` is given; null where none does. */
export const sniffJobLog = (head: string, path: string): Format | null =>
  JOB_LOGS.find((format) => format.sniff(head, path)) ?? null;

/** The first format that recognises a file by its first bytes and path; null where none does. */
export const sniffFormat = (head: string, path: string): Format | null =>
  FORMATS.find((format) => format.sniff(head, path)) ?? null;
