import type { PngOptions, Sharp } from 'sharp';
import { likeness } from './likeness.ts';
import { withOrientation } from './orientation.ts';
import { open, openRaster, type Picture } from './picture.ts';
import { pngChunks, withChunks } from './png-chunks.ts';
import { type Sample, sampleAgain, sheetSeen } from './sample.ts';
import { lowestReaching } from './search.ts';

interface Attempt {
  readonly options: PngOptions;
  readonly bytes: number;
}

interface Trial {
  readonly picture: Picture;
  readonly sample: Sample;
  readonly target: number;
}

/** Ways to pack every number as it is. */
const LOSSLESS: readonly PngOptions[] = [
  { compressionLevel: 9, adaptiveFiltering: true },
  { compressionLevel: 9, adaptiveFiltering: false },
];

/** Ways to spread what a palette lacks; each is searched for the fewest colours that will do. */
const DITHERS = [0, 0.5] as const;

/** Palettes that fit into fewer bits for each pixel, largest first. */
const SMALL_PALETTES = [16, 4, 2] as const;

/**
 * libimagequant's own scale, by which it chooses the number of colours, in tens. The richest comes
 * first: where it fails, and it does for most photographs, all others would.
 */
const QUALITY_TENS = { low: 1, high: 10, first: 10 } as const;

/** Libimagequant's pains: for trials, and for the final palette, which is tried first. */
const TRIAL_EFFORT = 4;
const EFFORTS = [7, TRIAL_EFFORT] as const;

/** Up to this many pixels every trial is made on all of them, since a palette serves them all. */
const WHOLE_TRIAL_PIXELS = 2 ** 22;

/** Colour beyond that of sRGB that is not told by a profile. Source: PNG specification, 11.3.2. */
const COLOUR_CHUNKS: ReadonlySet<string> = new Set(['gAMA', 'cHRM', 'cICP', 'mDCV', 'cLLI']);

/** The smallest PNG that reaches the target: with a palette, or with all its colours. */
export async function slimPng(picture: Picture, sample: Sample, target: number): Promise<Buffer> {
  const lossless = await losslessPng(picture);
  const palette = hasWideColour(picture) ? null : await palettePng({ picture, sample, target });
  const best = palette !== null && palette.length < lossless.length ? palette : lossless;
  return withOrientation(withChunks(best, colourChunks(picture)), picture);
}

async function losslessPng(picture: Picture): Promise<Buffer> {
  let pipeline = pipelineOf(picture);
  if (hasWideColour(picture)) {
    pipeline = pipeline.toColourspace(picture.isGrey ? 'grey16' : 'rgb16');
  } else if ((await open(picture.bytes).stats()).isOpaque) {
    pipeline = pipeline.removeAlpha();
  }
  const packed: Buffer[] = [];
  for (const options of LOSSLESS) packed.push(await pipeline.clone().png(options).toBuffer());
  return packed.reduce((best, each) => (each.length < best.length ? each : best));
}

async function palettePng(trial: Trial): Promise<Buffer | null> {
  const attempts: Attempt[] = [];
  for (const dither of DITHERS) {
    const found = await lowestReaching(QUALITY_TENS, (tens) =>
      tryOut(trial, { quality: 10 * tens, dither }),
    );
    if (found === null) continue;
    attempts.push(found, ...(await smallPalettes(trial, dither)));
  }
  for (const { options } of attempts.sort((a, b) => a.bytes - b.bytes)) {
    for (const effort of EFFORTS) {
      const bytes = await encode(trial.picture, { ...options, effort });
      if (await reaches(trial, bytes)) return bytes;
    }
  }
  return null;
}

async function smallPalettes(trial: Trial, dither: number): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  for (const colours of SMALL_PALETTES) {
    const attempt = await tryOut(trial, { colours, dither });
    if (attempt === null) break;
    attempts.push(attempt);
  }
  return attempts;
}

async function tryOut(trial: Trial, chosen: PngOptions): Promise<Attempt | null> {
  const { picture, sample, target } = trial;
  const options = { ...chosen, effort: TRIAL_EFFORT };
  const isSmall = picture.facts.width * picture.facts.height <= WHOLE_TRIAL_PIXELS;
  if (sample.sheet === null || isSmall) {
    const bytes = await encode(picture, options);
    return (await reaches(trial, bytes)) ? { options, bytes: bytes.length } : null;
  }
  const bytes = await openRaster(sample.sheet)
    .png({ ...PALETTE, ...options })
    .toBuffer();
  const { total } = likeness(sample.seen, await sheetSeen(bytes, picture));
  return total < target ? null : { options, bytes: bytes.length };
}

async function reaches({ picture, sample, target }: Trial, bytes: Buffer): Promise<boolean> {
  const seen = await sampleAgain(bytes, picture, sample.plan);
  return likeness(sample.seen, seen).total >= target;
}

const PALETTE: PngOptions = { palette: true, compressionLevel: 9 };

function encode(picture: Picture, options: PngOptions): Promise<Buffer> {
  return pipelineOf(picture)
    .png({ ...PALETTE, ...options })
    .toBuffer();
}

function pipelineOf(picture: Picture): Sharp {
  let pipeline = open(picture.bytes);
  if (picture.isGrey) pipeline = pipeline.toColourspace('b-w');
  return picture.profile !== null ? pipeline.keepIccProfile() : pipeline;
}

/** Light beyond white needs every bit it has. */
function hasWideColour(picture: Picture): boolean {
  return colourChunks(picture).some((chunk) => chunk.toString('latin1', 4, 8) === 'cICP');
}

function colourChunks({ bytes }: Picture): readonly Buffer[] {
  const chunks = [...pngChunks(bytes)];
  const isDeclared = chunks.some(({ type }) => type === 'sRGB' || type === 'iCCP');
  const kept = chunks.filter(({ type }) => COLOUR_CHUNKS.has(type));
  return isDeclared && !kept.some(({ type }) => type === 'cICP')
    ? []
    : kept.map((chunk) => chunk.bytes);
}
