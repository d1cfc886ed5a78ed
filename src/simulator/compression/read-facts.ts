import { gifFacts } from './gif-facts.ts';
import { jpegFacts } from './jpeg-facts.ts';
import type { CompressionLimits } from './limits.ts';
import type { PictureFacts } from './picture-facts.ts';
import { pngFacts } from './png-facts.ts';
import { OriginalServed, type SlimFormat } from './slim-result.ts';

interface Kind {
  readonly format: SlimFormat | null;
  readonly magic: Buffer;
  /** How many bytes stand before the magic ones. */
  readonly offset: number;
}

const kind = (format: SlimFormat | null, magic: string, offset = 0): Kind => ({
  format,
  magic: Buffer.from(magic, 'latin1'),
  offset,
});

/** Formats by their first bytes; null for a picture of a format that is not covered. */
const KINDS: readonly Kind[] = [
  kind('jpg', '\xff\xd8\xff'),
  kind('png', '\x89PNG\r\n\x1a\n'),
  kind('gif', 'GIF87a'),
  kind('gif', 'GIF89a'),
  kind(null, 'BM'),
  kind(null, 'WEBP', 8),
  kind(null, 'II*\0'),
  kind(null, 'MM\0*'),
  kind(null, 'ftypavif', 4),
  kind(null, 'ftyphei', 4),
  kind(null, 'ftypmif1', 4),
  kind(null, '<svg'),
];

/** How many bytes `formatOf` wants to see. */
export const MAGIC_BYTES = 16;

/**
 * The format by the first bytes; a file's name has no say.
 * @throws OriginalServed `not-an-image` or `format-not-covered`
 */
export function formatOf(start: Buffer): SlimFormat {
  const found = KINDS.find(({ magic, offset }) =>
    start.subarray(offset, offset + magic.length).equals(magic),
  );
  if (found === undefined) throw new OriginalServed('not-an-image');
  if (found.format === null) throw new OriginalServed('format-not-covered');
  return found.format;
}

const READERS: Readonly<Record<SlimFormat, (bytes: Buffer) => PictureFacts>> = {
  jpg: jpegFacts,
  png: pngFacts,
  gif: gifFacts,
};

/**
 * Walk the whole file without decoding it, so that a bomb is refused by its own words.
 * @throws OriginalServed `corrupt`, `too-large`, or `format-not-covered`
 */
export function readFacts(
  bytes: Buffer,
  format: SlimFormat,
  limits: CompressionLimits,
): PictureFacts {
  const facts = READERS[format](bytes);
  const { width, height, frames, endsAt } = facts;
  if (width < 1 || height < 1 || frames < 1) throw new OriginalServed('corrupt');
  const isTooLarge =
    Math.max(width, height) > limits.maxSide ||
    width * height * frames > limits.maxPixels ||
    frames > limits.maxFrames;
  if (isTooLarge) throw new OriginalServed('too-large');
  // A second picture, a film or an archive behind the picture is not ours to throw away.
  if (bytes.subarray(endsAt).some((byte) => byte !== 0)) {
    throw new OriginalServed('format-not-covered');
  }
  return facts;
}
