import type { SlimgateError } from './slimgate-error.ts';

/** Nothing was sent upstream: anything may be repeated. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  'rate-limited',
  'overloaded',
  'keys-unavailable',
  'credentials-unavailable',
  'revocations-stale',
  'upstream-unavailable',
  'upstream-throttled',
]);

/**
 * Something may have been sent: only a call that changes nothing and costs nothing is repeated.
 * A change that is repeated later could undo somebody else’s.
 */
const PERHAPS_SENT: ReadonlySet<string> = new Set([
  'no-answer',
  'audit-unavailable',
  'clock-skew',
  'upstream-unreachable',
  'upstream-failed',
  'upstream-timeout',
]);

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 30_000;

/**
 * How long to wait before a call is repeated: as the gateway says, else longer each time, with
 * chance in it so that many callers do not come back together.
 * @param attempt how often it has been tried, from 1
 * @returns null when it must not be repeated
 */
export function waitBeforeRetry(
  error: SlimgateError,
  { attempt, isRead }: { readonly attempt: number; readonly isRead: boolean },
): number | null {
  const isSafe = NOTHING_SENT.has(error.code) || (isRead && PERHAPS_SENT.has(error.code));
  if (!isSafe && !isRefusedConnection(error)) return null;
  if (error.retryAfterSeconds !== null) return error.retryAfterSeconds * 1_000;
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS);
  return longest / 2 + Math.random() * (longest / 2);
}

function isRefusedConnection({ cause }: SlimgateError): boolean {
  const { cause: inner } = (cause ?? {}) as { cause?: { code?: unknown } };
  return inner?.code === 'ECONNREFUSED';
}
