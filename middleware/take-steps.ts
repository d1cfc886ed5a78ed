import type { GatewayLayer, GatewayStep } from './state.ts';

/**
 * Steps, one after the other, until the answer is given. Each costs a call, where a layer of its own
 * would cost a promise and its closures, and be held in memory while the steps behind it wait.
 */
export function takeSteps(steps: readonly GatewayStep[]): GatewayLayer {
  return async function takeSteps(ctx) {
    for (const step of steps) {
      const pending = step(ctx);
      if (pending !== undefined) await pending;
      if (ctx.state.reply.isGiven) return;
    }
  };
}
