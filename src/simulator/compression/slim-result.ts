export type SlimFormat = 'jpg' | 'png' | 'gif';

/**
 * Why the original is served: no smaller picture looks the same; the bytes are no picture; it is
 * another format, or has a part that a new encoding would lose; it is above a limit of size, time
 * or memory; the bytes are torn or wrong.
 */
export const ORIGINAL_REASONS = [
  'not-smaller',
  'not-an-image',
  'format-not-covered',
  'too-large',
  'corrupt',
] as const;

export type OriginalReason = (typeof ORIGINAL_REASONS)[number];

export type SlimResult =
  | {
      readonly kind: 'compressed';
      /** A file in the cache: smaller than the original, never written again. */
      readonly path: string;
      readonly bytes: number;
      readonly contentType: string;
      readonly format: SlimFormat;
    }
  | { readonly kind: 'original'; readonly reason: OriginalReason };

/** Thrown inside the encoder when the original is to be served. */
export class OriginalServed extends Error {
  override readonly name = 'OriginalServed';
  readonly reason: OriginalReason;

  constructor(reason: OriginalReason) {
    super(reason);
    this.reason = reason;
  }
}
