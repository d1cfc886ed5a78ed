import { createCohort } from '../cohort.ts';
import type { ErrorCode } from '../errors.ts';
import type { SignedRequest } from '../signing/sign-request.ts';
import { Deadline } from './deadline.ts';
import { interpretResult, type UpstreamResult } from './interpret-answer.ts';
import type { Outage, Outages } from './outages.ts';
import { type Retry, retryOf } from './retry.ts';
import type { Transport, TransportResult } from './transport.ts';
import type { ClockState, UpstreamClock } from './upstream-clock.ts';
import { type WireRequest, wireRequestOf } from './wire-request.ts';

/** An exchange with the number of times it was sent. */
export interface UpstreamAnswer extends UpstreamResult {
  readonly attempts: number;
  /** Whether a request that may have been received got no answer: it can still take effect. */
  readonly mayStillArrive: boolean;
  /** From the first attempt to the end of the last. */
  readonly tookMs: number;
}

/** What operators are told of the upstream; the gateway is no less ready for it. */
export interface UpstreamStatus {
  readonly outages: readonly Outage[];
  readonly clocks: readonly ClockState[];
}

export interface Upstream {
  /**
   * Send a signed request and read its answer; it always comes to one result, at the deadline at
   * the latest.
   * @param withinMs in place of `timeoutMs`, when several calls share it
   */
  call(signed: SignedRequest, withinMs?: number): Promise<UpstreamAnswer>;
  /** For all calls of a request together. */
  readonly timeoutMs: number;
  /**
   * Ask whether a host may be called, before anything is recorded of it.
   * @returns to be called when the request has ended, sent or not
   * @throws GatewayError `upstream-unavailable`
   */
  enter(host: string): () => void;
  /** The time to sign at for a host: ours, or corrected when the upstream does not take ours. */
  timeFor(host: string): Date;
  /** At most 32 of each. */
  status(): UpstreamStatus;
  close(): void;
}

export interface UpstreamParts {
  readonly transport: Transport;
  readonly outages: Outages;
  readonly clock: UpstreamClock;
  /** For all attempts together. */
  readonly timeoutMs: number;
}

const MAX_TOLD = 32;

/** What makes an outage. A refusal, of whatever kind, comes from one who is at work. */
const FAILURES: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode | undefined>([
  'upstream-unreachable',
  'upstream-failed',
  'upstream-timeout',
]);

/** Send requests with one total deadline, and once more where that is safe. */
export function createUpstream({ transport, outages, clock, timeoutMs }: UpstreamParts): Upstream {
  const gathered = createCohort();
  const wireRequests = new WeakMap<SignedRequest, WireRequest>();

  function wireRequestFor(signed: SignedRequest): WireRequest {
    const known = wireRequests.get(signed);
    if (known !== undefined) return known;
    const wire = wireRequestOf(signed);
    wireRequests.set(signed, wire);
    return wire;
  }

  async function send(signed: SignedRequest, deadline: Deadline): Promise<Ended> {
    const hasAnswerBody = signed.request.method === 'GET';
    const first = await transport.exchange(wireRequestFor(signed), deadline);
    // A fault goes on at once: at the deadline nobody waits for it longer than a turn.
    if (first.kind === 'answer') await gathered();
    const result = interpretResult(first, hasAnswerBody);
    const retry = retryOf(signed, { result: first, code: result.error?.code }, clock);
    if (retry === null) {
      learnTime(signed, first, result);
      return { result, attempts: 1, mayStillArrive: mayStillArrive(first) };
    }
    if (retry.pauseMs > 0) await deadline.pause(retry.pauseMs);
    const second = await transport.exchange(wireRequestOf(retry.signed), deadline);
    const last = interpretSecond(second, retry, hasAnswerBody);
    learnTime(signed, second, last, retry.correctionMs);
    const mayArrive = retry.mayHaveArrived || mayStillArrive(second);
    return { result: last, attempts: 2, mayStillArrive: mayArrive };
  }

  function learnTime(
    { request: { host } }: SignedRequest,
    last: TransportResult,
    { error }: UpstreamResult,
    correctionMs: number | null = null,
  ): void {
    if (last.kind === 'fault') return;
    if (error?.code === 'clock-skew') clock.doubt(host);
    else if (correctionMs !== null) clock.confirm(host, correctionMs);
    else clock.observe(host, clock.aheadBy(last.headers.date));
  }

  return {
    timeoutMs,
    async call(signed, withinMs = timeoutMs) {
      const deadline = new Deadline(withinMs);
      try {
        const { result, ...ended } = await endOf(send(signed, deadline), deadline);
        outages.observe(signed.request.host, FAILURES.has(result.error?.code));
        return { ...result, ...ended, tookMs: deadline.elapsedMs };
      } finally {
        deadline.close();
      }
    },
    enter: outages.enter,
    timeFor: clock.timeFor,
    status: () => ({
      outages: outages.list().slice(0, MAX_TOLD),
      clocks: clock.list().slice(0, MAX_TOLD),
    }),
    close: () => transport.close(),
  };
}

interface Ended extends Pick<UpstreamAnswer, 'attempts' | 'mayStillArrive'> {
  readonly result: UpstreamResult;
}

/** The end of a call; of one that does not come to one by itself, its deadline, whatever holds it up. */
function endOf(sent: Promise<Ended>, deadline: Deadline): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const giveUp = () => {
    const fault = { kind: 'fault', fault: 'timeout', isStaleSocket: false, cause: null } as const;
    const result = interpretResult({ ...fault, wasSent: true }, false);
    resolve({ result, attempts: 1, mayStillArrive: true });
  };
  // Behind those that end by themselves then: they know better what was sent.
  deadline.onEnd(() => setImmediate(giveUp));
  sent.then(resolve, reject);
  return promise;
}

function mayStillArrive(result: TransportResult): boolean {
  return result.kind === 'fault' && result.wasSent;
}

/** What a first attempt may have done stays possible, whatever became of the second. */
function interpretSecond(
  second: TransportResult,
  { mayHaveArrived }: Retry,
  hasAnswerBody: boolean,
): UpstreamResult {
  if (!mayHaveArrived) return interpretResult(second, hasAnswerBody);
  const result = interpretResult(asIfSent(second), hasAnswerBody);
  return { ...result, outcome: result.outcome === 'applied' ? 'applied' : 'unknown' };
}

/** A second attempt that could not connect is no proof that nothing was sent. */
function asIfSent(result: TransportResult): TransportResult {
  if (result.kind === 'answer') return result;
  const fault = result.fault === 'unreachable' ? 'reset' : result.fault;
  return { ...result, fault, wasSent: true };
}
