import { decide } from '../src/policy/decide.ts';
import { objectResource, resourceName } from '../src/policy/resource.ts';
import type { Services } from '../src/services.ts';
import { OBJECT_ACTION } from '../src/slim/operation.ts';
import { denial } from './authorize.ts';
import { decisionRequestOf } from './decide-operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Each object needs a statement of its own service: one that is denied denies the question. */
export function authorizeObjects(services: Services): GatewayStep {
  return function authorizeObjects({ state }, next) {
    const table = services.policyTable.current();
    const { target } = stepResult(state, 'operation');
    const request = decisionRequestOf(state, { ...services, table });
    for (const key of stepResult(state, 'objectKeys')) {
      const resource = objectResource({ ...target, key }, request.resource.account);
      const decision = decide({ ...request, action: OBJECT_ACTION, resource }, table);
      if (decision.effect === 'allow') continue;
      // The record tells the decision that ended the request.
      Object.assign(state, {
        decision,
        resource: resourceName(resource),
        deniedAction: OBJECT_ACTION,
      });
      throw denial(decision, OBJECT_ACTION, resourceName(resource));
    }
    return next();
  };
}
