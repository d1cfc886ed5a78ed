import type { Limits } from './limits.ts';
import { createPlaces } from './places.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Where a request stands against the limits of its key. */
export interface Passage {
  /** The limit that refuses it; null when it may pass. */
  readonly refusedBy: 'rate' | 'concurrency' | null;
  /** When to repeat it, at least 1 when it is refused. */
  readonly retryAfterSeconds: number;
  /** The most that may be asked at once, and how long that takes to come back. */
  readonly quota: number;
  readonly windowSeconds: number;
  /** What is left of it, and until it is whole again. */
  readonly remaining: number;
  readonly resetSeconds: number;
  /** To be called when the request has ended; does nothing for one that was refused. */
  leave(): void;
}

/** Rate and concurrency of whoever is named by a key. */
export interface Gate {
  enter(key: string, limits: Limits): Passage;
  /** Keys that are remembered. */
  readonly size: number;
}

const CONCURRENCY_RETRY_SECONDS = 1;

/** @param options.maxKeys keys whose rate is remembered; see TokenBuckets */
export function createGate(options: { readonly now: () => Date; readonly maxKeys: number }): Gate {
  const buckets = createTokenBuckets(options);
  const places = createPlaces();
  return {
    enter(key, limits) {
      const { isAdmitted, remaining, waitMs, fillMs } = buckets.take(key, limits);
      const leave = isAdmitted ? places.enter(key, limits.concurrentRequests) : null;
      const refusedBy = isAdmitted ? 'concurrency' : 'rate';
      const retrySeconds = isAdmitted ? CONCURRENCY_RETRY_SECONDS : seconds(waitMs);
      return {
        refusedBy: leave === null ? refusedBy : null,
        retryAfterSeconds: leave === null ? retrySeconds : 0,
        quota: limits.burst,
        windowSeconds: Math.ceil(limits.burst / limits.requestsPerSecond),
        remaining,
        resetSeconds: seconds(fillMs),
        leave: leave ?? NOTHING,
      };
    },
    get size() {
      return Math.max(buckets.size, places.size);
    },
  };
}

const NOTHING = () => {};

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
