import type { ErrorCode } from '../errors.ts';
import type { SignedRequest } from '../signing/sign-request.ts';
import type { TransportResult } from './transport.ts';
import type { UpstreamClock } from './upstream-clock.ts';

/** How a request is sent once more. */
export interface Retry {
  readonly signed: SignedRequest;
  readonly pauseMs: number;
  /** Whether the first attempt may have been received all the same. */
  readonly mayHaveArrived: boolean;
  /** By how much our clock was corrected to sign it again; null when it was not. */
  readonly correctionMs: number | null;
}

/** For a listener that is just being started again. */
const REFUSED_PAUSE_MS = 100;

/**
 * Whether a first attempt is followed by another one, which is where that is safe: a kept
 * connection was closed before it gave a byte (every operation here is idempotent), a connection
 * was refused, or the request was refused for its time and the upstream tells another one.
 */
export function retryOf(
  signed: SignedRequest,
  first: { readonly result: TransportResult; readonly code: ErrorCode | undefined },
  clock: UpstreamClock,
): Retry | null {
  const { result, code } = first;
  const again: Retry = { signed, pauseMs: 0, mayHaveArrived: false, correctionMs: null };
  if (result.kind === 'fault') {
    if (result.isStaleSocket) return { ...again, mayHaveArrived: true };
    return isRefusedConnection(result) ? { ...again, pauseMs: REFUSED_PAUSE_MS } : null;
  }
  const correctionMs = code === 'clock-skew' ? clock.aheadBy(result.headers.date) : null;
  if (correctionMs === null) return null;
  return { ...again, signed: signed.again(clock.timeWith(correctionMs)), correctionMs };
}

function isRefusedConnection({ wasSent, cause }: TransportResult & { kind: 'fault' }): boolean {
  return !wasSent && (cause as { code?: unknown } | null)?.code === 'ECONNREFUSED';
}
