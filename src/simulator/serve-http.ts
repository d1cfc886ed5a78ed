import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer-request.ts';
import type { Pair } from './canonical-form.ts';
import type { ReceivedRequest } from './read-request.ts';

/** Never rejects. */
export type AnswerRequest = (received: ReceivedRequest) => Promise<Answer>;

/** A listening HTTP server. */
export interface HttpService {
  readonly port: number;
  /** Ends idle connections, lets requests in progress finish, cuts those that take too long. */
  close(): Promise<void>;
}

/** Source: COS documentation, "Error Codes", for its existence; the number is ours. */
const MAX_BODY_BYTES = 64 * 1024;
const CLOSING_MS = 2000;

/** What Node's HTTP parser tells of bytes that it cannot read. */
type ParserError = Error & { code?: string; rawPacket?: Buffer };

/** Serve every request with one function; bytes that are not HTTP are answered with 400. */
export async function serveHttp(
  { host, port }: { host: string; port: number },
  answer: AnswerRequest,
): Promise<HttpService> {
  const receiving = new WeakSet<Duplex>();
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 60_000,
  });
  const serve = async (message: IncomingMessage, response: ServerResponse) => {
    receiving.add(message.socket);
    const received = await receive(message);
    receiving.delete(message.socket);
    send(response, await answer(received), server.listening);
  };
  server.on('request', (message, response) => void serve(message, response));
  server.on('clientError', (error: ParserError, socket) => {
    // A request that is cut in its middle is recorded by the one who is reading it.
    if (!socket.writable || receiving.has(socket)) socket.destroy();
    else void sendRaw(socket, answer(unreadable(error)));
  });
  // A client asks for a tunnel when it wants TLS; without a listener Node would just hang up.
  server.on('connect', (message, socket) => {
    void sendRaw(socket, answer({ ...startOf(message), body: Buffer.alloc(0), fault: null }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo; // Not a pipe: we gave it a port.
  return { port: bound, close: () => close(server) };
}

async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isComplete = true;
  try {
    // Read to the end even what is too much: a client that is still sending can't hear an answer.
    for await (const chunk of message) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    isComplete = false;
  }
  const tooLarge = size > MAX_BODY_BYTES ? 'EntityTooLarge' : null;
  const fault = isComplete ? tooLarge : 'IncompleteBody';
  return { ...startOf(message), body: Buffer.concat(chunks), fault };
}

function startOf({ method = '', url = '', rawHeaders }: IncomingMessage) {
  const headers = rawHeaders.flatMap((name, at): Pair[] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
  );
  return { method, url, headers };
}

function unreadable({ code, rawPacket = Buffer.alloc(0) }: ParserError): ReceivedRequest {
  const fault = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'RequestTimeout' : 'BadRequest';
  const body = rawPacket.subarray(0, MAX_BODY_BYTES);
  return { method: '', url: '', headers: [], body, fault };
}

function send(response: ServerResponse, { status, headers, body }: Answer, isListening: boolean) {
  response.writeHead(status, {
    ...headers,
    // RFC 9110, 8.6: no Content-Length in a 204.
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    ...(isListening ? {} : { Connection: 'close' }),
  });
  response.end(body);
}

async function sendRaw(socket: Duplex, answered: Promise<Answer>): Promise<void> {
  const { status, headers, body } = await answered;
  const lines = Object.entries({
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`);
}

async function close(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(timer);
}
