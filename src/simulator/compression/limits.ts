/** What a picture may cost; above it the original is served. */
export interface CompressionLimits {
  readonly maxBytes: number;
  /** Width and height, in pixels. */
  readonly maxSide: number;
  /** Width × height, and for an animation width × height × frames. */
  readonly maxPixels: number;
  readonly maxFrames: number;
  /** For one picture, from the moment its turn comes. */
  readonly deadlineMs: number;
  /** Resident memory of one encoder process; it ends itself above. */
  readonly maxProcessBytes: number;
}

/**
 * The first four are the service's own. Source: Cloud Infinite documentation, "Basic image
 * processing", limits, and "Specifications and limits" (32 MB).
 */
export const DEFAULT_LIMITS: CompressionLimits = {
  maxBytes: 32 * 2 ** 20,
  maxSide: 30_000,
  maxPixels: 250_000_000,
  maxFrames: 300,
  deadlineMs: 20_000,
  maxProcessBytes: 2 ** 30,
};
