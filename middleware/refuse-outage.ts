import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** While the upstream fails again and again, nothing is sent to it, and nothing intended. */
export function refuseOutage({ upstream }: Services): GatewayStep {
  return async function refuseOutage({ state }, next) {
    const leave = upstream.enter(stepResult(state, 'upstreamRequest').host);
    try {
      await next();
    } finally {
      leave();
    }
  };
}
