/** What a bucket holds when it is full, and how fast it fills. */
export interface Rate {
  /** More than 0; may be a fraction. */
  readonly requestsPerSecond: number;
  /** At least 1. */
  readonly burst: number;
}

/** A bucket after a request asked it for a token. */
export interface BucketState {
  readonly isAdmitted: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** Until there is a token; 0 when there is one. */
  readonly waitMs: number;
  /** Until the bucket is full again. */
  readonly fillMs: number;
}

/** Token buckets by key. A full one is forgotten: a key at rest takes no memory. */
export interface TokenBuckets {
  /** Take a token from the bucket of this key. What is refused costs nothing. */
  take(key: string, rate: Rate): BucketState;
  readonly size: number;
}

/** After so many uses, so many buckets are looked at to see whether they are full by now. */
const SWEEP_USES = 16;
const SWEPT_BUCKETS = 32;
/** Fractions of a token that are lost in counting. */
const ROUNDING = 1e-9;

/** What was missing from a bucket at a time, and when it will be full unless it is used. */
interface Bucket {
  missing: number;
  at: number;
  fullAt: number;
}

/**
 * @param options.maxKeys how many buckets there are at most: beyond, the one that was used longest
 * ago is forgotten
 */
export function createTokenBuckets(options: {
  readonly now: () => Date;
  readonly maxKeys: number;
}): TokenBuckets {
  const { now, maxKeys } = options;
  /** In the order of their last use. */
  const buckets = new Map<string, Bucket>();

  let latestKey: string | null = null;
  let uses = 0;

  /** The bucket of a key, which is the one that was used last from now on. */
  function latestBucketOf(key: string, at: number): Bucket {
    const known = buckets.get(key);
    if (known !== undefined && key === latestKey) return known;
    const bucket = known ?? { missing: 0, at, fullAt: at };
    buckets.delete(key);
    buckets.set(key, bucket);
    latestKey = key;
    return bucket;
  }

  function sweep(at: number): void {
    uses += 1;
    if (uses < SWEEP_USES && buckets.size <= maxKeys) return;
    uses = 0;
    let looked = 0;
    for (const [key, { fullAt }] of buckets) {
      if (looked === SWEPT_BUCKETS || (fullAt > at && buckets.size <= maxKeys)) return;
      buckets.delete(key);
      looked += 1;
    }
  }

  return {
    take(key, { requestsPerSecond, burst }) {
      const at = now().getTime();
      const perMs = requestsPerSecond / 1000;
      const bucket = latestBucketOf(key, at);
      // A clock that was set back gives nothing; a burst that was made smaller is empty, not worse.
      const filled = bucket.missing - Math.max(0, at - bucket.at) * perMs;
      let missing = Math.min(Math.max(filled, 0), burst);
      const isAdmitted = missing + 1 <= burst + ROUNDING;
      if (isAdmitted) missing += 1;
      const fillMs = missing / perMs;
      bucket.missing = missing;
      bucket.at = at;
      bucket.fullAt = at + fillMs;
      sweep(at);
      const waitMs = isAdmitted ? 0 : (missing + 1 - burst) / perMs;
      return { isAdmitted, remaining: Math.floor(burst - missing + ROUNDING), waitMs, fillMs };
    },
    get size() {
      return buckets.size;
    },
  };
}
