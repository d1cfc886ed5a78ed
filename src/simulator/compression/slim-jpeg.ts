import type { JpegOptions } from 'sharp';
import { likeness } from './likeness.ts';
import { withOrientation } from './orientation.ts';
import { open, openRaster, type Picture } from './picture.ts';
import { type Sample, sampleAgain, sheetSeen } from './sample.ts';
import { lowestReaching } from './search.ts';

interface Setting {
  readonly quality: number;
  readonly chromaSubsampling: '4:2:0' | '4:4:4';
}

interface Attempt {
  readonly setting: Setting;
  readonly bytes: number;
  readonly isColourTheLimit: boolean;
}

/** Below the first a measure is no longer to be trusted alone; above the last nothing is gained. */
const QUALITY = { low: 45, high: 95, first: 76 } as const;

/** What decides about the pixels; the order of the scans does not. */
const ENCODER: JpegOptions = {
  trellisQuantisation: true,
  overshootDeringing: true,
  quantisationTable: 3,
};
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
  const attempt = (chromaSubsampling: Setting['chromaSubsampling']) => (quality: number) =>
    tryOut(picture, { sample, target, setting: { quality, chromaSubsampling } });
  const halved = picture.isCmyk ? null : await lowestReaching(QUALITY, attempt('4:2:0'));
  const mayFullBeSmaller = halved === null || halved.isColourTheLimit;
  const high = halved === null ? QUALITY.high : halved.setting.quality - 1;
  const full =
    mayFullBeSmaller && !picture.isGrey
      ? await lowestReaching({ ...QUALITY, high }, attempt('4:4:4'))
      : null;
  const best = full !== null && (halved === null || full.bytes < halved.bytes) ? full : halved;
  if (best === null) return null;
  return withOrientation(await encode(picture, { ...ENCODER, ...SCANS, ...best.setting }), picture);
}

interface Trial {
  readonly sample: Sample;
  readonly target: number;
  readonly setting: Setting;
}

async function tryOut(
  picture: Picture,
  { sample, target, setting }: Trial,
): Promise<Attempt | null> {
  const options = { ...ENCODER, ...setting };
  const { sheet, plan } = sample;
  const bytes =
    sheet === null
      ? await encode(picture, options)
      : await openRaster(sheet).jpeg(options).toBuffer();
  const seen =
    sheet === null ? await sampleAgain(bytes, picture, plan) : await sheetSeen(bytes, picture);
  const { luma, chroma, total } = likeness(sample.seen, seen);
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
