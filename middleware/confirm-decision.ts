import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { authorize } from './authorize.ts';
import { type GatewayStep, stepResult } from './state.ts';

/**
 * A request that has waited is sent by what is allowed now: when another table has come into force
 * it is decided again, wholly by that one, which its record then names.
 * @param decideMore what the path decides besides, behind the operation itself
 */
export function confirmDecision(
  services: Services,
  decideMore: GatewayStep = () => undefined,
): GatewayStep {
  const { policyTable, subAccounts } = services;
  const decideAgain = authorize(services);
  return function confirmDecision(ctx) {
    const table = policyTable.current();
    if (table.version === stepResult(ctx.state, 'decision').tableVersion) return undefined;
    const tenant = stepResult(ctx.state, 'tenant').name;
    // It is signed already, with the key of whom the tenant acted as.
    if (subAccounts.find(table.subAccountOf.get(tenant) ?? '') !== ctx.state.subAccount) {
      const detail = 'you act as another sub-account since this request came; repeat it';
      throw new GatewayError('policy-stale', detail, { headers: { 'retry-after': '1' } });
    }
    return decideAgain(ctx) ?? decideMore(ctx);
  };
}
