import type { JpegOptions } from 'sharp';
import { likeness } from './likeness.ts';
import { withOrientation } from './orientation.ts';
import { open, openRaster, type Picture } from './picture.ts';
import { type Sample, sampleAgain, sheetSeen } from './sample.ts';
import { lowestReaching, smallest } from './search.ts';

interface Setting {
  readonly encoder: JpegOptions;
  readonly quality: number;
  readonly chromaSubsampling: '4:2:0' | '4:4:4';
}

interface Attempt {
  readonly setting: Setting;
  readonly bytes: number;
  readonly isColourTheLimit: boolean;
}

interface Trial {
  readonly picture: Picture;
  readonly sample: Sample;
  readonly target: number;
}

/** Below the first a measure is no longer to be trusted alone; above the last nothing is gained. */
const QUALITY = { low: 45, high: 95, first: 76 } as const;

/**
 * What decides about the pixels, the likeliest first. Most pictures are smallest with mozjpeg's own
 * table and trellis; strong colours do better without the trellis, grain with the other table.
 */
const ENCODERS: readonly JpegOptions[] = [
  { trellisQuantisation: true, overshootDeringing: true, quantisationTable: 3 },
  { trellisQuantisation: false, overshootDeringing: true, quantisationTable: 3 },
  { trellisQuantisation: true, overshootDeringing: true, quantisationTable: 8 },
];
/** How much more quality the finished picture may take than the search said. */
const MAX_STEPS_UP = 4;
/** What mostly orders the bytes: left out while searching. */
const SCANS: JpegOptions = { progressive: true, optimiseScans: true };

/**
 * The smallest progressive JPEG that reaches the target, or null. Colour is kept at full size where
 * halving it would be seen and costs more quality than it saves.
 */
export async function slimJpeg(
  picture: Picture,
  sample: Sample,
  target: number,
): Promise<Buffer | null> {
  const trial = { picture, sample, target };
  // Inks are never halved.
  const halved = picture.isCmyk ? null : await smallestOf(trial, '4:2:0');
  const mayFullBeSmaller = halved === null || (halved.isColourTheLimit && !picture.isGrey);
  const full = mayFullBeSmaller ? await smallestOf(trial, '4:4:4') : null;
  const best = smallest([halved, full]);
  return best && finished(trial, best.setting);
}

/**
 * The trellis weighs what bytes cost, and other scans cost others: the pixels may differ a little
 * from those of the search, so they are looked at again.
 */
async function finished(trial: Trial, setting: Setting): Promise<Buffer | null> {
  const { picture, sample, target } = trial;
  for (let step = 0; step <= MAX_STEPS_UP; step += 1) {
    const quality = Math.min(100, setting.quality + step);
    const bytes = await encode(picture, { ...optionsOf({ ...setting, quality }), ...SCANS });
    const found = await sampleAgain(bytes, picture, sample.plan);
    if (likeness(sample.seen, found).total >= target) return withOrientation(bytes, picture);
  }
  return null;
}

async function smallestOf(
  trial: Trial,
  chromaSubsampling: Setting['chromaSubsampling'],
): Promise<Attempt | null> {
  const attempts: (Attempt | null)[] = [];
  for (const encoder of encodersFor(trial)) {
    attempts.push(
      await lowestReaching(QUALITY, (quality) =>
        tryOut(trial, { encoder, quality, chromaSubsampling }),
      ),
    );
  }
  return smallest(attempts);
}

/** Where every attempt encodes a large whole, there is time for one encoder only. */
function encodersFor({ sample }: Trial): readonly JpegOptions[] {
  const isSlow = sample.sheet === null && sample.plan !== 'whole';
  return isSlow ? ENCODERS.slice(0, 1) : ENCODERS;
}

function optionsOf({ encoder, quality, chromaSubsampling }: Setting): JpegOptions {
  return { ...encoder, quality, chromaSubsampling };
}

async function tryOut(
  { picture, sample: { sheet, plan, seen }, target }: Trial,
  setting: Setting,
): Promise<Attempt | null> {
  const options = optionsOf(setting);
  const bytes =
    sheet === null
      ? await encode(picture, options)
      : await openRaster(sheet).jpeg(options).toBuffer();
  const found =
    sheet === null ? await sampleAgain(bytes, picture, plan) : await sheetSeen(bytes, picture);
  const { luma, chroma, total } = likeness(seen, found);
  if (total < target) return null;
  return { setting, bytes: bytes.length, isColourTheLimit: chroma < luma };
}

/** Inks stay inks, grey stays grey, and the numbers keep the profile that gives them a meaning. */
function encode(picture: Picture, options: JpegOptions): Promise<Buffer> {
  let pipeline = open(picture.bytes);
  if (picture.isCmyk) pipeline = pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
  if (picture.isGrey) pipeline = pipeline.toColourspace('b-w');
  if (picture.profile !== null) pipeline = pipeline.keepIccProfile();
  return pipeline.jpeg(options).toBuffer();
}
