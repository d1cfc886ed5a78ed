import * as wasm from '@cedar-policy/cedar-wasm/nodejs';
import { fullName, resourceText } from './peer-names.ts';
import type { Subject } from './subject.ts';
import type { Row } from './world.ts';

const POLICIES = 'bench';

export const cedar: Subject = {
  title: 'cedar-wasm 4.13',
  async load(rows) {
    const staticPolicies = Object.fromEntries(rows.map((row) => [row.id, policyOf(row)]));
    const parsed = wasm.preparsePolicySet(POLICIES, { staticPolicies });
    if (parsed.type === 'failure') throw new Error(JSON.stringify(parsed.errors[0]));
    return {
      prepare(asked) {
        const call = {
          principal: { type: 'Tenant', id: `tenant/${asked.tenant}` },
          action: { type: 'Action', id: asked.action },
          resource: { type: 'Bucket', id: asked.bucket },
          context: { name: fullName(asked), ip: { __extn: { fn: 'ip', arg: asked.ip } } },
          preparsedPolicySetId: POLICIES,
          entities: [],
        };
        return () => {
          const answer = wasm.statefulIsAuthorized(call);
          if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors[0]));
          return answer.response.decision === 'allow';
        };
      },
    };
  },
};

function policyOf({ principal, effect, action, resource, condition }: Row): string {
  const word = effect === 'allow' ? 'permit' : 'forbid';
  const actions = action === 'ci:*' ? 'action' : `action == Action::"${action}"`;
  const network = condition?.ip_equal['qcs:ip'];
  const inside = network === undefined ? '' : ` && context.ip.isInRange(ip("${network}"))`;
  return `${word}(principal == Tenant::"${principal}", ${actions}, resource)
    when { context.name like "${resourceText(resource)}"${inside} };`;
}
