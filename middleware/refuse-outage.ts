import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** While the upstream fails again and again, nothing is sent to it, and nothing intended. */
export function refuseOutage({ upstream }: Services): GatewayStep {
  return function refuseOutage({ state }) {
    state.endings.push(upstream.enter(stepResult(state, 'upstreamRequest').host));
  };
}
