import { likeness } from './likeness.ts';
import type { CompressionLimits } from './limits.ts';
import { open, type Picture, rasterOf, readPicture } from './picture.ts';
import { formatOf, readFacts } from './read-facts.ts';
import { firstFrames, type Sample, sampleAgain, takeSample } from './sample.ts';
import { slimGif } from './slim-gif.ts';
import { slimJpeg } from './slim-jpeg.ts';
import { slimPng } from './slim-png.ts';
import { OriginalServed, type SlimFormat } from './slim-result.ts';

/** How alike the result must look; see docs/compression.md for where the number comes from. */
export const TARGET = 0.98;

/** A new encoding that saves less than this share is not worth what it changes. */
const MIN_SAVING = 0.02;

type Slimmer = (picture: Picture, sample: Sample, target: number) => Promise<Buffer | null>;

const SLIMMERS: Readonly<Record<SlimFormat, Slimmer>> = {
  jpg: slimJpeg,
  png: slimPng,
  gif: slimGif,
};

export interface SlimPicture {
  readonly format: SlimFormat;
  readonly bytes: Buffer;
}

/**
 * The smallest picture of the same format that looks the same, whatever the bytes are.
 * @throws OriginalServed when there is none; any other error comes from the decoder and means that
 *   the bytes are corrupt
 */
export async function slimPicture(bytes: Buffer, limits: CompressionLimits): Promise<SlimPicture> {
  const format = formatOf(bytes);
  const picture = await readPicture(bytes, { format, facts: readFacts(bytes, format, limits) });
  const sample = await takeSample(picture);
  const slim = await SLIMMERS[format](picture, sample, TARGET);
  if (slim === null || slim.length > bytes.length * (1 - MIN_SAVING)) {
    throw new OriginalServed('not-smaller');
  }
  if (!(await isAlike(slim, { picture, sample, limits }))) throw new OriginalServed('not-smaller');
  return { format, bytes: slim };
}

interface Original {
  readonly picture: Picture;
  readonly sample: Sample;
  readonly limits: CompressionLimits;
}

/** The last word: the finished bytes are read anew and looked at as a stranger would. */
async function isAlike(slim: Buffer, { picture, sample, limits }: Original): Promise<boolean> {
  const { width, height, frames } = picture.facts;
  const facts = readFacts(slim, formatOf(slim), limits);
  if (facts.width !== width || facts.height !== height || facts.frames !== frames) return false;
  const { orientation, profile } = await readPicture(slim, { format: picture.format, facts });
  if (orientation !== picture.orientation || (profile === null) !== (picture.profile === null))
    return false;
  const seen = await sampleAgain(slim, picture, sample.plan);
  if (likeness(sample.seen, seen).total < TARGET) return false;
  return frames === 1 || hasLikeEnd(slim, picture);
}

/** The search looks at the first frames; the last ones must do as well. */
async function hasLikeEnd(slim: Buffer, picture: Picture): Promise<boolean> {
  const pages = firstFrames(picture);
  const page = picture.facts.frames - pages;
  const [before, after] = await Promise.all(
    [picture.bytes, slim].map((bytes) => rasterOf(open(bytes, { page, pages }))),
  );
  return before !== undefined && after !== undefined && likeness(before, after).total >= TARGET;
}
