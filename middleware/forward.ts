import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { etagOf, type SlimState } from '../src/slim/slim-configuration.ts';
import { StrictXmlError } from '../src/strict-xml.ts';
import type { UpstreamAnswer } from '../src/upstream/upstream.ts';
import { answerJson } from './answer-json.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/** Signed request -> the upstream's answer, told in JSON. */
export function forward({ upstream, slimStateOf }: Services): GatewayStep {
  return async function forward(ctx) {
    const answer = await upstream.call(stepResult(ctx.state, 'signedRequest'));
    ctx.state.answer = answer;
    if (answer.error !== null) throw answer.error;
    const { name, configuration } = stepResult(ctx.state, 'operation');
    // A bucket that is now switched off has nothing to tell.
    if (name === 'disable') ctx.status = 204;
    else if (configuration !== null) answerState(ctx, { status: 'on', ...configuration });
    else answerState(ctx, stateIn(answer, slimStateOf));
  };
}

/** @throws GatewayError `upstream-unexpected` */
export function stateIn({ body }: UpstreamAnswer, slimStateOf: Services['slimStateOf']): SlimState {
  try {
    return slimStateOf(body ?? Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof StrictXmlError)) throw error;
    throw new GatewayError(
      'upstream-unexpected',
      `the upstream’s document cannot be read: ${error.message}`,
      { cause: error },
    );
  }
}

function answerState(ctx: GatewayContext, state: SlimState): void {
  answerJson(ctx, state);
  ctx.etag = etagOf(state);
}
