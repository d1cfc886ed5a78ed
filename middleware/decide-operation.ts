import { type Decision, type DecisionRequest, decide } from '../src/policy/decide.ts';
import type { PolicyTable } from '../src/policy/policy-table.ts';
import { bucketResource, objectResource, resourceName } from '../src/policy/resource.ts';
import type { Services } from '../src/services.ts';
import { OBJECT_ACTION, OPERATIONS } from '../src/slim/operation.ts';
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

/** The decision about one object of a question for savings. */
export interface ObjectDecision {
  readonly key: string;
  readonly request: DecisionRequest;
  readonly decision: Decision;
}

/** Decide about each object in turn: each needs a statement of its own service. */
export function* decideObjects(
  state: GatewayState,
  { request, table }: Asked,
): Generator<ObjectDecision> {
  const { target } = stepResult(state, 'operation');
  for (const key of state.objectKeys ?? []) {
    const resource = objectResource({ ...target, key }, request.resource.account);
    const asked = { ...request, action: OBJECT_ACTION, resource };
    yield { key, request: asked, decision: decide(asked, table) };
  }
}

/** Keep the denial of an object: the record tells the decision that the request ended in. */
export function keepDenial(state: GatewayState, { request, decision }: ObjectDecision): void {
  const resource = resourceName(request.resource);
  Object.assign(state, { decision, resource, deniedAction: OBJECT_ACTION });
}
