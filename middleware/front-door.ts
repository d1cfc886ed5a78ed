import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Services } from '../src/services.ts';
import { createGateway } from './pipeline.ts';

/** How often slow requests are looked for, at most: Node's own interval is 30 seconds. */
const SLOW_CHECK_MS = 1000;

/** The tenants' server: what it hands to the gateway is one whole, unambiguous request. */
export function createFrontDoor(services: Services): http.Server {
  const answer = createGateway(services).callback();
  const { headersTimeoutMs, bodyTimeoutMs } = services.limits;
  const newest = new WeakMap<Duplex, http.ServerResponse>();

  function receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    // Source: RFC 9112, section 9.6: after an answer that closes there is no further request.
    if (newest.get(request.socket)?.getHeader('connection') === 'close') return;
    newest.set(request.socket, response);
    if (isFaultyFraming(request)) refusePlainly(response);
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
  // `Expect: 100-continue` is answered by the step that reads the body, if it comes to that.
  server.on('checkContinue', receive);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    refuseUnparsed(error, socket, newest.get(socket));
  });
  return server;
}

/** Source: RFC 9112, section 6.1: chunks in HTTP/1.0 may have come through one who knows none. */
function isFaultyFraming({ httpVersion, headers }: http.IncomingMessage): boolean {
  return httpVersion === '1.0' && headers['transfer-encoding'] !== undefined;
}

function refusePlainly(response: http.ServerResponse): void {
  response.statusCode = 400;
  response.setHeader('connection', 'close');
  response.end();
}

/** Source: RFC 9110, section 15.5. Node names what its parser refuses by these codes. */
const PARSER_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What the parser refuses never becomes a request: answer plainly and close. */
function refuseUnparsed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  before: http.ServerResponse | undefined,
): void {
  const isAnswered = before?.headersSent && !before.req.complete;
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswered) {
    socket.destroy();
    return;
  }
  // The whole request before it may be on its way upstream: nothing is said in its answer's place.
  if (before?.req.complete && !before.writableFinished) {
    before.shouldKeepAlive = false;
    return;
  }
  const status = PARSER_STATUS[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
