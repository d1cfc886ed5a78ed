import type { Next } from 'koa';
import type { Passage } from '../src/admission/gate.ts';
import { GatewayError } from '../src/errors.ts';
import type { GatewayContext } from './state.ts';

type Who = 'source' | 'tenant';

/** What to do about a limit, by the limit. */
const REMEDY = {
  rate: 'send fewer requests a second; `Retry-After` says when there is room',
  concurrency: 'wait for your earlier requests, then repeat this one',
} as const;

/**
 * Go on in a place of the gate, and leave it when the request has ended.
 * @throws GatewayError `rate-limited`
 */
export async function passGate(
  ctx: GatewayContext,
  { who, passage }: { readonly who: Who; readonly passage: Passage },
  next: Next,
): Promise<void> {
  const { refusedBy, retryAfterSeconds } = passage;
  if (refusedBy !== null) {
    tellRate(ctx, who, passage);
    const headers = { 'retry-after': String(retryAfterSeconds) };
    throw new GatewayError('rate-limited', REMEDY[refusedBy], { headers });
  }
  // A source learns of its limit when it is refused: it may be many who share an address.
  if (who === 'tenant') tellRate(ctx, who, passage);
  try {
    await next();
  } finally {
    passage.leave();
  }
}

/**
 * The rate in the fields that clients read.
 * Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4.
 */
function tellRate(ctx: GatewayContext, who: Who, passage: Passage): void {
  const { quota, windowSeconds, remaining, resetSeconds } = passage;
  ctx.set('ratelimit-policy', `"${who}";q=${quota};w=${windowSeconds}`);
  ctx.set('ratelimit', `"${who}";r=${remaining};t=${resetSeconds}`);
}
