// CRC-64 of ECMA-182, reflected, in two halves of 32 bits: numbers, where BigInt would be slow.

/** What is known after some bytes. */
export interface Crc64 {
  readonly high: number;
  readonly low: number;
}

const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;
const HIGH = new Uint32Array(256);
const LOW = new Uint32Array(256);

for (let byte = 0; byte < 256; byte += 1) {
  let [high, low] = [0, byte];
  for (let bit = 0; bit < 8; bit += 1) {
    const isOdd = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}

/** Of no bytes. */
export const CRC64_START: Crc64 = { high: 0, low: 0 };

/** Go on with more bytes. Source: COS documentation, "CRC64 Check". */
export function crc64({ high, low }: Crc64, bytes: Buffer): Crc64 {
  let [h, l] = [~high, ~low];
  for (let at = 0; at < bytes.length; at += 1) {
    // Indices are below 256 and `at` is below the length: both tables and the buffer have a value.
    const index = (l ^ (bytes[at] as number)) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ (LOW[index] as number);
    h = (h >>> 8) ^ (HIGH[index] as number);
  }
  return { high: ~h >>> 0, low: ~l >>> 0 };
}

/** As the header `x-cos-hash-crc64ecma` says it: an unsigned decimal number. */
export function crc64Text({ high, low }: Crc64): string {
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}
