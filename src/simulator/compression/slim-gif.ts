import sharp, { type GifOptions, type Sharp } from 'sharp';
import { gifFacts } from './gif-facts.ts';
import { likeness } from './likeness.ts';
import { open, openRaster, type Picture, rasterOf } from './picture.ts';
import { firstFrames, type Sample } from './sample.ts';
import { lowestReaching, smallest } from './search.ts';

interface Setting {
  /** What libimagequant thins all frames' colours by before they are encoded; null: not at all. */
  readonly thinning: number | null;
  readonly options: GifOptions;
}

interface Attempt {
  readonly setting: Setting;
  readonly bytes: number;
}

interface Trial {
  readonly picture: Picture;
  readonly sample: Sample;
  readonly target: number;
}

/** Palettes as they are, made anew, and of fewer bits, largest first. */
const PALETTES: readonly GifOptions[] = [
  { reuse: true },
  { reuse: false },
  { reuse: false, colours: 16 },
  { reuse: false, colours: 4 },
  { reuse: false, colours: 2 },
];
/** In tens: the fewer colours, the longer the runs that LZW finds. */
const THINNING_TENS = { low: 2, high: 9, first: 7 } as const;
/** Above this many pixels the frames are not held in memory together to be thinned. */
const MAX_THINNED_PIXELS = 2 ** 24;
/** The most that the encoder takes; a GIF that says one more is left as it is. */
const MAX_LOOP = 65_535;
/** How far a pixel may stay as it was in the frame before, of 32. */
const LEFTOVERS = [4, 8] as const;

/**
 * Settings that hold for every attempt: a frame that repeats the one before is still a frame, and
 * dithering would flicker and leave LZW nothing to find.
 */
const KEPT: GifOptions = { effort: 7, dither: 0, keepDuplicateFrames: true };

/** The smallest GIF that reaches the target and runs as the original does, or null. */
export async function slimGif(
  picture: Picture,
  sample: Sample,
  target: number,
): Promise<Buffer | null> {
  const trial = { picture, sample, target };
  const attempts: (Attempt | null)[] = [];
  for (const options of PALETTES) attempts.push(await tryOut(trial, { thinning: null, options }));
  const { width, height, frames } = picture.facts;
  if (width * height * frames <= MAX_THINNED_PIXELS) {
    const thinned = (tens: number) => tryOut(trial, { thinning: 10 * tens, options: {} });
    attempts.push(await lowestReaching(THINNING_TENS, thinned));
  }
  const still = smallest(attempts);
  if (still === null) return null;
  const { setting } = frames > 1 ? await withLeftovers(trial, still) : still;
  const bytes = await encode(open(picture.bytes, { pages: frames }), { picture, setting });
  return courseOf(bytes) === courseOf(picture.bytes) ? bytes : null;
}

async function withLeftovers(trial: Trial, still: Attempt): Promise<Attempt> {
  const attempts: (Attempt | null)[] = [still];
  const { thinning, options } = still.setting;
  for (const interFrameMaxError of LEFTOVERS) {
    attempts.push(await tryOut(trial, { thinning, options: { ...options, interFrameMaxError } }));
  }
  return smallest(attempts) ?? still;
}

async function tryOut(
  { picture, sample, target }: Trial,
  setting: Setting,
): Promise<Attempt | null> {
  const { seen, sheet } = sample;
  const pages = firstFrames(picture);
  const source = sheet === null ? open(picture.bytes, { pages }) : openRaster(sheet);
  // A sheet of tiles is one frame, and stands for an animation whose frames are all large.
  const facts = sheet === null ? { ...picture.facts, frames: pages } : { ...sheet, frames: 1 };
  const part = { ...picture, facts: { ...picture.facts, ...facts } };
  const bytes = await encode(source, { picture: part, setting });
  const { total } = likeness(seen, await rasterOf(open(bytes, { pages: -1 })));
  return total < target ? null : { setting, bytes: bytes.length };
}

async function encode(
  source: Sharp,
  { picture, setting }: { picture: Picture; setting: Setting },
): Promise<Buffer> {
  const options = { ...KEPT, ...setting.options };
  if (setting.thinning === null) return source.gif(options).toBuffer();
  const roll = await source
    .png({ palette: true, quality: setting.thinning, dither: 0, effort: 4, compressionLevel: 1 })
    .toBuffer();
  const { pixels, ...raw } = await rasterOf(open(roll));
  const { frames, height } = picture.facts;
  if (frames === 1) return sharp(pixels, { raw }).gif(options).toBuffer();
  return sharp(pixels, { raw: { ...raw, pageHeight: height } })
    .gif({ ...options, ...timing(picture) })
    .toBuffer();
}

/** Delays in milliseconds, of the frames that are there; 0 repetitions mean without end. */
function timing({ bytes, facts: { frames } }: Picture): Pick<GifOptions, 'delay' | 'loop'> {
  const { delays, repetitions } = readCourse(bytes);
  const loop =
    repetitions === null ? 1 : repetitions === 0 ? 0 : Math.min(MAX_LOOP, repetitions + 1);
  return { delay: delays.slice(0, frames).map((delay) => 10 * delay), loop };
}

function readCourse(bytes: Buffer) {
  const { delayOffsets, loopOffset } = gifFacts(bytes);
  return {
    delays: delayOffsets.map((at) => (at === null ? 0 : bytes.readUInt16LE(at))),
    repetitions: loopOffset === null ? null : bytes.readUInt16LE(loopOffset),
  };
}

/** Delays and repetitions as one text, equal for GIFs that run alike. */
function courseOf(bytes: Buffer): string {
  const { delays, repetitions } = readCourse(bytes);
  return delays.length === 1 ? 'still' : `${repetitions ?? 'once'} ${delays}`;
}
