import http from 'node:http';
import type { Socket } from 'node:net';
import type { Services } from '../src/services.ts';
import { guardSockets } from './guard-sockets.ts';
import { peerAddressOf } from './peer-address.ts';
import { createRefuseConnection, type RefuseConnection } from './refuse-connection.ts';

/** How often slow requests are looked for, at most: Node's own interval is 30 seconds. */
const SLOW_CHECK_MS = 1000;

/** A server that hands on one whole, unambiguous request at a time. */
export function createFrontDoor(services: Services, answer: http.RequestListener): http.Server {
  const { headersTimeoutMs, bodyTimeoutMs } = services.limits;
  const newest = new WeakMap<Socket, http.ServerResponse>();
  const refuse = createRefuseConnection(services);

  function refuseFraming({ socket }: http.IncomingMessage, response: http.ServerResponse): void {
    const reason = 'chunks-in-http-1.0';
    refuse(null, { peerAddress: peerAddressOf(socket), reason, status: 400 });
    response.statusCode = 400;
    response.setHeader('connection', 'close');
    response.end();
  }

  function receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    // Source: RFC 9112, section 9.6: after an answer that closes there is no further request.
    if (newest.get(request.socket)?.getHeader('connection') === 'close') return;
    if (isRefused(request.socket)) return;
    newest.set(request.socket, response);
    if (isFaultyFraming(request)) refuseFraming(request, response);
    else answer(request, response);
  }

  const server = http.createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: headersTimeoutMs + bodyTimeoutMs,
      connectionsCheckingInterval: Math.min(headersTimeoutMs, SLOW_CHECK_MS),
      maxHeaderSize: 16 * 1024,
    },
    receive,
  );
  const isRefused = guardSockets(server, services, refuse);
  // `Expect: 100-continue` is answered by the step that reads the body, if it comes to that.
  server.on('checkContinue', receive);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (isRefused(socket)) socket.destroy();
    else refuseUnparsed({ error, socket, before: newest.get(socket), refuse });
  });
  return server;
}

/** Source: RFC 9112, section 6.1: chunks in HTTP/1.0 may have come through one who knows none. */
function isFaultyFraming({ httpVersion, headers }: http.IncomingMessage): boolean {
  return httpVersion === '1.0' && headers['transfer-encoding'] !== undefined;
}

/** Source: RFC 9110, section 15.5. Node names what its parser refuses by these codes. */
const PARSER_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
/** Others say that the connection broke. */
const PARSER_CODE = /^(?:HPE|ERR_HTTP)_/;

interface Unparsed {
  readonly error: NodeJS.ErrnoException;
  readonly socket: Socket;
  /** The answer to the last request on this socket. */
  readonly before: http.ServerResponse | undefined;
  readonly refuse: RefuseConnection;
}

/** What the parser refuses never becomes a request: answer plainly and close. */
function refuseUnparsed({ error, socket, before, refuse }: Unparsed): void {
  const { code = '' } = error;
  const isAnswered = before?.headersSent && !before.req.complete;
  if (!socket.writable || !PARSER_CODE.test(code) || isAnswered) {
    socket.destroy();
    return;
  }
  const refusal = { peerAddress: peerAddressOf(socket), reason: code };
  // The whole request before it may be on its way upstream: nothing is said in its answer's place.
  if (before?.req.complete && !before.writableFinished) {
    before.shouldKeepAlive = false;
    refuse(null, refusal);
    return;
  }
  refuse(socket, { ...refusal, status: PARSER_STATUS[code] ?? 400 });
}
