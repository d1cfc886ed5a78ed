import type { Place } from '../src/admission/turns.ts';
import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/**
 * One change of a bucket at a time, in order of arrival, so that the last one accepted is the last
 * one applied. Reads wait for no change, but they, too, are so many at a time; and so is what goes
 * to one region, so that no region takes all connections.
 */
export function takeTurn({ lines, settleMs }: Services): GatewayStep {
  return async function takeTurn(ctx, next) {
    const { isMutation } = OPERATIONS[stepResult(ctx.state, 'operation').name];
    const { host } = stepResult(ctx.state, 'upstreamRequest');
    const line = isMutation ? lines.changesOfBucket : lines.readsOfBucket;
    const leaveBucket = await takenTurn(line.enter(host), ctx);
    try {
      const { region } = stepResult(ctx.state, 'operation').target;
      const leaveRegion = await takenTurn(lines.callsToRegion.enter(region), ctx);
      await next().finally(leaveRegion);
    } finally {
      // What was given up may still be on its way: the next change must not be overtaken by it.
      if (isMutation && ctx.state.answer?.mayStillArrive) setTimeout(leaveBucket, settleMs).unref();
      else leaveBucket();
    }
  };
}

/**
 * A caller that goes away while it waits leaves the line: nothing has been recorded or sent for it.
 * Its turn come, a request goes on, whoever still listens.
 */
async function takenTurn(place: Place, { res }: GatewayContext): Promise<() => void> {
  const { turn, giveUp, leave } = place;
  if (turn === null) return leave;
  if (res.closed) giveUp();
  res.once('close', giveUp);
  try {
    await turn;
  } finally {
    res.off('close', giveUp);
  }
  return leave;
}
