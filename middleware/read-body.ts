import type { IncomingMessage } from 'node:http';
import { type ErrorCode, GatewayError } from '../src/errors.ts';

/** Whether a request announces a body. Source: RFC 9112, section 6.3. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * Read a whole body, bounded in size and time.
 * @throws GatewayError `body-too-large`, `body-timeout`, or `body-malformed` when it breaks off
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { maxBytes, timeoutMs } = limits;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const refuse = (code: ErrorCode, detail: string) => reject(new GatewayError(code, detail));
  const refuseLarge = () => refuse('body-too-large', `send at most ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    refuseLarge();
    return promise;
  }

  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) refuseLarge();
    else chunks.push(chunk);
  };
  const onEnd = () => resolve(Buffer.concat(chunks));
  const onBreak = () => refuse('body-malformed', 'the body broke off');
  const timer = setTimeout(
    () => refuse('body-timeout', `send the whole body within ${timeoutMs} ms`),
    timeoutMs,
  );
  request.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak);

  return promise.finally(() => {
    clearTimeout(timer);
    request.off('data', onData).off('end', onEnd).off('close', onBreak);
    // What comes after the end of our interest stays unread; an error of it is nobody's.
    request.pause();
  });
}
