import type { Secret } from '../secret.ts';
import type { SignedRequest } from '../signing/sign-request.ts';
import { interpretResult, type UpstreamResult } from './interpret-answer.ts';
import type { Transport, TransportResult, WireRequest } from './transport.ts';

/** An exchange with the number of times it was sent. */
export interface UpstreamAnswer extends UpstreamResult {
  readonly attempts: number;
  /** Whether a request that may have been received got no answer: it can still take effect. */
  readonly mayStillArrive: boolean;
}

export interface Upstream {
  /**
   * Send a signed request and read its answer; it always comes to one result, at the deadline at
   * the latest.
   */
  call(signed: SignedRequest): Promise<UpstreamAnswer>;
  close(): void;
}

/**
 * Send requests with one total deadline, and once more when a kept connection turned out to be
 * closed: every operation here is idempotent, and such a connection gave no byte.
 * @param timeoutMs for all attempts together
 */
export function createUpstream(transport: Transport, timeoutMs: number): Upstream {
  const wireRequests = new WeakMap<SignedRequest, WireRequest>();

  function wireRequestFor(signed: SignedRequest): WireRequest {
    const known = wireRequests.get(signed);
    if (known !== undefined) return known;
    const wire = wireRequestOf(signed);
    wireRequests.set(signed, wire);
    return wire;
  }

  return {
    async call(signed) {
      const wire = wireRequestFor(signed);
      const hasAnswerBody = signed.request.method === 'GET';
      const deadline = performance.now() + timeoutMs;

      const first = await transport.exchange(wire, timeoutMs);
      if (first.kind === 'answer' || !first.isStaleSocket) {
        const mayStillArrive = first.kind === 'fault' && first.wasSent;
        return { ...interpretResult(first, hasAnswerBody), attempts: 1, mayStillArrive };
      }
      const second = await transport.exchange(wire, Math.max(deadline - performance.now(), 1));
      const result = interpretResult(afterAnother(second), hasAnswerBody);
      // What the first attempt may have done stays possible, whatever became of the second.
      const outcome = result.outcome === 'applied' ? 'applied' : 'unknown';
      return { ...result, outcome, attempts: 2, mayStillArrive: true };
    },
    close: () => transport.close(),
  };
}

/** A second attempt that could not connect is no proof that nothing was sent. */
function afterAnother(result: TransportResult): TransportResult {
  if (result.kind === 'answer') return result;
  const fault = result.fault === 'unreachable' ? 'reset' : result.fault;
  return { ...result, fault, wasSent: true };
}

/** The only place where the proofs of a signed request are turned into text. */
function wireRequestOf({ request, headers }: SignedRequest): WireRequest {
  return {
    method: request.method,
    host: request.host,
    target: request.target,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, reveal(value)]),
    ),
    body: request.body,
  };
}

function reveal(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}
