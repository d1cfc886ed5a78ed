import { GatewayError } from '../src/errors.ts';
import { type Decision, decide } from '../src/policy/decide.ts';
import { bucketResource, resourceName } from '../src/policy/resource.ts';
import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Tenant, operation -> decision, taken under one table. */
export function authorize({ policyTable, subAccounts }: Services): GatewayStep {
  return function authorize({ state }, next) {
    const table = policyTable.current();
    const tenant = stepResult(state, 'tenant');
    const { name, target, configuration } = stepResult(state, 'operation');
    const { action } = OPERATIONS[name];
    const subAccount = subAccounts.find(table.subAccountOf.get(tenant.name) ?? '');
    const resource = bucketResource(target, {
      appId: target.appId,
      ownerUin: subAccount?.appId === target.appId ? subAccount.ownerUin : '',
    });

    if (subAccount !== null) state.subAccount = subAccount;
    state.resource = resourceName(resource);
    state.decision = decide(
      {
        tenant: tenant.name,
        action,
        resource,
        subAccount: subAccount && { name: subAccount.name, account: subAccount },
        context: {
          sourceAddress: state.sourceAddress ?? null,
          receivedAt: stepResult(state, 'receivedAt'),
          operation: name,
          configuration,
          claims: tenant.claims,
        },
      },
      table,
    );
    if (state.decision.effect === 'deny') throw denial(state.decision, action, state.resource);
    return next();
  };
}

function denial(decision: Decision, action: string, resource: string): GatewayError {
  const { reason, statements } = decision;
  const asked = `\`${action}\` on \`${resource}\``;
  const denying = statements.map((id) => `\`${id}\``).join(', ');
  const detail: Readonly<Record<Decision['reason'], string>> = {
    allowed: '',
    'explicit-deny': `${asked} is denied by ${denying}`,
    'undecidable-deny': `${asked} is denied by ${denying}: this request does not say whether its condition holds`,
    'default-deny': `no statement allows you ${asked}; ask the policy table’s owner for one`,
    'unknown-tenant': 'this tenant is not in the policy table; ask its owner to add it',
    'other-account': 'the bucket’s APPID is not the one of the sub-account that you act as',
  };
  return new GatewayError('policy-denied', detail[reason], { decision: { reason, statements } });
}
