import { describe, expect, test } from 'vitest';
import { readTelemetry } from '../../functions/core/telemetry/read.ts';
import { RecordingSink } from './formats/recording-sink.ts';

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const read = (text: string) => readTelemetry(once(text), 'a.txt', {}, new RecordingSink());

const BOX = [
  'Tue Aug  4 11:44:30 2026       ',
  '+---------------------------------------+',
  '| NVIDIA-SMI 590.48.01    Driver Version: 590.48.01    CUDA Version: 13.1 |',
  '|   0  NVIDIA H100   On  |   00000000:4F:00.0 Off |    0 |',
  '| N/A   63C    P0   631W /  700W |   19818MiB /  81559MiB |    100%   Default |',
].join('\n');

describe('output that is known and not read', () => {
  test.each([
    ['the screen of nvidia-smi', BOX, 'the table that nvidia-smi prints for a screen'],
    ['pmon', '# gpu     pid  type    sm\n# Idx       #   C/G     %\n    0   14835    C    45\n', 'pmon'],
    ['pmon as CSV', '#Date, Time, gpu, pid, type\n', 'pmon'],
    [
      'a list of GPUs',
      'GPU 0: NVIDIA A100 (UUID: GPU-fa3da260-9c42-828f-981a-f6d7b48d77b3)\n',
      'nvidia-smi -L',
    ],
    ['gpustat', "n1  Sat Jan 31 12:00:00 2026\n[0] NVIDIA A100 | 50'C,  99 % | 1 / 9 MB |\n", 'gpustat'],
    [
      'JSON of gpustat',
      '{"hostname": "n1", "query_time": "2026-01-31T12:00:00", "gpus": []}',
      'gpustat --json',
    ],
    ['nvtop', '[{"device_name": "A100", "gpu_clock": "1410MHz", "power_draw": "300W"}]', 'nvtop'],
    ['nvitop', '│ NVITOP 1.3.2     Driver Version: 535.1 │\n', 'nvitop'],
  ])('%s is refused by its name, with what to keep instead', async (_name, text, what) => {
    const error = read(text);
    await expect(error).rejects.toMatchObject({ code: 'format-unknown' });
    await expect(error).rejects.toThrow(what);
    await expect(error).rejects.toThrow('--query-gpu=timestamp');
  });
  test('anything else is refused with the formats that are read', async () => {
    await expect(read('hello world\n')).rejects.toThrow('not recognised as any of');
  });
});
