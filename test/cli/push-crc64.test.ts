import { describe, expect, test } from 'vitest';
import { Crc64, crc64, crc64Text, joinCrc64 } from '../../cli/push/crc64.ts';
import { fc } from '../fast-check.ts';

/** The definition, a bit at a time. */
function slow(bytes: Uint8Array): bigint {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : crc >> 1n;
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

const bytes = () => fc.uint8Array({ maxLength: 100 });

describe('CRC-64/NVME', () => {
  test('has the check value of the catalogue of CRCs', () => {
    expect(crc64(Buffer.from('123456789'))).toBe(0xae8b_1486_0a79_9888n);
    expect(crc64Text(0xae8b_1486_0a79_9888n)).toBe('rosUhgp5mIg=');
    expect(crc64(Buffer.alloc(0))).toBe(0n);
    expect(crc64Text(0n)).toBe('AAAAAAAAAAA=');
  });

  test('is that of the definition, of any bytes', () => {
    fc.assert(
      fc.property(bytes(), (b) => {
        expect(crc64(b)).toBe(slow(b));
      }),
    );
  });

  test('does not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(bytes()), (pieces) => {
        const crc = new Crc64();
        for (const piece of pieces) crc.update(piece);
        expect(crc.digest()).toBe(crc64(Buffer.concat(pieces)));
      }),
    );
  });

  test('of two stretches follows from theirs', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (a, b) => {
        expect(joinCrc64(crc64(a), crc64(b), b.length)).toBe(crc64(Buffer.concat([a, b])));
      }),
    );
    const long = Buffer.alloc(3_000_017, 'telemetry');
    expect(joinCrc64(crc64(Buffer.from('a')), crc64(long), long.length)).toBe(
      crc64(Buffer.concat([Buffer.from('a'), long])),
    );
  });
});
