import type { Place } from '../src/admission/turns.ts';
import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/**
 * One change of a bucket at a time, in order of arrival, so that the last one accepted is the last
 * one applied. Reads do not wait.
 */
export function takeTurn({ changeTurns, settleMs }: Services): GatewayStep {
  return async function takeTurn(ctx, next) {
    if (!OPERATIONS[stepResult(ctx.state, 'operation').name].isMutation) return next();
    const place = changeTurns.enter(stepResult(ctx.state, 'upstreamRequest').host);
    if (place.turn !== null) await waitWhileAsked(place, ctx);
    try {
      await next();
    } finally {
      // What was given up may still be on its way: the next change must not be overtaken by it.
      if (ctx.state.answer?.mayStillArrive) setTimeout(place.leave, settleMs).unref();
      else place.leave();
    }
  };
}

/** A caller that goes away leaves the line: nothing has been recorded or sent for it. */
async function waitWhileAsked({ turn, leave }: Place, { res }: GatewayContext): Promise<void> {
  if (res.closed) leave();
  res.once('close', leave);
  try {
    await turn;
  } finally {
    // Its turn come, a change goes on, whoever still listens.
    res.off('close', leave);
  }
}
