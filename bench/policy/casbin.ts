import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { matchWildcard } from '../../src/policy/wildcard.ts';
import { fullName, resourceText } from './peer-names.ts';
import type { Subject } from './subject.ts';

/** Cheapest comparison first; ours for the stars, because its own `keyMatch` knows one at the end. */
const MODEL = `
[request_definition]
r = sub, obj, act, ip
[policy_definition]
p = sub, obj, act, net, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.sub == p.sub && (p.act == 'ci:*' || r.act == p.act) && wild(r.obj, p.obj) && (p.net == 'any' || ipMatch(r.ip, p.net))
`;

export const casbin: Subject = {
  title: 'casbin 5.51',
  async load(rows) {
    const lines = rows.map(({ principal, effect, action, resource, condition }) => {
      const net = condition?.ip_equal['qcs:ip'] ?? 'any';
      return ['p', principal, resourceText(resource), action, net, effect].join(', ');
    });
    const enforcer = await newEnforcer(
      newModelFromString(MODEL),
      new StringAdapter(lines.join('\n')),
    );
    await enforcer.addFunction('wild', (text: string, pattern: string) =>
      matchWildcard(pattern, text),
    );
    return {
      prepare(asked) {
        const request = [`tenant/${asked.tenant}`, fullName(asked), asked.action, asked.ip];
        return () => enforcer.enforceSync(...request);
      },
    };
  },
};
