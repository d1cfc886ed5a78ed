import type { Picture } from './picture.ts';
import { pngChunk, withChunks } from './png-chunks.ts';

const SOI_BYTES = 2;

/** A TIFF structure with the one tag. Source: CIPA DC-008 (EXIF), section 4.6.5, tag 0x0112. */
function exifOf(orientation: number): Buffer {
  return Buffer.from([
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
    ...[0, 0, 0, 0],
  ]);
}

/**
 * The same JPEG or PNG with the original's orientation, and nothing else of its metadata. It is kept
 * as a tag, not turned into the pixels: width and height stay those of the stored object.
 */
export function withOrientation(
  bytes: Buffer,
  { format, orientation }: Pick<Picture, 'format' | 'orientation'>,
): Buffer {
  if (orientation < 2 || orientation > 8) return bytes;
  const exif = exifOf(orientation);
  if (format === 'png') return withChunks(bytes, [pngChunk('eXIf', exif)]);
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]);
  const head = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
  return Buffer.concat([bytes.subarray(0, SOI_BYTES), head, content, bytes.subarray(SOI_BYTES)]);
}
