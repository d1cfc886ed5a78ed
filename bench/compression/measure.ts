import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type Compressor,
  createCompressor,
} from '../../src/simulator/compression/compress-image.ts';
import { likeness, type Raster } from '../../src/simulator/compression/likeness.ts';
import { BENCH_PICTURES, type BenchPicture, type Family } from './pictures.ts';
import { plainPsnr } from './plain-measure.ts';
import { CONSTANTS, DEFAULTS, type Rival } from './rivals.ts';

/** What became of one picture in one way. */
export interface Outcome {
  readonly picture: BenchPicture;
  readonly before: number;
  readonly bytes: number;
  readonly likeness: number;
  /** Decibels, of a plain measure that the engine does not know. */
  readonly psnr: number;
  readonly ms: number;
}

/** One way of compressing, over all pictures of a family. */
export interface Way {
  readonly name: string;
  readonly family: Family;
  readonly outcomes: readonly Outcome[];
}

export interface Measurement {
  readonly engine: readonly Way[];
  readonly defaults: readonly Way[];
  /** Each encoder's constants, from few bytes to many. */
  readonly constants: readonly (readonly Way[])[];
}

const FAMILIES: readonly Family[] = ['jpg', 'png', 'gif'];

/** Everything, one picture after the other. */
export async function measure(log: (line: string) => void): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-bench-'));
  const compressor = createCompressor({
    cacheDirectory: join(directory, 'cache'),
    concurrency: 1,
    limits: { deadlineMs: 120_000 },
  });
  try {
    const originals = new Map<BenchPicture, Buffer>();
    for (const picture of BENCH_PICTURES) originals.set(picture, await picture.make());
    const slim: Rival = { name: 'this engine', encode: engineOf(compressor, directory) };
    // The first picture pays for the start of the process.
    await slim.encode(await sharp({ create: BLANK }).png().toBuffer());
    const over = async (family: Family, rival: Rival) => {
      log(`${family}: ${rival.name}`);
      return wayOf(family, rival, originals);
    };
    const engine: Way[] = [];
    const defaults: Way[] = [];
    const constants: Way[][] = [];
    for (const family of FAMILIES) {
      engine.push(await over(family, slim));
      for (const rival of DEFAULTS[family]) defaults.push(await over(family, rival));
      for (const encoder of CONSTANTS[family]) {
        const ways: Way[] = [];
        for (const rival of encoder) ways.push(await over(family, rival));
        constants.push(ways);
      }
    }
    return { engine, defaults, constants };
  } finally {
    await compressor.close();
    rmSync(directory, { recursive: true });
  }
}

const BLANK = { width: 64, height: 64, channels: 3, background: '#fff' } as const;

function engineOf(compressor: Compressor, directory: string): Rival['encode'] {
  return async (original) => {
    const contentSha256 = createHash('sha256').update(original).digest('hex');
    const path = join(directory, contentSha256);
    writeFileSync(path, original);
    const result = await compressor.compress({ path, contentSha256, bytes: original.length });
    return result.kind === 'compressed' ? readFileSync(result.path) : original;
  };
}

async function wayOf(
  family: Family,
  { name, encode }: Rival,
  originals: ReadonlyMap<BenchPicture, Buffer>,
): Promise<Way> {
  const outcomes: Outcome[] = [];
  for (const [picture, original] of originals) {
    if (picture.family !== family) continue;
    const startedAt = performance.now();
    const encoded = await encode(original);
    const ms = performance.now() - startedAt;
    // No way has to serve what is larger than the original.
    const served = encoded.length < original.length ? encoded : original;
    const alike = likeness(await shownRaster(original), await shownRaster(served)).total;
    const psnr = await plainPsnr(original, served);
    const sizes = { before: original.length, bytes: served.length };
    outcomes.push({ picture, ...sizes, likeness: alike, psnr, ms });
  }
  return { name, family, outcomes };
}

async function shownRaster(bytes: Buffer): Promise<Raster> {
  const { data, info } = await sharp(bytes, { pages: -1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, pixels: data };
}
