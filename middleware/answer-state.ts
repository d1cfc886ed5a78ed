import { isKnown } from '../src/slim/change-conditions.ts';
import type { Operation } from '../src/slim/operation.ts';
import { etagOf, type SlimState, stateOn } from '../src/slim/slim-configuration.ts';
import { answerEmpty, answerJson } from './reply.ts';
import type { GatewayContext } from './state.ts';

/** Answer a state with its entity tag; without a body to who has it already. */
export function answerState(ctx: GatewayContext, state: SlimState): void {
  const { 'if-none-match': known } = ctx.req.headers;
  ctx.state.reply.headers.etag = `"${etagOf(state)}"`;
  if (ctx.req.method === 'GET' && known !== undefined && isKnown(known, state)) {
    answerEmpty(ctx, 304);
  } else answerJson(ctx, state);
}

/** Answer a change that is done: the configuration as set, or nothing for one that is off. */
export function answerDone(ctx: GatewayContext, { configuration }: Operation): void {
  const { conditions, reply } = ctx.state;
  if (conditions?.isStrict) reply.headers['preference-applied'] = 'handling=strict';
  if (configuration === null) answerEmpty(ctx, 204);
  else answerState(ctx, stateOn(configuration));
}
