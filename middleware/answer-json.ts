import type { GatewayContext } from './state.ts';

/** Answer a value as JSON, with a line feed at its end for those who read it in a terminal. */
export function answerJson(ctx: GatewayContext, value: unknown, type = 'application/json'): void {
  // The type first: Koa would look for one in a body without.
  ctx.set('content-type', `${type}; charset=utf-8`);
  ctx.body = `${JSON.stringify(value)}\n`;
}
