import { ADMIN_OPERATIONS, type AdminOperationName } from '../src/policy/admin-operation.ts';
import { type AdminRequest, decideAdmin } from '../src/policy/plan-change.ts';
import type { Services } from '../src/services.ts';
import { denial } from './authorize.ts';
import { type GatewayState, type GatewayStep, stepResult } from './state.ts';

/** Tenant, operation of the gateway's own management -> decision, by the same table as all else. */
export function authorizeAdmin(
  operation: AdminOperationName,
  { policyTable, subAccounts }: Services,
): GatewayStep {
  return function authorizeAdmin({ state }) {
    state.adminOperation = operation;
    state.resource = '*';
    const table = policyTable.current();
    const subAccount = subAccounts.find(
      table.subAccountOf.get(stepResult(state, 'tenant').name) ?? '',
    );
    if (subAccount !== null) state.subAccount = subAccount;
    state.decision = decideAdmin({ ...askedBy(state), operation }, table, subAccounts);
    if (state.decision.effect === 'allow') return;
    throw denial(state.decision, ADMIN_OPERATIONS[operation], '*');
  };
}

/** Who asks, and from where. */
export function askedBy(state: GatewayState): Omit<AdminRequest, 'operation'> {
  const { name, claims } = stepResult(state, 'tenant');
  const { sourceAddress = null, receivedAt } = state;
  return { tenant: name, context: { sourceAddress, receivedAt, claims } };
}
