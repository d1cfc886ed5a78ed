import { randomUUIDv7 } from 'node:crypto';
import { createCohort } from '../src/cohort.ts';
import type { Services } from '../src/services.ts';
import { peerAddressOf } from './peer-address.ts';
import { sendReply } from './reply.ts';
import { type GatewayLayer, GatewayState } from './state.ts';

/** Source: W3C Trace Context, "traceparent header": version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Give the request its id, time, trace and peer, and a cohort to go with; send its answer in the end. */
export function openRequest({ now, log }: Services): GatewayLayer {
  const gathered = createCohort();
  return async function openRequest(ctx, next) {
    const receivedAt = now();
    // Of a connection that is closed meanwhile it would be unknown.
    const peerAddress = peerAddressOf(ctx.req.socket);
    await gathered();
    // Of this version ids follow the time, and so stand side by side in the index.
    const requestId = randomUUIDv7();
    ctx.state = new GatewayState({
      requestId,
      receivedAt,
      traceId: traceIdOf(ctx.req.headers.traceparent),
      peerAddress,
      reply: {
        status: 200,
        headers: {
          'x-request-id': requestId,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        },
        value: null,
        isGiven: false,
        holdBack: null,
      },
    });
    await next();
    if (sendReply(ctx)) return;
    log.warn({ requestId }, 'the caller did not wait for its answer');
  };
}

function traceIdOf(traceparent: string | string[] | undefined): string | null {
  return typeof traceparent === 'string' ? (TRACEPARENT.exec(traceparent)?.[1] ?? null) : null;
}
