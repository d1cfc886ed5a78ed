import type { Place } from '../src/admission/turns.ts';
import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/**
 * One change of a bucket at a time, in order of arrival, so that the last one accepted is the last
 * one applied. Reads wait for no change, but they, too, are so many at a time.
 */
export function takeTurn({ lines, settleMs }: Services): GatewayStep {
  return function takeTurn(ctx) {
    const { state } = ctx;
    const { isMutation } = OPERATIONS[stepResult(state, 'operation').name];
    const line = isMutation ? lines.changesOfBucket : lines.readsOfBucket;
    const place = line.enter(stepResult(state, 'upstreamRequest').host);
    return hold(place, ctx, () => {
      // What was given up may still be on its way: the next change must not be overtaken by it.
      if (isMutation && state.answer?.mayStillArrive) setTimeout(place.leave, settleMs).unref();
      else place.leave();
    });
  };
}

/** So many calls to one region at a time, so that no region takes all connections. */
export function enterRegion({ lines }: Services): GatewayStep {
  return function enterRegion(ctx) {
    const place = lines.callsToRegion.enter(stepResult(ctx.state, 'operation').target.region);
    return hold(place, ctx, place.leave);
  };
}

/** Hold a place from the moment on that one's turn has come, and leave it in the end. */
function hold(place: Place, ctx: GatewayContext, leave: () => void): Promise<void> | undefined {
  const { endings } = ctx.state;
  if (place.turn !== null) return waitFor(place, ctx).then(() => void endings.push(leave));
  endings.push(leave);
  return undefined;
}

/**
 * A caller that goes away while it waits leaves the line: nothing has been recorded or sent for it.
 * Its turn come, a request goes on, whoever still listens.
 */
async function waitFor({ turn, giveUp }: Place, { res }: GatewayContext): Promise<void> {
  if (res.closed) giveUp();
  res.once('close', giveUp);
  try {
    await turn;
  } finally {
    res.off('close', giveUp);
  }
}
