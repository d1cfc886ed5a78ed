import { type DecisionRequest, decide } from '../src/policy/decide.ts';
import type { PolicyTable } from '../src/policy/policy-table.ts';
import { bucketResource, resourceName } from '../src/policy/resource.ts';
import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayState, stepResult } from './state.ts';

/** What was asked of which table: for explaining the decision that it led to. */
export interface Asked {
  readonly request: DecisionRequest;
  readonly table: PolicyTable;
}

/** Take the decision about the tenant’s operation, under one table, and keep it. */
export function decideOperation(
  state: GatewayState,
  { policyTable, subAccounts }: Pick<Services, 'policyTable' | 'subAccounts'>,
): Asked {
  const table = policyTable.current();
  const request = decisionRequestOf(state, { table, subAccounts });
  const subAccount = subAccounts.find(table.subAccountOf.get(request.tenant) ?? '');
  if (subAccount !== null) state.subAccount = subAccount;
  state.resource = resourceName(request.resource);
  state.decision = decide(request, table);
  return { request, table };
}

/** What is asked of a table for the tenant’s operation. */
export function decisionRequestOf(
  state: GatewayState,
  { table, subAccounts }: Pick<Services, 'subAccounts'> & { readonly table: PolicyTable },
): DecisionRequest {
  const tenant = stepResult(state, 'tenant');
  const { name, target, configuration } = stepResult(state, 'operation');
  const subAccount = subAccounts.find(table.subAccountOf.get(tenant.name) ?? '');
  const resource = bucketResource(target, {
    appId: target.appId,
    ownerUin: subAccount?.appId === target.appId ? subAccount.ownerUin : '',
  });
  return {
    tenant: tenant.name,
    action: OPERATIONS[name].action,
    resource,
    subAccount: subAccount && { name: subAccount.name, account: subAccount },
    context: {
      sourceAddress: state.sourceAddress ?? null,
      receivedAt: stepResult(state, 'receivedAt'),
      operation: name,
      configuration,
      claims: tenant.claims,
    },
  };
}
