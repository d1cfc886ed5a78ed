import { isKnown } from '../src/slim/change-conditions.ts';
import type { Operation } from '../src/slim/operation.ts';
import { etagOf, type SlimState } from '../src/slim/slim-configuration.ts';
import { answerJson } from './answer-json.ts';
import type { GatewayContext } from './state.ts';

/** Answer a state with its entity tag; without a body to who has it already. */
export function answerState(ctx: GatewayContext, state: SlimState): void {
  answerJson(ctx, state);
  ctx.etag = etagOf(state);
  const { 'if-none-match': known } = ctx.req.headers;
  if (ctx.method === 'GET' && known !== undefined && isKnown(known, state)) ctx.status = 304;
}

/** Answer a change that is done: the configuration as set, or nothing for one that is off. */
export function answerDone(ctx: GatewayContext, { configuration }: Operation): void {
  if (ctx.state.conditions?.isStrict) ctx.set('preference-applied', 'handling=strict');
  if (configuration === null) ctx.status = 204;
  else answerState(ctx, { status: 'on', ...configuration });
}
