import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { requestFacts } from './request-facts.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** INVARIANT: no mutation is forwarded before its intent is durable; without it the answer is 503. */
export function recordIntent({ journal }: Services): GatewayStep {
  return async function recordIntent(ctx, next) {
    if (OPERATIONS[stepResult(ctx.state, 'operation').name].isMutation) {
      const request = requestFacts(ctx);
      ctx.state.intent = await journal.append({ kind: 'intent', request });
      ctx.state.recordedFacts = request;
    }
    await next();
  };
}
