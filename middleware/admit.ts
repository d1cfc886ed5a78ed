import { limitsOf } from '../src/admission/limits.ts';
import type { Services } from '../src/services.ts';
import { passGate } from './pass-gate.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Hold one of the tenant's places while the request goes on, whatever then becomes of it. */
export function admit({ tenantGate, tenantLimits, policyTable }: Services): GatewayStep {
  return function admit({ state }) {
    const { name } = stepResult(state, 'tenant');
    const own = policyTable.current().limitsOf.get(name);
    const limits = own === undefined ? tenantLimits : limitsOf(own, tenantLimits);
    passGate(state, 'tenant', tenantGate.enter(name, limits));
  };
}
