import type { Settings } from '../config/schema.ts';
import type { Rate } from './token-buckets.ts';

/** What one tenant or one source may ask for. */
export interface Limits extends Rate {
  /** At the same time, at least 1. */
  readonly concurrentRequests: number;
}

/** Limits as they are written: a burst that is left out is twice the rate. */
export interface WrittenLimits {
  readonly requestsPerSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly concurrentRequests?: number | undefined;
}

const BURST_SECONDS = 2;

/** What is written, and for what is left out the given defaults. */
export function limitsOf(written: WrittenLimits, defaults: Limits): Limits {
  const { requestsPerSecond = defaults.requestsPerSecond } = written;
  const { concurrentRequests = defaults.concurrentRequests } = written;
  const ownBurst =
    written.requestsPerSecond === undefined ? defaults.burst : burstOf(requestsPerSecond);
  return { requestsPerSecond, burst: written.burst ?? ownBurst, concurrentRequests };
}

/** @returns the burst of a rate that is written without one */
export function burstOf(requestsPerSecond: number): number {
  return Math.max(1, Math.ceil(requestsPerSecond * BURST_SECONDS));
}

/** What a source may ask for. */
export function sourceLimits(settings: Settings['limits']): Limits {
  return {
    requestsPerSecond: settings.requestsPerSecondPerSource,
    burst: settings.burstPerSource ?? burstOf(settings.requestsPerSecondPerSource),
    concurrentRequests: settings.concurrentRequestsPerSource,
  };
}

/** What a tenant may ask for that has no limits of its own. */
export function tenantLimits(settings: Settings['limits']): Limits {
  return {
    requestsPerSecond: settings.requestsPerSecondPerTenant,
    burst: settings.burstPerTenant ?? burstOf(settings.requestsPerSecondPerTenant),
    concurrentRequests: settings.concurrentRequestsPerTenant,
  };
}
