import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import type { Raster } from './likeness.ts';
import type { PictureFacts } from './picture-facts.ts';
import { isSrgbProfile } from './profile.ts';
import { OriginalServed, type SlimFormat } from './slim-result.ts';

/** One picture inside the encoder: its bytes, and what header and decoder say about it. */
export interface Picture {
  readonly bytes: Buffer;
  readonly format: SlimFormat;
  readonly facts: PictureFacts;
  readonly isCmyk: boolean;
  readonly isGrey: boolean;
  /** What gives its numbers other colours than those of sRGB; null when nothing does. */
  readonly profile: Buffer | null;
  /** 1 to 8 as in EXIF. */
  readonly orientation: number;
}

/**
 * Read what the decoder says about the header.
 * @throws OriginalServed `format-not-covered` for light beyond white, which would be lost
 */
export async function readPicture(
  bytes: Buffer,
  { format, facts }: Pick<Picture, 'format' | 'facts'>,
): Promise<Picture> {
  const metadata = await sharp(bytes).metadata();
  if (metadata.gainMap !== undefined) throw new OriginalServed('format-not-covered');
  const { orientation = 1, space } = metadata;
  return {
    bytes,
    format,
    facts,
    isCmyk: space === 'cmyk',
    isGrey: space === 'b-w' || space === 'grey16',
    profile: await ownProfile(metadata),
    orientation,
  };
}

async function ownProfile({ icc, space }: Metadata): Promise<Buffer | null> {
  if (icc === undefined) return null;
  return space === 'srgb' && (await isSrgbProfile(icc)) ? null : icc;
}

/**
 * Open bytes strictly, as a decoder's warning means that it would invent something. The numbers
 * are left as they stand, their profile is not applied.
 */
export function open(bytes: Buffer, options: SharpOptions = {}): Sharp {
  return sharp(bytes, { failOn: 'warning', ignoreIcc: true, ...options });
}

/** Open bytes so that decoding gives the colours that are seen: sRGB. */
export function openSeen(bytes: Buffer, { isCmyk, profile }: Picture): Sharp {
  return open(bytes, { ignoreIcc: !isCmyk && profile === null });
}

/** Open pixels as a picture. */
export function openRaster({ pixels, width, height, channels }: Raster): Sharp {
  return sharp(pixels, { raw: { width, height, channels } });
}

/** Decode into eight bits. */
export async function rasterOf(pipeline: Sharp): Promise<Raster> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, pixels: data };
}
