import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { hasBody } from './read-body.ts';
import type { GatewayContext } from './state.ts';

/**
 * An answer that is given before the body has come ends its connection: what is left of the body
 * must not be taken for the next request, and the caller need not send all of it. The connection is
 * closed when the rest has come, at the limit at the latest: closed at once it would be reset, and
 * the answer lost on its way.
 * Source: RFC 9112, section 9.6.
 * @param limitMs for the rest of the body; it is dropped
 */
export function closeAfterBody(ctx: GatewayContext, limitMs: number): void {
  if (!hasBody(ctx.req) || ctx.req.complete) return;
  ctx.set('connection', 'close');
  const text = String(ctx.body);
  ctx.req.resume();
  ctx.body = Readable.from(withheldEnd(text, ctx.req, limitMs), { objectMode: false });
  ctx.length = Buffer.byteLength(text);
}

async function* withheldEnd(text: string, body: Readable, limitMs: number) {
  yield text;
  await finished(body, { signal: AbortSignal.timeout(limitMs) }).catch(() => {});
}
