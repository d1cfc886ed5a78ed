import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CRC64_START, crc64, crc64Text } from '../../../src/simulator/objects/crc64.ts';

/** Bit by bit, as the definition has it: slow, and in 64 bits. */
function bitByBit(bytes: Uint8Array): bigint {
  const ones = 0xffff_ffff_ffff_ffffn;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc >> 1n) ^ ((crc & 1n) === 1n ? 0xc96c_5795_d787_0f42n : 0n);
    }
  }
  return crc ^ ones;
}

test('the check value of the CRC is right, and nothing has none', () => {
  expect(crc64Text(crc64(CRC64_START, Buffer.from('123456789')))).toBe('11051210869376104954');
  expect(crc64Text(CRC64_START)).toBe('0');
});

test('the CRC is that of its definition, in however many pieces the bytes come', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) => {
      const crc = pieces.reduce((sum, piece) => crc64(sum, Buffer.from(piece)), CRC64_START);
      expect(crc64Text(crc)).toBe(bitByBit(Buffer.concat(pieces)).toString());
    }),
    { numRuns: 200 },
  );
});
