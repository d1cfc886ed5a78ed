import type { IncomingMessage } from 'node:http';
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
export function closeAfterBody({ req, res, state }: GatewayContext, limitMs: number): void {
  if (!hasBody(req) || req.complete) return;
  // On the answer itself, where the front door looks for it.
  res.setHeader('connection', 'close');
  req.resume();
  state.reply.holdBack = endOf(req, limitMs);
}

async function endOf(body: IncomingMessage, limitMs: number): Promise<void> {
  await finished(body, { signal: AbortSignal.timeout(limitMs) }).catch(() => {});
}
