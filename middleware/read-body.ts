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

const tooLarge = (maxBytes: number) =>
  new GatewayError('body-too-large', `send at most ${maxBytes} bytes`);

const brokeOff = () => new GatewayError('body-malformed', 'the body broke off');

/**
 * Refuse a body by the length that its request declares.
 * @throws GatewayError `body-too-large`
 */
export function requireDeclaredLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** A body that had come whole before anybody asked for it, as short ones do. */
function bodyAtHand(request: IncomingMessage, maxBytes: number): Buffer | null {
  if (!request.complete) return null;
  if (request.readableLength > maxBytes) throw tooLarge(maxBytes);
  return request.read();
}

/**
 * Read a whole body, bounded in size and time.
 * @throws GatewayError `body-too-large`, `body-timeout`, or `body-malformed` when it breaks off
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { maxBytes, timeoutMs } = limits;
  const atHand = bodyAtHand(request, maxBytes);
  if (atHand !== null) return atHand;
  // Its close has been told already, and would be waited for.
  if (request.destroyed) throw brokeOff();
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuse(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      clearTimeout(timer);
      // The close behind an end is no fault, and an error is dear to make.
      request.off('close', onBreak);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const onBreak = () => refuse(brokeOff());
    const refuse = (error: GatewayError) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onBreak);
      // What comes after the end of our interest stays unread.
      request.pause();
      reject(error);
    };
    const timer = setTimeout(() => {
      const detail = `send the whole body within ${timeoutMs} ms`;
      refuse(new GatewayError('body-timeout', detail));
    }, timeoutMs);
    // An error of the request is told by its close as well.
    request.on('data', onData).on('end', onEnd).on('close', onBreak);
  });
}
