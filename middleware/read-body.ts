import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../src/errors.ts';

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
  const tooLarge = new GatewayError('body-too-large', `send at most ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge);

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => {
    reject(new GatewayError('body-timeout', `send the whole body within ${timeoutMs} ms`));
  }, timeoutMs);
  const brokenOff = () => reject(new GatewayError('body-malformed', 'the body broke off'));

  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) reject(tooLarge);
    else chunks.push(chunk);
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', brokenOff);
  request.on('close', brokenOff);
  return promise.finally(() => {
    clearTimeout(timer);
    request.pause();
    request.removeAllListeners('data');
  });
}
