import { explain } from '../src/policy/explain.ts';
import { publicExplanation } from '../src/policy/public-explanation.ts';
import type { Services } from '../src/services.ts';
import { answerJson } from './answer-json.ts';
import { decideOperation } from './decide-operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** As many of the tenant’s statements are looked at for the one that came closest. */
const MAX_STATEMENTS = 1_000;

/** The decision about what the caller would do, with its reasons. Nothing is done. */
export function answerDecision(services: Services): GatewayStep {
  return function answerDecision(ctx) {
    const { request, table } = decideOperation(ctx.state, services);
    const explanation = explain(request, table, MAX_STATEMENTS);
    answerJson(ctx, {
      action: request.action,
      resource: stepResult(ctx.state, 'resource'),
      ...publicExplanation(explanation),
    });
  };
}
