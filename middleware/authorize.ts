import { GatewayError } from '../src/errors.ts';
import type { Decision } from '../src/policy/decide.ts';
import { closestAllow } from '../src/policy/nearest-miss.ts';
import { type PublicMiss, publicMiss } from '../src/policy/public-explanation.ts';
import type { Services } from '../src/services.ts';
import { answerProblem } from './answer-errors.ts';
import { type Asked, decideOperation } from './decide-operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** A denial must stay cheap: so few statements are looked at, and what would help is not tried. */
const MAX_STATEMENTS = 32;

/**
 * Tenant, operation -> decision, taken under one table. A denial is answered and not thrown: it
 * is no fault, and thrown it would be rejected by each layer in turn.
 */
export function authorize(services: Services): GatewayStep {
  return function authorize(ctx) {
    const { state } = ctx;
    const asked = decideOperation(state, services);
    const decision = stepResult(state, 'decision');
    if (decision.effect === 'allow') return;
    const resource = stepResult(state, 'resource');
    const closest = closestTo(asked, decision);
    answerProblem(ctx, denial(decision, asked.request.action, resource, closest));
  };
}

/** The statement that came closest to allowing it, where none does. */
export function closestTo({ request, table }: Asked, { reason }: Decision): PublicMiss | null {
  if (reason !== 'default-deny') return null;
  const closest = closestAllow(request, table, MAX_STATEMENTS);
  if (closest === null) return null;
  return publicMiss({ ...closest, statement: closest.statement.id, deniedBy: [] });
}

/** Why a request is denied, in words that say what to change. */
export function denial(
  decision: Decision,
  action: string,
  resource: string,
  nearestMiss: PublicMiss | null = null,
): GatewayError {
  const { reason, statements } = decision;
  const asked = `\`${action}\` on \`${resource}\``;
  const denying = statements.map((id) => `\`${id}\``).join(', ');
  const closest = nearestMiss === null ? '' : `; ${nearestMiss.detail}`;
  const detail: Readonly<Record<Decision['reason'], string>> = {
    allowed: '',
    'explicit-deny': `${asked} is denied by ${denying}`,
    'undecidable-deny': `${asked} is denied by ${denying}: this request does not say whether its condition holds`,
    'default-deny': `no statement allows you ${asked}; ask the owner of the policy table for one${closest}`,
    'unknown-tenant': 'this tenant is not in the policy table; ask its owner to add it',
    'other-account': 'the APPID of the bucket is not the one of the sub-account that you act as',
  };
  return new GatewayError('policy-denied', detail[reason], {
    decision: { reason, statements, ...(nearestMiss && { nearestMiss }) },
  });
}
