import type { Raster } from './likeness.ts';
import { open, openSeen, type Picture, rasterOf } from './picture.ts';
import { withProfile } from './profile.ts';

/** Where a picture is looked at: all of it, the first frames of an animation, or tiles. */
export type SamplePlan = readonly Tile[] | 'whole' | 'frames';

interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pictures up to this many pixels are looked at as a whole. */
const WHOLE_PIXELS = 2 ** 20;
/** A multiple of 16, the largest block of a JPEG, so that tiles fall on whole blocks. */
const TILE = 256;
const MAX_BANDS = 4;
const MAX_TILES = 16;

export interface Sample {
  readonly plan: SamplePlan;
  /** The colours that are seen; tiles and frames stand below each other. */
  readonly seen: Raster;
  /** The numbers of the tiles, to try an encoder on in place of the whole; null when there are none. */
  readonly sheet: Raster | null;
}

/**
 * Look at a picture. Of a large one, four bands across are decoded, one after the other, and of each
 * the tiles with most and with middling detail are kept: memory is bounded by the width, not the area.
 */
export async function takeSample(picture: Picture): Promise<Sample> {
  const { bytes, facts, profile, isCmyk } = picture;
  if (facts.width * facts.height <= WHOLE_PIXELS) {
    const plan = picture.format === 'gif' ? 'frames' : 'whole';
    return { plan, seen: await sampleAgain(bytes, picture, plan), sheet: null };
  }
  const { plan, sheet } = await chosenTiles(picture);
  if (isCmyk) return { plan, seen: sheet, sheet: null };
  const seen = profile === null ? sheet : await sampleAgain(bytes, picture, plan);
  return { plan, seen, sheet };
}

/** Look at another encoding of the same picture in the same places. */
export async function sampleAgain(
  bytes: Buffer,
  picture: Picture,
  plan: SamplePlan,
): Promise<Raster> {
  if (plan === 'whole') return rasterOf(openSeen(bytes, picture));
  if (plan === 'frames') return rasterOf(open(bytes, { pages: firstFrames(picture) }));
  const strips = new Map<number, Raster>();
  const rasters: Raster[] = [];
  for (const tile of plan) {
    const area = { ...tile, left: 0, width: picture.facts.width };
    const strip = strips.get(tile.top) ?? (await readArea(bytes, picture, area));
    // One strip at a time: tiles come band by band.
    strips.clear();
    strips.set(tile.top, strip);
    rasters.push(cut(strip, tile));
  }
  return stacked(rasters);
}

/** Look at what an encoder made of the sheet. */
export function sheetSeen(bytes: Buffer, picture: Picture): Promise<Raster> {
  const { format, profile } = picture;
  const tagged = profile === null ? bytes : withProfile(bytes, format, profile);
  return rasterOf(openSeen(tagged, picture));
}

/** Tiles, and their numbers; of inks, their colours. */
async function chosenTiles(picture: Picture): Promise<{ plan: readonly Tile[]; sheet: Raster }> {
  const { width, height } = picture.facts;
  const size = { width: Math.min(TILE, width), height: Math.min(TILE, height) };
  const bands = Math.max(1, Math.min(MAX_BANDS, Math.floor(height / TILE)));
  const plan: Tile[] = [];
  const rasters: Raster[] = [];
  for (let band = 0; band < bands; band += 1) {
    const top = aligned(((band + 0.5) * height) / bands - size.height / 2);
    const area = { left: 0, top, width, height: size.height };
    const strip = await readArea(picture.bytes, { ...picture, profile: null }, area);
    for (const left of chosenColumns(strip, Math.floor(MAX_TILES / bands))) {
      const tile = { left, top, ...size };
      plan.push(tile);
      rasters.push(cut(strip, tile));
    }
  }
  return { plan, sheet: stacked(rasters) };
}

function readArea(bytes: Buffer, picture: Picture, area: Tile): Promise<Raster> {
  return rasterOf(openSeen(bytes, picture).extract(area));
}

/** How many pixels of an animation are looked at. */
const FRAMES_PIXELS = 2 ** 21;

/** How many frames are looked at. */
export function firstFrames({ facts: { width, height, frames } }: Picture): number {
  return Math.max(1, Math.min(frames, Math.floor(FRAMES_PIXELS / (width * height))));
}

function aligned(at: number): number {
  return Math.max(0, Math.floor(at / 16) * 16);
}

/** The columns of a strip by their detail: the two richest, the rest spread over what remains. */
function chosenColumns(strip: Raster, count: number): readonly number[] {
  const columns = Math.max(1, Math.floor(strip.width / TILE));
  const ranked = Array.from({ length: columns }, (_, column) => column * TILE)
    .map((left) => ({ left, detail: detailOf(strip, left) }))
    .sort((a, b) => b.detail - a.detail)
    .map(({ left }) => left);
  const rest = ranked.slice(2);
  const step = Math.max(1, rest.length / Math.max(1, count - 2));
  const spread = Array.from({ length: count - 2 }, (_, index) => rest[Math.floor(index * step)]);
  return [...new Set([...ranked.slice(0, 2), ...spread])].filter((left) => left !== undefined);
}

/** The differences between neighbours, on every fourth line. */
function detailOf({ width, height, channels, pixels }: Raster, left: number): number {
  let sum = 0;
  for (let y = 0; y < height; y += 4) {
    const start = (y * width + left) * channels;
    const end = start + (Math.min(TILE, width - left) - 1) * channels;
    for (let at = start; at < end; at += channels) {
      sum += Math.abs((pixels[at] ?? 0) - (pixels[at + channels] ?? 0));
    }
  }
  return sum;
}

function cut(strip: Raster, { left, width }: Tile): Raster {
  const { height, channels } = strip;
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    const start = (y * strip.width + left) * channels;
    pixels.set(strip.pixels.subarray(start, start + width * channels), y * width * channels);
  }
  return { width, height, channels, pixels };
}

function stacked(rasters: readonly Raster[]): Raster {
  const [first] = rasters;
  if (first === undefined) throw new RangeError('no tiles');
  const { width, channels } = first;
  const height = rasters.reduce((sum, raster) => sum + raster.height, 0);
  return { width, height, channels, pixels: Buffer.concat(rasters.map(({ pixels }) => pixels)) };
}
