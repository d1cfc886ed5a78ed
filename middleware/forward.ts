import type { Services } from '../src/services.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { answerDone, answerState } from './answer-state.ts';
import { type GatewayStep, stepResult } from './state.ts';
import { toldState } from './told-state.ts';

/** Signed request -> the upstream's answer, told in JSON. */
export function forward(services: Services): GatewayStep {
  const { upstream } = services;
  return async function forward(ctx) {
    // What reading the state before has taken is of the same time.
    const leftMs = upstream.timeoutMs - (ctx.state.stateAnswer?.tookMs ?? 0);
    const answer = await upstream.call(stepResult(ctx.state, 'signedRequest'), leftMs);
    ctx.state.answer = answer;
    if (answer.error !== null) throw answer.error;
    const operation = stepResult(ctx.state, 'operation');
    if (OPERATIONS[operation.name].isMutation) answerDone(ctx, operation);
    else answerState(ctx, toldState(answer, services).state);
  };
}
