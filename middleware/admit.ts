import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Hold one of the tenant's places while the request goes on. */
export function admit({ tenantConcurrency }: Services): GatewayStep {
  return async function admit({ state }, next) {
    const leave = tenantConcurrency.enter(stepResult(state, 'tenant').name);
    if (leave === null) {
      throw new GatewayError(
        'rate-limited',
        'wait for your earlier requests, then repeat this one',
        {
          headers: { 'retry-after': '1' },
        },
      );
    }
    try {
      await next();
    } finally {
      leave();
    }
  };
}
