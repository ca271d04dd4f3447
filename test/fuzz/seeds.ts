import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FileRule } from '../../functions/core/telemetry/manifest.ts';
import type { Mapping } from '../../functions/core/telemetry/mapping.ts';
import { asBytes } from './mutate.ts';
import { PROGRESS_SEEDS } from './seeds-progress.ts';

/** A small file that its reader takes whole; a character a byte. */
export interface Seed {
  readonly text: string;
  readonly path?: string;
  readonly rule?: Omit<FileRule, 'pattern'>;
}

export const lines = (...all: readonly string[]): string => asBytes(`${all.join('\n')}\n`);
const json = (value: unknown): string => asBytes(JSON.stringify(value, null, 1));
const jsonLines = (...all: readonly unknown[]): string => lines(...all.map((value) => JSON.stringify(value)));
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const POLLED = { startTime: '2026-01-31T12:00:00Z', periodMs: 1000 } as const;
export const LOCAL = { timeZone: 'Europe/Berlin' } as const;
const UUID = 'GPU-1f027ee8-5d5c-4c31-bb17-6a0cbb3a2a11';
const T0 = 1_769_860_800;

const mllog = (key: string, timeMs: number, value: unknown, metadata: unknown = {}): string =>
  `:::MLLOG ${JSON.stringify({ namespace: '', time_ms: timeMs, event_type: 'POINT_IN_TIME', key, value, metadata })}`;

const DCGM_LABELS = `gpu="0",UUID="${UUID}",device="nvidia0",modelName="NVIDIA A800",GPU_I_PROFILE="2g.20gb",GPU_I_ID="3",Hostname="n1"`;
const DCGM_PAGE = [
  '# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).',
  '# TYPE DCGM_FI_DEV_POWER_USAGE gauge',
  `DCGM_FI_DEV_POWER_USAGE{${DCGM_LABELS}} 470.24`,
  '# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter',
  `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{${DCGM_LABELS}} 257858316`,
  `DCGM_FI_DEV_XID_ERRORS{${DCGM_LABELS},err="a \\"quoted\\" \\\\ one\\n"} 0`,
  `DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{${DCGM_LABELS}} 5.3e-001`,
];

const otlpPoint = (timeS: number, value: object): object => ({
  timeUnixNano: `${timeS}300000000`,
  attributes: [
    { key: 'hw.id', value: { stringValue: UUID } },
    { key: 'hw.type', value: { stringValue: 'gpu' } },
  ],
  ...value,
});
const otlp = (timeS: number): object => ({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: 'host.name', value: { stringValue: 'n1' } }] },
      scopeMetrics: [
        {
          metrics: [
            { name: 'hw.power', unit: 'W', gauge: { dataPoints: [otlpPoint(timeS, { asDouble: 300.5 })] } },
            {
              name: 'hw.energy',
              unit: 'J',
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: [otlpPoint(timeS, { asInt: `${timeS}` })],
              },
            },
          ],
        },
      ],
    },
  ],
});

const series = (name: string, values: readonly [number, string][]): object => ({
  metric: { __name__: name, gpu: '0', UUID, Hostname: 'n1' },
  values,
});

const MAPPED: Omit<Mapping, 'form'> = {
  time: { column: 'time', form: 'iso' },
  scope: ['chip'],
  readings: [{ column: 'power_mw', field: 'power_w', unit: 'mW' }],
};

function parquet(): string {
  const columnData = [
    { name: 'time', data: [1, 2, 3].map((i) => `2026-01-31T12:00:0${i}Z`), type: 'STRING' as const },
    { name: 'chip', data: ['a', 'b', 'a'], type: 'STRING' as const },
    { name: 'power_mw', data: [300_000, 300_500.5, 301_000], type: 'DOUBLE' as const },
  ];
  return latin1(new Uint8Array(parquetWriteBuffer({ columnData })));
}

const XML = `<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log><timestamp>Sat Jan 31 12:00:00 2026</timestamp>
<gpu id="00000000:4F:00.0"><uuid>${UUID}</uuid>
<clocks_event_reasons><clocks_event_reason_sw_power_cap>Active</clocks_event_reason_sw_power_cap></clocks_event_reasons>
<gpu_power_readings><power_draw>67.03 W</power_draw></gpu_power_readings>
<temperature><gpu_temp>27 C</gpu_temp></temperature></gpu></nvidia_smi_log>
`;

/** At least one file of every format. */
export const SEEDS: Readonly<Record<string, readonly Seed[]>> = {
  ...PROGRESS_SEEDS,
  'wattline-csv': [
    {
      text: lines(
        'time,scope,kind,boundary,power_w,energy_j,event,step,samples,loss',
        '2026-01-31T12:00:00.5Z,a,chip,chip,300.5,1000,,,,',
        '2026-01-31T12:00:01Z,a,chip,chip,NaN,1300,step,7,512,2.5',
      ),
    },
  ],
  'wattline-jsonl': [
    {
      text: jsonLines(
        { time_unix_nano: '1769860800300000000', scope: 'a', power_w: 300.5, boundary: 'chip' },
        { time_unix_ms: 1_769_860_801_000, scope: 'a', temperature_c: 60 },
      ),
    },
  ],
  'mlperf-training-power': [
    {
      path: 'power/node_0.txt',
      text: lines(
        mllog('power_measurement_start', T0 * 1000, 'null', ''),
        mllog('conversion_eff', T0 * 1000, 0.94, { measurement_type: 'AC' }),
        mllog('power_reading', T0 * 1000 + 1000, 5000, { host: 'n1' }),
        `0: ${mllog('power_reading', T0 * 1000 + 2000, 5100)}`,
        mllog('power_measurement_stop', T0 * 1000, 'null', ''),
      ),
    },
  ],
  'nvidia-smi-csv': [
    {
      rule: LOCAL,
      text: lines(
        'timestamp, index, uuid, power.draw [W], utilization.gpu [%], temperature.gpu, clocks_event_reasons.active, ecc.errors.uncorrected.volatile.total',
        `2026/01/31 12:00:00.123, 0, ${UUID}, 631.95 W, 100 %, 59, 0x0000000000000004, 0`,
        `2026/01/31 12:00:01.125, 0, ${UUID}, [N/A], [Not Supported], 60, 0x0000000000000000, 0`,
      ),
    },
  ],
  'nvidia-smi-dmon': [
    {
      rule: POLLED,
      text: lines(
        '# gpu    pwr  gtemp  mtemp     sm    mem   mclk   pclk ',
        '# Idx      W      C      C      %      %    MHz    MHz ',
        '    0    631     63     57    100     10   2619   1980 ',
        '    1    634     63      -    100     10   2619   1980 ',
      ),
    },
    {
      rule: LOCAL,
      text: lines(
        '#Date       Time        gpu    pwr',
        '#YYYYMMDD   HH:MM:SS    Idx     W',
        ' 20260131   12:00:00      0    37',
        ' 20260131   12:00:01      0    38',
      ),
    },
    { rule: { ...LOCAL, ...POLLED }, text: lines('#Time gpu pwr', '23:59:59 0 37', '00:00:00 0 38') },
  ],
  'nvidia-smi-xml': [{ rule: LOCAL, text: asBytes(XML + XML.replace('12:00:00', '12:00:01')) }],
  'nvidia-smi-q': [
    {
      rule: LOCAL,
      text: lines(
        '==============NVSMI LOG==============',
        'Timestamp                     : Sat Jan 31 12:00:00 2026',
        'GPU 00000000:00:09.0',
        `    GPU UUID                  : ${UUID}`,
        '    Clocks Event Reasons',
        '        HW Slowdown           : Not Active',
        '            HW Thermal Slowdown : Active',
        '    GPU Power Readings',
        '        Average Power Draw    : 629.45 W',
        '    Temperature',
        '        GPU Current Temp      : 59 C',
      ),
    },
  ],
  'dcgmi-dmon': [
    {
      rule: POLLED,
      text: lines(
        '#Entity   POWER     TOTEC     SMCLK  XIDER  DVCCTR',
        'ID        W         mJ        MHz                 ',
        'GPU 0     120.5     1234567   1410   0      4     ',
        'GPU-I 3   120.5     N/A       1410   0      4     ',
        'GPU 0     121.5     1355567   1410   79     0     ',
      ),
    },
    { text: lines('1769860800.5 #Entity POWER', '1769860800.5 ID W', '1769860800.5 GPU 0 120.5') },
  ],
  'hl-smi-csv': [
    {
      rule: { ...LOCAL, node: 'n1' },
      text: lines(
        'timestamp, index, uuid, power.draw [W], temperature.aip [C], utilization.aip [%]',
        'Sat Jan 31 12:00:00 2026, 0, 01P4-HL3090A0-18, 226 W, 36 C, 0 %',
        'Sat Jan 31 12:00:01 2026, 0, 01P4-HL3090A0-18, 227 W, 36 C, 5 %',
      ),
    },
  ],
  'amd-smi-csv': [
    {
      rule: { node: 'n1' },
      text: lines(
        'timestamp,gpu,gfx_activity,socket_power,throttle_status,hotspot,gfx_clks',
        `${T0},0,99,241,UNTHROTTLED,60,"['N/A', 'N/A']"`,
        '',
        `${T0 + 1},0,98,242,UNTHROTTLED,61,"['N/A', 1]"`,
      ),
    },
  ],
  'amd-smi-json': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: lines(
        'WARNING: User is missing the following required groups: render',
        JSON.stringify([
          { gpu: 0, usage: { gfx_activity: { value: 12, unit: '%' } }, power: { socket_power: 142 } },
        ]),
        JSON.stringify({
          gpu_data: [
            {
              gpu: 0,
              power: { socket_power: { value: 140, unit: 'W' } },
              temperature: { hotspot: 'N/A' },
              energy: { total_energy_consumption: { value: 100.5, unit: 'J' } },
            },
          ],
        }),
      ),
    },
  ],
  'rocm-smi-json': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: json({
        card0: {
          'Average Graphics Package Power (W)': '36.0',
          'Temperature (Sensor junction) (C)': '40.0',
          'GPU use (%)': '0',
        },
        card1: { 'Average Graphics Package Power (W)': 'N/A (Secondary die)' },
        system: { 'Driver version': '6.0' },
      }),
    },
  ],
  'rocm-smi-csv': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: lines(
        '',
        'device,Device Name,Average Graphics Package Power (W),GPU use (%),GFX Version  ',
        'card0,Instinct,36.0,0,gfx90a  ',
        'card0,Instinct,37.0,1,gfx90a  ',
      ),
    },
  ],
  'mapped-csv': [
    {
      rule: { mapping: { form: 'csv', ...MAPPED }, boundary: 'chip' },
      text: lines(
        'time,chip,power_mw,note',
        '2026-01-31T12:00:00Z,a,300000,x',
        '2026-01-31T12:00:01Z,a,-,"y,z"',
      ),
    },
    {
      rule: {
        mapping: {
          form: 'csv',
          delimiter: ';',
          time: { column: 't', form: 'unix-s' },
          scope: ['chip'],
          long: { metric: 'metric', value: 'value', readings: { power: { field: 'power_w' } } },
        },
      },
      text: lines('t;chip;metric;value', `${T0};a;power;300`, `${T0};a;other;1`, `${T0 + 1};a;power;301`),
    },
  ],
  'mapped-jsonl': [
    {
      rule: { mapping: { form: 'jsonl', ...MAPPED } },
      text: jsonLines(
        { time: '2026-01-31T12:00:00Z', chip: 'a', power_mw: 300_000 },
        { time: '2026-01-31T12:00:01Z', chip: 'a', power_mw: null, more: { deep: [1] } },
      ),
    },
    {
      rule: {
        mapping: {
          form: 'jsonl',
          time: { column: 't', form: 'unix-s' },
          scope: ['chips[].id'],
          readings: [{ column: 'chips[].power', field: 'power_w' }],
        },
      },
      text: jsonLines({
        t: T0,
        chips: [
          { id: 'a', power: 1 },
          { id: 'b', power: '2' },
        ],
      }),
    },
  ],
  'mapped-parquet': [{ rule: { mapping: { form: 'parquet', ...MAPPED } }, text: parquet() }],
  'prometheus-text': [
    { rule: POLLED, text: lines(...DCGM_PAGE, ...DCGM_PAGE) },
    {
      rule: { node: 'n1' },
      text: lines(
        '# TYPE gpu_power_usage gauge',
        `gpu_power_usage{gpu_id="0",gpu_partition_id="0",serial_number="S1",hostname="n1"} 142 ${T0}000`,
        `gpu_power_usage{gpu_id="0",gpu_partition_id="0",serial_number="S1",hostname="n1"} 143 ${T0 + 1}000`,
      ),
    },
  ],
  openmetrics: [
    {
      text: lines(
        '# TYPE DCGM_FI_DEV_POWER_USAGE gauge',
        `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="${UUID}",Hostname="n1"} 470.24 ${T0}.5`,
        `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="${UUID}",Hostname="n1"} 471 ${T0 + 1} # {id="x"} 1`,
        '# EOF',
      ),
    },
  ],
  'promtool-dump': [
    {
      text: lines(
        `{__name__="DCGM_FI_DEV_POWER_USAGE", gpu="0", UUID="${UUID}", Hostname="n1"} 470.24 ${T0}000`,
        `{__name__="DCGM_FI_DEV_POWER_USAGE", gpu="0", UUID="${UUID}", Hostname="n1"} NaN ${T0 + 1}000`,
      ),
    },
  ],
  'prometheus-range': [
    {
      text: json({
        status: 'success',
        data: {
          resultType: 'matrix',
          result: [
            series('DCGM_FI_DEV_POWER_USAGE', [
              [T0, '631.95'],
              [T0 + 15.5, 'NaN'],
              [T0 + 30, '632'],
            ]),
            series('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', [
              [T0, '1e6'],
              [T0 + 15.5, '+Inf'],
            ]),
          ],
        },
      }),
    },
  ],
  'victoriametrics-export': [
    {
      text: jsonLines({
        metric: { __name__: 'DCGM_FI_DEV_POWER_USAGE', gpu: '0', UUID, Hostname: 'n1' },
        values: [631.95, null, 632],
        timestamps: [T0 * 1000, T0 * 1000 + 1000, T0 * 1000 + 2000],
      }),
    },
  ],
  'otlp-json': [{ text: jsonLines(otlp(T0), otlp(T0 + 1)) }],
  'cloudwatch-metric-stream': [
    {
      text: [T0, T0 + 60]
        .map((timeS) =>
          JSON.stringify({
            metric_stream_name: 's',
            account_id: '1',
            region: 'r',
            namespace: 'CWAgent',
            metric_name: 'nvidia_smi_power_draw',
            dimensions: { index: '0', host: 'n1', name: 'NVIDIA H100' },
            timestamp: timeS * 1000,
            value: { count: 4, sum: 1200, max: 310, min: 290 },
            unit: 'None',
          }),
        )
        .join(''),
    },
  ],
  'ipmitool-dcmi': [
    {
      rule: { ...LOCAL, node: 'n1' },
      text: lines(
        '    Instantaneous power reading:                   215 Watts',
        '    Minimum during sampling period:                 18 Watts',
        '    IPMI timestamp:                           Sat Jan 31 12:00:00 2026',
        '    Sampling period:                          01131466 Seconds.',
        '    Power reading state is:                   activated',
        '',
      ),
    },
  ],
  'redfish-power': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: json({
        '@odata.type': '#Power.v1_5_0.Power',
        '@odata.id': '/redfish/v1/Chassis/1/Power',
        PowerControl: [{ MemberId: '0', PowerConsumedWatts: 426, PowerMetrics: { IntervalInMin: 1 } }],
        PowerSupplies: [{ MemberId: '0', PowerInputWatts: 213 }],
      }),
    },
  ],
  'redfish-power-supply-metrics': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: json({
        '@odata.type': '#PowerSupplyMetrics.v1_2_0.PowerSupplyMetrics',
        '@odata.id': '/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/0/Metrics',
        InputPowerWatts: { Reading: 103, DataSourceUri: 'x' },
      }),
    },
  ],
  'redfish-sensor': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: json({
        '@odata.type': '#Sensor.v1_2_0.Sensor',
        '@odata.id': '/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Power_0',
        Id: 'HGX_GPU_0_Power_0',
        Reading: 302.5,
        ReadingUnits: 'W',
      }),
    },
  ],
  'redfish-metric-report': [
    {
      rule: { node: 'n1' },
      text: json({
        '@odata.type': '#MetricReport.v1_4_2.MetricReport',
        MetricValues: [
          {
            MetricId: 'HGX_GPU_0_Power_0',
            MetricProperty: '/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Power_0',
            MetricValue: '302.5',
            Timestamp: '2026-01-31T12:00:00.25+00:00',
            Oem: { Nvidia: { MetricValueStale: false } },
          },
          {
            MetricProperty: '/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Energy_0',
            MetricValue: 'nan',
            Timestamp: '2026-01-31T12:00:00.3Z',
          },
        ],
      }),
    },
  ],
  'ptdaemon-spl': [
    {
      rule: { timeZone: 'UTC', node: 'n1' },
      text: lines(
        'Time,07-13-2024 17:49:20.063,Watts,2368.2,Volts,239.15,Amps,3.4,PF,0.96,Mark,2024-07-13_10-34-55_testing',
        'Time,07-13-2024 17:49:21.063,Watts,-1.000000,Volts,239.15,Amps,3.4,PF,0.96,Mark,2024-07-13_10-34-55_testing,Ch1,Watts,801.3',
      ),
    },
  ],
  'neuron-monitor': [
    {
      rule: { ...POLLED, node: 'n1' },
      text: jsonLines({
        neuron_runtime_data: [
          {
            pid: 1,
            error: '',
            report: {
              neuroncore_counters: {
                period: 5,
                neuroncores_in_use: { '0': { neuroncore_utilization: 86.5 } },
                error: '',
              },
              execution_stats: { error_summary: { hardware: 0, generic: 1 }, error: '' },
            },
          },
        ],
        system_data: {
          neuron_hw_counters: {
            neuron_devices: [{ neuron_device_index: 0, mem_ecc_corrected: 0, mem_ecc_uncorrected: 0 }],
          },
        },
        neuron_hardware_info: { neuron_device_count: 1, neuroncore_per_device_count: 2 },
      }),
    },
  ],
  'neuron-sysfs-power': [{ text: lines('POWER_STATUS_VALID,1769860800,0.00,0.00,0.00') }],
  'tt-smi': [
    {
      rule: { ...LOCAL, node: 'n1' },
      text: lines(
        ' Gathering Information ━━━━━━━ 100%',
        JSON.stringify({
          time: '2026-01-31T12:00:00.123456',
          host_info: { Hostname: 'n1' },
          device_info: [
            {
              board_info: { board_type: 'n300', board_id: '0100014', bus_id: '0000:01:00.0' },
              telemetry: {
                voltage: '0.75',
                current: ' 27.0',
                power: ' 21.0',
                aiclk: ' 500',
                board_power: ' 41.0',
              },
            },
          ],
        }),
      ),
    },
  ],
  'grafana-csv': [
    {
      rule: LOCAL,
      text: lines(
        'sep=;',
        `"Time";"DCGM_FI_DEV_POWER_USAGE{gpu=""0"", UUID=""${UUID}""}";"Total"`,
        '2026-01-31 12:00:00;632 W;5 kW',
        '2026-01-31 12:00:15;1.2 kW;',
      ),
    },
  ],
  'dcgm-long-csv': [
    {
      rule: LOCAL,
      text: lines(
        'timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw',
        `2026-01-31T12:00:00Z,DCGM_FI_DEV_POWER_USAGE,0,nvidia0,${UUID},H100,n1,,,,300.5,"gpu=""0"",x=""y"""`,
        `2026-01-31T12:00:01Z,DCGM_FI_DEV_GPU_TEMP,0,nvidia0,${UUID},H100,n1,,,,60,"gpu=""0"""`,
      ),
    },
  ],
};

export const TABLE_SEEDS: readonly Seed[] = [
  {
    text: lines(
      'time,scope,power,energy,metric,number,step,loss,other',
      '2026-01-31T12:00:00Z,a,631.95 W,1000,power,5,7,2.5,x',
      '"2026-01-31T12:00:01Z",a,NaN,65535,other,,8,NaN,"a ""b"", c"',
    ),
  },
];

export const JSON_SEEDS: readonly Seed[] = [
  { text: lines('progress 100%', '{"a":[1,"}\\"",NaN]}{"b":null}', '[1,[2,{"c":-Infinity}]]', 'tail') },
];

const TEXT = Buffer.from('2026-01-31T12:00:00Z,a,300\n'.repeat(20));
export const COMPRESSED_SEEDS: readonly Seed[] = [
  { text: latin1(gzipSync(TEXT)) + latin1(gzipSync(TEXT)), path: 'a.csv.gz' },
  { text: latin1(zstdCompressSync(TEXT)) + latin1(zstdCompressSync(TEXT)), path: 'a.csv.zst' },
  { text: latin1(TEXT) },
];
