import { pooled, windowDifferences } from './window-differences.ts';

/** Pixels, interleaved, eight bits; two or four channels mean that the last is alpha. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly pixels: Uint8Array;
}

/** From 1, equal, downwards; `total` is the lower of the two. */
export interface Likeness {
  readonly luma: number;
  readonly chroma: number;
  readonly total: number;
}

interface Planes {
  readonly width: number;
  readonly height: number;
  readonly luma: Float32Array;
  readonly blueness: Float32Array;
  readonly redness: Float32Array;
}

/**
 * Fine detail, outlines, and shapes: the picture itself, at half, and at a quarter of its size.
 * The finer something is, the stronger it must be to be seen: `unseen` is in levels of 255.
 */
const SCALES = [
  { weight: 0.4, unseen: 11 },
  { weight: 0.35, unseen: 7.65 },
  { weight: 0.25, unseen: 5 },
] as const;

/** The eye forgives a difference in colour more than one in lightness. */
const CHROMA_WEIGHT = 0.5;

/** Transparency shows as a difference on one of these. */
const BACKGROUNDS = [0, 255] as const;

/**
 * How alike two pictures of one size look; see docs/compression.md for what and why.
 * @throws RangeError when their sizes differ
 */
export function likeness(reference: Raster, candidate: Raster): Likeness {
  if (reference.width !== candidate.width || reference.height !== candidate.height) {
    throw new RangeError('only pictures of one size can be compared');
  }
  const isOpaque = !hasAlpha(reference) && !hasAlpha(candidate);
  const backgrounds = isOpaque ? BACKGROUNDS.slice(0, 1) : BACKGROUNDS;
  const found = backgrounds.map((background) =>
    difference(planesOf(reference, background), planesOf(candidate, background)),
  );
  const luma = 1 - Math.max(...found.map((each) => each.luma));
  const chroma = 1 - Math.max(...found.map((each) => each.chroma));
  return { luma, chroma, total: Math.min(luma, chroma) };
}

function difference(reference: Planes, candidate: Planes): { luma: number; chroma: number } {
  let luma = 0;
  let chroma = 0;
  let [a, b] = [reference, candidate];
  for (const [index, { weight, unseen }] of SCALES.entries()) {
    luma += weight * compare(a, b, { plane: 'luma', unseen });
    [a, b] = [halved(a), halved(b)];
    // Colour is looked at from half the size on: subsampling alone must not count as damage.
    if (index > 0) continue;
    chroma = Math.max(
      compare(a, b, { plane: 'blueness', unseen }),
      compare(a, b, { plane: 'redness', unseen }),
    );
  }
  return { luma, chroma: CHROMA_WEIGHT * chroma };
}

interface Look {
  readonly plane: 'luma' | 'blueness' | 'redness';
  readonly unseen: number;
}

function compare(a: Planes, b: Planes, { plane, unseen }: Look): number {
  const { width, height } = a;
  return pooled(windowDifferences(a[plane], b[plane], { width, height, unseen }));
}

function hasAlpha({ channels, pixels }: Raster): boolean {
  if (channels !== 2 && channels !== 4) return false;
  for (let at = channels - 1; at < pixels.length; at += channels) {
    if (pixels[at] !== 255) return true;
  }
  return false;
}

/** Luma and colour differences. Source: ITU-R BT.601, section 2.5.1, at full range. */
function planesOf({ width, height, channels, pixels }: Raster, background: number): Planes {
  const size = width * height;
  const luma = new Float32Array(size);
  const blueness = new Float32Array(size);
  const redness = new Float32Array(size);
  const isColoured = channels > 2;
  const hasLastAlpha = channels === 2 || channels === 4;
  for (let index = 0, at = 0; index < size; index += 1, at += channels) {
    const alpha = hasLastAlpha ? (pixels[at + channels - 1] ?? 255) / 255 : 1;
    const behind = (1 - alpha) * background;
    const red = (pixels[at] ?? 0) * alpha + behind;
    const green = isColoured ? (pixels[at + 1] ?? 0) * alpha + behind : red;
    const blue = isColoured ? (pixels[at + 2] ?? 0) * alpha + behind : red;
    const y = 0.299 * red + 0.587 * green + 0.114 * blue;
    luma[index] = y;
    blueness[index] = 128 + 0.564 * (blue - y);
    redness[index] = 128 + 0.713 * (red - y);
  }
  return { width, height, luma, blueness, redness };
}

function halved({ width, height, luma, blueness, redness }: Planes): Planes {
  const size = { width, height };
  return {
    width: Math.max(1, width >> 1),
    height: Math.max(1, height >> 1),
    luma: halvedPlane(luma, size),
    blueness: halvedPlane(blueness, size),
    redness: halvedPlane(redness, size),
  };
}

function halvedPlane(plane: Float32Array, size: { width: number; height: number }): Float32Array {
  const width = Math.max(1, size.width >> 1);
  const height = Math.max(1, size.height >> 1);
  const right = size.width > 1 ? 1 : 0;
  const below = size.height > 1 ? size.width : 0;
  const half = new Float32Array(width * height);
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) {
      const at = 2 * y * size.width + 2 * x;
      const sum =
        (plane[at] ?? 0) +
        (plane[at + right] ?? 0) +
        (plane[at + below] ?? 0) +
        (plane[at + right + below] ?? 0);
      half[index] = sum / 4;
    }
  }
  return half;
}
