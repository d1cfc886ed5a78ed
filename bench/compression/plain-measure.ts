import sharp from 'sharp';

/** How far two pictures are apart, by measures that share nothing with the engine's own. */
export interface PlainMeasure {
  /** In dB over all channels, as shown on a mid-grey background. */
  readonly psnr: number;
  /** Mean over 8 × 8 blocks of the green channel. */
  readonly ssim: number;
}

/** Decode as a viewer would show it: profile applied, upright, on grey; frames below each other. */
export async function shown(bytes: Buffer) {
  const { data, info } = await sharp(bytes, { pages: -1 })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { orientation = 1 } = await sharp(bytes).metadata();
  const pixels = new Uint8Array(info.width * info.height * 3);
  for (let index = 0; index < info.width * info.height; index += 1) {
    const alpha = (data[index * 4 + 3] ?? 255) / 255;
    for (let channel = 0; channel < 3; channel += 1) {
      const level = data[index * 4 + channel] ?? 0;
      pixels[index * 3 + channel] = Math.round(level * alpha + 128 * (1 - alpha));
    }
  }
  return { width: info.width, height: info.height, orientation, pixels };
}

export async function plainMeasure(original: Buffer, slim: Buffer): Promise<PlainMeasure> {
  const [a, b] = await Promise.all([shown(original), shown(slim)]);
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('sizes differ');
  return { psnr: psnrOf(a.pixels, b.pixels), ssim: meanSsim(a, b.pixels) };
}

/** Only the first of the two, which is quick. */
export async function plainPsnr(original: Buffer, slim: Buffer): Promise<number> {
  const [a, b] = await Promise.all([shown(original), shown(slim)]);
  return psnrOf(a.pixels, b.pixels);
}

function psnrOf(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (let index = 0; index < a.length; index += 1) {
    squares += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  }
  return squares === 0
    ? Number.POSITIVE_INFINITY
    : 10 * Math.log10((255 ** 2 * a.length) / squares);
}

interface Shown {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

function meanSsim({ width, height, pixels }: Shown, other: Uint8Array): number {
  const values: number[] = [];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const [a, b]: [number[], number[]] = [[], []];
      for (let y = top; y < Math.min(height, top + 8); y += 1) {
        for (let x = left; x < Math.min(width, left + 8); x += 1) {
          a.push(pixels[(y * width + x) * 3 + 1] ?? 0);
          b.push(other[(y * width + x) * 3 + 1] ?? 0);
        }
      }
      values.push(blockSsim(a, b));
    }
  }
  return mean(values);
}

function blockSsim(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const varianceA = mean(a.map((level) => (level - meanA) ** 2));
  const varianceB = mean(b.map((level) => (level - meanB) ** 2));
  const covariance = mean(a.map((level, index) => (level - meanA) * ((b[index] ?? 0) - meanB)));
  return (
    ((2 * meanA * meanB + 6.5) * (2 * covariance + 58.5)) /
    ((meanA ** 2 + meanB ** 2 + 6.5) * (varianceA + varianceB + 58.5))
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
