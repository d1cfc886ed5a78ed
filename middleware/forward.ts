import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import type { Operation } from '../src/slim/operation.ts';
import { etagOf, type SlimState } from '../src/slim/slim-configuration.ts';
import { slimStateOf } from '../src/slim/xml-to-json.ts';
import { StrictXmlError } from '../src/strict-xml.ts';
import type { UpstreamAnswer } from '../src/upstream/upstream.ts';
import { answerJson } from './answer-json.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/** Signed request -> the upstream's answer, told in JSON. */
export function forward({ upstream }: Services): GatewayStep {
  return async function forward(ctx) {
    const answer = await upstream.call(stepResult(ctx.state, 'signedRequest'));
    ctx.state.answer = answer;
    if (answer.error !== null) throw answer.error;
    answerState(ctx, stateAfter(stepResult(ctx.state, 'operation'), answer));
  };
}

/** The state that a success means; null for a bucket that is now switched off. */
function stateAfter({ name, configuration }: Operation, answer: UpstreamAnswer): SlimState | null {
  if (name === 'disable') return null;
  if (configuration !== null) return { status: 'on', ...configuration };
  try {
    return slimStateOf(answer.body ?? Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof StrictXmlError)) throw error;
    throw new GatewayError(
      'upstream-unexpected',
      `the upstream’s document cannot be read: ${error.message}`,
      { cause: error },
    );
  }
}

function answerState(ctx: GatewayContext, state: SlimState | null): void {
  if (state === null) {
    ctx.status = 204;
    return;
  }
  answerJson(ctx, state);
  ctx.etag = etagOf(state);
}
