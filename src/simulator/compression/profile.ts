import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngChunk, withChunks } from './png-chunks.ts';
import type { SlimFormat } from './slim-result.ts';

/** Levels of each colour in the probe. */
const LEVELS = [0, 16, 32, 64, 96, 128, 160, 192, 224, 255] as const;
/** What rounding on the way through a profile may change, of 255. */
const ROUNDING = 2;

/**
 * Whether a profile says what a picture without one means anyway, so that it can go. Not by its
 * name: a probe of a thousand colours is sent through it.
 */
export async function isSrgbProfile(profile: Buffer): Promise<boolean> {
  const probe = Buffer.from(
    LEVELS.flatMap((red) =>
      LEVELS.flatMap((green) => LEVELS.flatMap((blue) => [red, green, blue])),
    ),
  );
  const raw = { width: LEVELS.length ** 2, height: LEVELS.length, channels: 3 } as const;
  const untagged = await sharp(probe, { raw }).png().toBuffer();
  const seen = await sharp(withProfile(untagged, 'png', profile))
    .raw()
    .toBuffer();
  return seen.every((level, index) => Math.abs(level - (probe[index] ?? 0)) <= ROUNDING);
}

const SOI_BYTES = 2;
/** What one segment of a JPEG holds of a profile. Source: ICC.1:2010, annex B.4. */
const SEGMENT_BYTES = 65_519;

/** The same picture with a profile put into it; the numbers stay. */
export function withProfile(bytes: Buffer, format: SlimFormat, profile: Buffer): Buffer {
  if (format === 'png') {
    const content = Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(profile)]);
    return withChunks(bytes, [pngChunk('iCCP', content)]);
  }
  const count = Math.ceil(profile.length / SEGMENT_BYTES);
  const segments = Array.from({ length: count }, (_, index) => {
    const part = profile.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
    const name = Buffer.from('ICC_PROFILE\0', 'latin1');
    const head = Buffer.from([0xff, 0xe2, 0, 0]);
    head.writeUInt16BE(2 + name.length + 2 + part.length, 2);
    return Buffer.concat([head, name, Buffer.from([index + 1, count]), part]);
  });
  return Buffer.concat([bytes.subarray(0, SOI_BYTES), ...segments, bytes.subarray(SOI_BYTES)]);
}
