import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { pngChunk, withChunks } from '../../../src/simulator/compression/png-chunks.ts';
import type { SlimResult } from '../../../src/simulator/compression/slim-result.ts';
import { startCompressing } from './compressing.ts';
import { animation, PICTURES, photo, screen } from './pictures.ts';

const compressing = startCompressing({ limits: { deadlineMs: 15_000 } });
afterAll(() => compressing[Symbol.asyncDispose]());

const make = (name: string) => PICTURES[name]?.() ?? Promise.reject(new Error(name));
const jpeg = await make('camera JPEG');
const png = await make('PNG of a screen');
const gif = await animation();
const ZIP = Buffer.from('PK\x03\x04 an archive of its own', 'latin1');

/** A PNG of any announced size whose rows are all zero: a kilobyte for each megapixel or less. */
function zeroPng(width: number, height: number, content?: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  const rows = content ?? deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return Buffer.concat([
    png.subarray(0, 8),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of any announced size and number of frames of one pixel each. */
function gifOf(width: number, height: number, frames: number): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  const frame = Buffer.from('\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** A JPEG whose frame header is written over. */
function reframed(change: (frame: Buffer) => void): Buffer {
  const changed = Buffer.from(jpeg);
  change(changed.subarray(changed.indexOf(Buffer.from([0xff, 0xc0]))));
  return changed;
}

function manyScans(): Buffer {
  const start = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(start, start + 2 + jpeg.readUInt16BE(start + 2));
  const scans = Array.from({ length: 250 }, () => scan);
  return Buffer.concat([jpeg.subarray(0, start), ...scans, Buffer.from([0xff, 0xd9])]);
}

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);

const HOSTILE: readonly { name: string; bytes: () => Buffer | Promise<Buffer>; reason: string }[] =
  [
    { name: 'no bytes', bytes: () => Buffer.alloc(0), reason: 'not-an-image' },
    { name: 'zero bytes', bytes: () => Buffer.alloc(4096), reason: 'not-an-image' },
    { name: 'text', bytes: () => Buffer.from('hello'), reason: 'not-an-image' },
    { name: 'a page', bytes: () => Buffer.from('<html><script>'), reason: 'not-an-image' },
    { name: 'an SVG', bytes: () => screen(), reason: 'format-not-covered' },
    {
      name: 'a WebP',
      bytes: async () => (await photo()).webp().toBuffer(),
      reason: 'format-not-covered',
    },
    { name: 'half a JPEG', bytes: () => half(jpeg), reason: 'corrupt' },
    { name: 'half a PNG', bytes: () => half(png), reason: 'corrupt' },
    { name: 'half a GIF', bytes: () => half(gif), reason: 'corrupt' },
    { name: 'the first bytes of a JPEG', bytes: () => jpeg.subarray(0, 3), reason: 'corrupt' },
    { name: 'the first bytes of a PNG', bytes: () => png.subarray(0, 8), reason: 'corrupt' },
    { name: 'the first bytes of a GIF', bytes: () => gif.subarray(0, 6), reason: 'corrupt' },
    { name: 'a PNG of no width', bytes: () => zeroPng(0, 9), reason: 'corrupt' },
    { name: 'a PNG side too long', bytes: () => zeroPng(30_001, 1), reason: 'too-large' },
    {
      name: 'a PNG of 400 megapixels',
      bytes: () => zeroPng(20_000, 20_000, Buffer.alloc(9)),
      reason: 'too-large',
    },
    {
      name: 'a PNG of 2^31 by 2^31',
      bytes: () => zeroPng(2 ** 31 - 1, 2 ** 31 - 1, Buffer.alloc(9)),
      reason: 'too-large',
    },
    {
      name: 'a PNG that promises more rows than it has',
      bytes: () => zeroPng(3000, 3000, deflateSync(Buffer.alloc(99))),
      reason: 'corrupt',
    },
    {
      name: 'a PNG whose chunk is longer than the file',
      bytes: () => Buffer.concat([png.subarray(0, 33), Buffer.from([0x7f, 0xff, 0xff, 0xff]), ZIP]),
      reason: 'corrupt',
    },
    {
      name: 'an animated PNG',
      bytes: () => withChunks(png, [pngChunk('acTL', Buffer.alloc(8))]),
      reason: 'format-not-covered',
    },
    { name: 'a GIF of 301 frames', bytes: () => gifOf(1, 1, 301), reason: 'too-large' },
    { name: 'a GIF of 65535 by 65535', bytes: () => gifOf(65_535, 65_535, 1), reason: 'too-large' },
    { name: 'a GIF of 300 large frames', bytes: () => gifOf(2000, 2000, 300), reason: 'too-large' },
    { name: 'a GIF without a frame', bytes: () => gifOf(8, 8, 0), reason: 'corrupt' },
    {
      name: 'a script that begins like a GIF',
      bytes: () => Buffer.from('GIF89a=1;/*\0\0*/alert(document.domain)//'),
      reason: 'corrupt',
    },
    {
      name: 'a JPEG of 65500 by 65500',
      bytes: () => reframed((frame) => frame.fill(0xff, 5, 9).writeUInt16BE(65_500, 5)),
      reason: 'too-large',
    },
    {
      name: 'an arithmetic-coded JPEG',
      bytes: () => reframed((frame) => frame.writeUInt8(0xc9, 1)),
      reason: 'format-not-covered',
    },
    { name: 'a JPEG of too many scans', bytes: () => manyScans(), reason: 'too-large' },
    {
      name: 'a JPEG with an archive behind it',
      bytes: () => Buffer.concat([jpeg, ZIP]),
      reason: 'format-not-covered',
    },
    {
      name: 'a PNG with an archive behind it',
      bytes: () => Buffer.concat([png, ZIP]),
      reason: 'format-not-covered',
    },
    {
      name: 'a GIF with an archive behind it',
      bytes: () => Buffer.concat([gif, ZIP]),
      reason: 'format-not-covered',
    },
    {
      name: 'more than 32 MB',
      bytes: () => Buffer.concat([jpeg, Buffer.alloc(32 * 2 ** 20)]),
      reason: 'too-large',
    },
  ];

test.for(HOSTILE)('$name is served as it is: $reason', async ({ bytes, reason }) => {
  const result = await compressing.compressor.compress(compressing.store(await bytes()));
  expect(result).toEqual({ kind: 'original', reason });
});

test('a bomb within the limits ends by the clock or with a picture, not with the memory', async () => {
  await using bounded = startCompressing({
    limits: { deadlineMs: 1500, maxProcessBytes: 600 * 2 ** 20 },
  });
  const result = await bounded.compressor.compress(bounded.store(zeroPng(16_000, 15_000)));
  expect(result.kind === 'compressed' || result.reason === 'too-large').toBe(true);
});

test('zero bytes behind a picture do not matter', async () => {
  const padded = Buffer.concat([png, Buffer.alloc(100)]);
  const result = await compressing.compressor.compress(compressing.store(padded));
  expect(result.kind).toBe('compressed');
});

const GOOD = [
  { name: 'JPEG', bytes: jpeg },
  { name: 'progressive JPEG', bytes: await make('progressive JPEG') },
  { name: 'PNG', bytes: png },
  { name: 'GIF', bytes: gif },
];

test.for(GOOD)('a $name with wrong bytes anywhere never crashes anything', async ({ bytes }) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(bytes.length)),
      async (changes, end) => {
        const broken = Buffer.from(bytes);
        for (const [at, value] of changes) broken[at] = value;
        const stored = compressing.store(end === null ? broken : broken.subarray(0, end));
        await expectSound(await compressing.compressor.compress(stored), stored.bytes);
      },
    ),
    { numRuns: 8 },
  );
});

async function expectSound(result: SlimResult, originalBytes: number): Promise<void> {
  if (result.kind === 'original') return;
  expect(result.bytes).toBeLessThan(originalBytes);
  await sharp(result.path, { failOn: 'warning', pages: -1 }).raw().toBuffer();
}
