import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainMeasure, shown } from '../../../bench/compression/plain-measure.ts';
import type { SlimResult } from '../../../src/simulator/compression/compress-image.ts';
import { startCompressing } from './compressing.ts';
import { animation, DELAYS, PICTURES } from './pictures.ts';

const compressing = startCompressing();
afterAll(() => compressing[Symbol.asyncDispose]());

async function compressed(original: Buffer) {
  const result = await compressing.compressor.compress(compressing.store(original));
  if (result.kind !== 'compressed') throw new Error(`served the original: ${result.reason}`);
  return { result, slim: readFileSync(result.path) };
}

interface Pair {
  readonly original: Buffer;
  readonly slim: Buffer;
  readonly result: SlimResult;
}

describe.for(Object.entries(PICTURES))('%s', ([name, make]) => {
  let pair: Pair;

  beforeAll(async () => {
    const original = await make();
    pair = { original, ...(await compressed(original)) };
  });

  test('becomes smaller, and the result says by how much', () => {
    expect(pair.slim.length).toBeLessThan(pair.original.length);
    expect(pair.result).toMatchObject({ bytes: pair.slim.length });
  });

  test('keeps format, size, frames and course', async () => {
    const facts = async (bytes: Buffer) => {
      const { format, width, height, pages, pageHeight, delay, loop, orientation, space } =
        await sharp(bytes, { pages: -1 }).metadata();
      const hasInks = space === 'cmyk';
      return { format, width, height, pages, pageHeight, delay, loop, orientation, hasInks };
    };
    expect(await facts(pair.slim)).toEqual(await facts(pair.original));
  });

  test('looks the same by a second measure', async () => {
    const { psnr, ssim } = await plainMeasure(pair.original, pair.slim);
    expect.soft(ssim, 'similarity').toBeGreaterThan(0.95);
    expect.soft(psnr, 'noise').toBeGreaterThan(name.includes('CMYK') ? 27 : 30);
  });

  test('keeps what is transparent', async () => {
    const holes = async (bytes: Buffer) => {
      const { data } = await sharp(bytes, { pages: -1 })
        .ensureAlpha()
        .extractChannel('alpha')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return data;
    };
    const [before, after] = [await holes(pair.original), await holes(pair.slim)];
    const differences = before.map((alpha, index) => Math.abs(alpha - (after[index] ?? 0)));
    const sum = differences.reduce((total, difference) => total + difference, 0);
    expect(sum / before.length).toBeLessThan(1.5);
  });
});

test('a JPEG comes out progressive', async () => {
  const { slim } = await compressed(await (PICTURES['camera JPEG'] ?? animation)());
  expect(await sharp(slim).metadata()).toMatchObject({ isProgressive: true });
});

test('a profile that matters stays, one that says nothing goes', async () => {
  const profileOf = async (name: string) => {
    const { slim } = await compressed(await (PICTURES[name] ?? animation)());
    return (await sharp(slim).metadata()).icc;
  };
  expect(await profileOf('JPEG in Display P3')).toBeDefined();
  expect(await profileOf('PNG in Display P3')).toBeDefined();
  expect(await profileOf('CMYK JPEG with a profile')).toBeDefined();
  expect(await profileOf('PNG tagged sRGB')).toBeUndefined();
});

test('a gamma that is told without a profile stays', async () => {
  const { slim } = await compressed(await (PICTURES['PNG of linear light'] ?? animation)());
  expect(slim.indexOf('gAMA')).toBeGreaterThan(0);
});

test('notes about place and camera go', async () => {
  const photo = await (PICTURES['camera JPEG'] ?? animation)();
  const noted = await sharp(photo)
    .withExif({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitudeRef: 'N' } })
    .jpeg({ quality: 96 })
    .toBuffer();
  expect(noted.includes('somebody')).toBe(true);
  const { slim } = await compressed(noted);
  expect(slim.includes('somebody')).toBe(false);
});

test('an animation that is shown once is shown once, and delays stay as they are', async () => {
  const delay = DELAYS.slice(0, 2);
  const { slim } = await compressed(await animation(1, delay));
  expect(await sharp(slim, { pages: -1 }).metadata()).toMatchObject({ loop: 1, delay });
});

test('every frame of an animation looks like its own', async () => {
  const original = await animation();
  const { slim } = await compressed(original);
  const [before, after] = [await shown(original), await shown(slim)];
  const perFrame = before.pixels.length / DELAYS.length;
  for (const [step] of DELAYS.entries()) {
    const range = [step * perFrame, (step + 1) * perFrame] as const;
    const other = after.pixels.subarray(...range);
    const sum = before.pixels
      .subarray(...range)
      .reduce((total, level, index) => total + Math.abs(level - (other[index] ?? 0)), 0);
    expect.soft(sum / perFrame, `frame ${step}`).toBeLessThan(2);
  }
});

test('what was compressed is not compressed again and again', async () => {
  const { slim } = await compressed(await (PICTURES['PNG of a screen'] ?? animation)());
  const again = await compressing.compressor.compress(compressing.store(slim));
  expect(again.kind === 'original' || again.bytes > slim.length * 0.8).toBe(true);
});
