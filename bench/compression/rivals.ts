import sharp, { type Sharp } from 'sharp';
import type { Family } from './pictures.ts';

/** One constant setting for all pictures of a family. */
export interface Rival {
  readonly name: string;
  readonly encode: (original: Buffer) => Promise<Buffer>;
}

/** Inks stay inks and a profile stays, as with the engine. */
async function openKept(original: Buffer): Promise<Sharp> {
  const { space } = await sharp(original).metadata();
  const opened = sharp(original).keepIccProfile();
  return space === 'cmyk' ? opened.pipelineColourspace('cmyk').toColourspace('cmyk') : opened;
}

const jpegRival = (quality: number, isMozjpeg: boolean): Rival => ({
  name: `${isMozjpeg ? 'mozjpeg' : 'JPEG'} q${quality}`,
  encode: async (original) =>
    (await openKept(original)).jpeg({ quality, mozjpeg: isMozjpeg }).toBuffer(),
});

const paletteRival = (quality: number): Rival => ({
  name: `palette q${quality}`,
  encode: (original) => sharp(original).png({ palette: true, quality }).toBuffer(),
});

const lossless: Rival = {
  name: 'lossless, level 9',
  encode: (original) => sharp(original).png({ compressionLevel: 9 }).toBuffer(),
};

const gifRival = (colours: number): Rival => ({
  name: `GIF, ${colours} colours`,
  encode: (original) =>
    sharp(original, { pages: -1 }).gif({ colours, keepDuplicateFrames: true }).toBuffer(),
});

/** What one would write first. */
export const DEFAULTS: Readonly<Record<Family, readonly Rival[]>> = {
  jpg: [
    {
      name: 'sharp’s default',
      encode: async (original) => (await openKept(original)).jpeg().toBuffer(),
    },
    jpegRival(75, true),
    jpegRival(80, true),
  ],
  png: [
    { name: 'sharp’s default', encode: (original) => sharp(original).png().toBuffer() },
    paletteRival(80),
  ],
  gif: [
    {
      name: 'sharp’s default',
      encode: (original) => sharp(original, { pages: -1 }).gif().toBuffer(),
    },
  ],
};

const range = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + step * index);

/** All constants of one encoder, from few bytes to many: one of them is the best constant. */
export const CONSTANTS: Readonly<Record<Family, readonly (readonly Rival[])[]>> = {
  jpg: [
    range(60, 96, 3).map((quality) => jpegRival(quality, true)),
    range(60, 96, 4).map((quality) => jpegRival(quality, false)),
  ],
  png: [[...range(20, 100, 10).map(paletteRival), lossless]],
  gif: [[16, 256].map(gifRival)],
};
