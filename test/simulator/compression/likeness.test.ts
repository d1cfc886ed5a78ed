import sharp from 'sharp';
import { expect, test } from 'vitest';
import { likeness, type Raster } from '../../../src/simulator/compression/likeness.ts';
import { photo, screen } from './pictures.ts';

async function raster(bytes: Buffer): Promise<Raster> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, pixels: data };
}

const plain = (level: number, side = 64): Raster => ({
  width: side,
  height: side,
  channels: 1,
  pixels: new Uint8Array(side * side).fill(level),
});

test('a picture is fully like itself', async () => {
  const picture = await raster(screen());
  expect(likeness(picture, picture)).toEqual({ luma: 1, chroma: 1, total: 1 });
});

test('the lower the quality of a JPEG, the less alike', async () => {
  const original = await (await photo()).png().toBuffer();
  const reference = await raster(original);
  const totals: number[] = [];
  for (const quality of [95, 80, 60, 40, 20]) {
    const jpeg = await sharp(original).jpeg({ quality }).toBuffer();
    totals.push(likeness(reference, await raster(jpeg)).total);
  }
  expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  expect(totals[0]).toBeGreaterThan(0.97);
  expect(totals.at(-1)).toBeLessThan(0.9);
});

test('a small icon that lost its colour counts, however large the page', async () => {
  const page = (fill: string) =>
    sharp(
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="100%" height="100%" fill="#fff"/><rect x="300" y="200" width="24" height="24" fill="${fill}"/></svg>`,
      ),
    )
      .png()
      .toBuffer();
  const [yellow, orange] = [
    await raster(await page('#f0e000')),
    await raster(await page('#f0a000')),
  ];
  expect(likeness(yellow, orange).total).toBeLessThan(0.9);
});

test('a shift of a plain surface counts though its structure is the same', () => {
  expect(likeness(plain(200), plain(201)).total).toBeGreaterThan(0.98);
  expect(likeness(plain(200), plain(206)).total).toBeLessThan(0.95);
});

test('colour under what is fully transparent does not count, transparency does', () => {
  const filled = (rgba: readonly number[]): Raster => ({
    width: 16,
    height: 16,
    channels: 4,
    pixels: Uint8Array.from({ length: 16 * 16 * 4 }, (_, index) => rgba[index % 4] ?? 0),
  });
  expect(likeness(filled([255, 0, 0, 0]), filled([0, 255, 0, 0])).total).toBe(1);
  expect(likeness(filled([0, 0, 0, 255]), filled([0, 0, 0, 128])).total).toBeLessThan(0.9);
  expect(likeness(filled([255, 255, 255, 255]), filled([255, 255, 255, 128])).total).toBeLessThan(
    0.9,
  );
});

test('pictures of a single pixel or line can be compared', () => {
  expect(likeness(plain(10, 1), plain(10, 1)).total).toBe(1);
  expect(likeness(plain(10, 1), plain(250, 1)).total).toBeLessThan(0.5);
  const line: Raster = { width: 37, height: 1, channels: 1, pixels: new Uint8Array(37) };
  expect(likeness(line, line).total).toBe(1);
});

test('pictures of different sizes cannot', () => {
  expect(() => likeness(plain(0, 8), plain(0, 9))).toThrow(RangeError);
});
