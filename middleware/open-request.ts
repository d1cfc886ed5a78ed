import { randomUUIDv7 } from 'node:crypto';
import type { Services } from '../src/services.ts';
import { peerAddressOf } from './peer-address.ts';
import type { GatewayStep } from './state.ts';

/** Source: W3C Trace Context, "traceparent header": version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Give the request its id, time, trace and peer. */
export function openRequest({ now }: Services): GatewayStep {
  return function openRequest(ctx, next) {
    // Of this version ids follow the time, and so stand side by side in the index.
    ctx.state.requestId = randomUUIDv7();
    ctx.state.receivedAt = now();
    ctx.state.traceId = TRACEPARENT.exec(ctx.get('traceparent'))?.[1] ?? null;
    ctx.state.peerAddress = peerAddressOf(ctx.req.socket);
    ctx.set('x-request-id', ctx.state.requestId);
    ctx.set('cache-control', 'no-store');
    ctx.set('x-content-type-options', 'nosniff');
    return next();
  };
}
