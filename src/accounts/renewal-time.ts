import type { IssuedCredentials } from './credentials.ts';

const MAX_LEAD_MS = 10 * 60_000;
const MAX_SAFETY_MS = 5_000;
const MIN_DELAY_MS = 1_000;
/** A timer of Node's holds no more than 24 days. */
const MAX_DELAY_MS = 24 * 3_600_000;
const MAX_RETRY_MS = 60_000;

/** Keys with the moment when they came, from which their life is measured. */
export interface HeldCredentials extends IssuedCredentials {
  readonly obtainedAt: Date;
}

/**
 * Until when keys are handed out, in milliseconds since the epoch: a little short of their end, at
 * most a quarter of their life, so that what is signed now is not expired when it arrives: it may
 * wait for the journal and for its turn.
 */
export function usableUntilMs({ expiresAt, obtainedAt }: HeldCredentials): number {
  if (expiresAt === null) return Number.POSITIVE_INFINITY;
  const lifeMs = expiresAt.getTime() - obtainedAt.getTime();
  return expiresAt.getTime() - Math.min(MAX_SAFETY_MS, lifeMs / 4);
}

/**
 * How long from now to the renewal: ten minutes before the end or at half of what is left, and up
 * to a tenth earlier, so that replicas that started together do not ask together.
 * @param random from 0 to 1
 */
export function renewalDelayMs(expiresAt: Date, now: Date, random: number): number {
  const leftMs = expiresAt.getTime() - now.getTime();
  const delayMs = leftMs - Math.min(MAX_LEAD_MS, leftMs / 2);
  return Math.min(Math.max(delayMs * (1 - random / 10), MIN_DELAY_MS), MAX_DELAY_MS);
}

/**
 * How long to wait after failures in a row: a second, doubled each time up to a minute, of which at
 * least a half.
 * @param random from 0 to 1
 */
export function retryDelayMs(failures: number, random: number): number {
  const fullMs = Math.min(1_000 * 2 ** Math.min(failures - 1, 10), MAX_RETRY_MS);
  return fullMs * (0.5 + random / 2);
}
