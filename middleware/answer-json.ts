import type { GatewayContext } from './state.ts';

/** Answer a value as JSON, with a line feed at its end for those who read it in a terminal. */
export function answerJson(ctx: GatewayContext, value: unknown, type = 'application/json'): void {
  ctx.body = `${JSON.stringify(value)}\n`;
  ctx.type = type;
}
