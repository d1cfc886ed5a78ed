import type { Passage } from '../src/admission/gate.ts';
import { GatewayError } from '../src/errors.ts';
import type { GatewayState } from './state.ts';

type Who = 'source' | 'tenant';

/** What to do about a limit, by the limit. */
const REMEDY = {
  rate: 'send fewer requests a second; `Retry-After` says when there is room',
  concurrency: 'wait for your earlier requests, then repeat this one',
} as const;

/**
 * Take a place of the gate, and leave it when the request has ended.
 * @throws GatewayError `rate-limited`
 */
export function passGate(state: GatewayState, who: Who, passage: Passage): void {
  const { refusedBy, retryAfterSeconds } = passage;
  if (refusedBy !== null) {
    tellRate(state, who, passage);
    const headers = { 'retry-after': String(retryAfterSeconds) };
    throw new GatewayError('rate-limited', REMEDY[refusedBy], { headers });
  }
  // A source learns of its limit when it is refused: it may be many who share an address.
  if (who === 'tenant') tellRate(state, who, passage);
  state.endings.push(passage.leave);
}

/**
 * The rate in the fields that clients read.
 * Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4.
 */
function tellRate({ reply: { headers } }: GatewayState, who: Who, passage: Passage): void {
  const { quota, windowSeconds, remaining, resetSeconds } = passage;
  headers['ratelimit-policy'] = `"${who}";q=${quota};w=${windowSeconds}`;
  headers.ratelimit = `"${who}";r=${remaining};t=${resetSeconds}`;
}
