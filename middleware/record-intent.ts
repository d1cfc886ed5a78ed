import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { requestFacts } from './request-facts.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/** INVARIANT: no mutation is forwarded before its intent is durable; without it the answer is 503. */
export function recordIntent({ journal }: Services): GatewayStep {
  async function record(ctx: GatewayContext): Promise<void> {
    const request = requestFacts(ctx);
    ctx.state.intent = await journal.append({ kind: 'intent', request });
    ctx.state.recordedFacts = request;
  }
  return function recordIntent(ctx) {
    const { isMutation } = OPERATIONS[stepResult(ctx.state, 'operation').name];
    return isMutation ? record(ctx) : undefined;
  };
}
