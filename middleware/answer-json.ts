import type { GatewayContext } from './state.ts';

/** Answer a value as JSON, with a line feed at its end for those who read it in a terminal. */
export function answerJson(ctx: GatewayContext, value: unknown, type = 'application/json'): void {
  // The type first: Koa would look for one in a body without.
  ctx.set('content-type', `${type}; charset=utf-8`);
  ctx.body = `${JSON.stringify(value)}\n`;
}

/** Add a member to the answer that answerJson has given; an answer without a body stays without. */
export function addMember(ctx: GatewayContext, name: string, value: string): void {
  if (typeof ctx.body !== 'string') return;
  ctx.body = `${ctx.body.slice(0, -'}\n'.length)},${JSON.stringify(name)}:${JSON.stringify(value)}}\n`;
}
