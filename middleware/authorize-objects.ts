import type { Services } from '../src/services.ts';
import { OBJECT_ACTION } from '../src/slim/operation.ts';
import { closestTo, denial } from './authorize.ts';
import { decideObjects, decisionRequestOf, keepDenial } from './decide-operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Each object needs a statement of its own service: one that is denied denies the question. */
export function authorizeObjects(services: Services): GatewayStep {
  return function authorizeObjects({ state }) {
    const table = services.policyTable.current();
    const asked = { request: decisionRequestOf(state, { ...services, table }), table };
    for (const one of decideObjects(state, asked)) {
      if (one.decision.effect === 'allow') continue;
      keepDenial(state, one);
      const closest = closestTo({ request: one.request, table }, one.decision);
      throw denial(one.decision, OBJECT_ACTION, stepResult(state, 'resource'), closest);
    }
  };
}
