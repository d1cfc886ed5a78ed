import type { CompressionLimits } from './limits.ts';
import type { OriginalReason, SlimFormat } from './slim-result.ts';

/** What an encoder process is told. */
export interface EncoderOrder {
  readonly path: string;
  readonly contentSha256: string;
  /** A file that doesn't exist yet: where the result goes. */
  readonly target: string;
  readonly limits: CompressionLimits;
}

/** What it answers; `failed` is a fault of the disk or the installation, not of the picture. */
export type EncoderReport =
  | { readonly kind: 'compressed'; readonly format: SlimFormat; readonly bytes: number }
  | { readonly kind: 'original'; readonly reason: OriginalReason }
  | { readonly kind: 'failed'; readonly message: string };

/** The process came to its end in the middle of a picture: its memory, its time, or a crash. */
export interface EncoderLoss {
  readonly kind: 'lost';
  readonly reason: OriginalReason;
}

/** Sent once, when orders are taken. */
export const READY = 'ready';

/** How a process ends that has found itself to be too large. */
export const MEMORY_EXIT_CODE = 77;
