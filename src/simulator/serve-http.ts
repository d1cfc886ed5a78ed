import { createReadStream } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArrivingRequest } from './answer-request.ts';
import type { Pair } from './canonical-form.ts';
import { measuredBytes, noBytes } from './measured-bytes.ts';
import type { Sending } from './misbehaviour/sending.ts';
import type { FileSlice } from './operation.ts';
import type { RequestHead } from './read-request.ts';
import { type Answer, releaseBody } from './write-answer.ts';

/** Never rejects. */
export type AnswerRequest = (arriving: ArrivingRequest) => Promise<Answer>;

/** A listening HTTP server. */
export interface HttpService {
  readonly port: number;
  /** Ends idle connections, lets requests in progress finish, cuts those that take too long. */
  close(): Promise<void>;
}

const CLOSING_MS = 2000;
/** Enough for 5 GB. */
const REQUEST_MS = 3_600_000;
/** Nothing is said while pictures wait for their turn. */
const SILENCE_MS = 600_000;

/** What Node's HTTP parser tells of bytes that it cannot read. */
type ParserError = Error & { code?: string; rawPacket?: Buffer };

/** A body that is on its way, or that its client holds back until it is asked for. */
interface BodySource {
  readonly bytes: AsyncIterable<Buffer>;
  readonly isHeldBack: () => boolean;
}

/** Serve every request with one function; bytes that are not HTTP are answered with 400. */
export async function serveHttp(
  { host, port }: { host: string; port: number },
  answer: AnswerRequest,
): Promise<HttpService> {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: 60_000,
  });
  server.setTimeout(SILENCE_MS);
  answerRequests(server, answer);
  // A client asks for a tunnel when it wants TLS; without a listener Node would just hang up.
  server.on('connect', (message, socket) => {
    const body = measuredBytes(noBytes());
    void sendRaw(socket, answer({ ...arrivalOf(message), body, isHeldBack: () => false }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo; // Not a pipe: we gave it a port.
  return { port: bound, close: () => close(server) };
}

function answerRequests(server: Server, answer: AnswerRequest): void {
  const receiving = new WeakSet<Duplex>();
  const serve = async (message: IncomingMessage, response: ServerResponse, body: BodySource) => {
    receiving.add(message.socket);
    const { isHeldBack, bytes } = body;
    const answered = await answer({
      ...arrivalOf(message),
      body: measuredBytes(bytes),
      isHeldBack,
    });
    receiving.delete(message.socket);
    await send(response, answered, { isLast: !server.listening || isHeldBack() });
  };
  server.on('request', (message, response) => {
    void serve(message, response, { bytes: message, isHeldBack: () => false });
  });
  server.on('checkContinue', (message, response) => {
    void serve(message, response, heldBack(message, response));
  });
  server.on('clientError', (error: ParserError, socket) => {
    // A request that is cut in its middle is recorded by the one who is reading it.
    if (!socket.writable || receiving.has(socket)) socket.destroy();
    else void sendRaw(socket, answer(unreadable(error)));
  });
}

/** A body behind `Expect: 100-continue`: asked for when somebody wants to read it. */
function heldBack(message: IncomingMessage, response: ServerResponse): BodySource {
  let isHeldBack = true;
  async function* bytes() {
    isHeldBack = false;
    response.writeContinue();
    yield* message;
  }
  return { bytes: bytes(), isHeldBack: () => isHeldBack };
}

function arrivalOf(message: IncomingMessage) {
  // An IPv4 client on a socket for both has an address that says so.
  const { remoteAddress = '' } = message.socket;
  return {
    head: headOf(message),
    remoteAddress: remoteAddress.replace(/^::ffff:(?=[0-9.]+$)/, ''),
  };
}

function headOf({ method = '', url = '', rawHeaders }: IncomingMessage): RequestHead {
  const headers = rawHeaders.flatMap((name, at): Pair[] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
  );
  return { method, url, headers, fault: null };
}

const NOBODY = { isHeldBack: () => false, remoteAddress: '' };

function unreadable({ code, rawPacket = Buffer.alloc(0) }: ParserError): ArrivingRequest {
  const fault = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'RequestTimeout' : 'BadRequest';
  const body = measuredBytes(Readable.from([rawPacket]));
  return { head: { method: '', url: '', headers: [], fault }, body, ...NOBODY };
}

async function send(
  response: ServerResponse,
  answer: Answer,
  { isLast }: { isLast: boolean },
): Promise<void> {
  const normally = () => sendWell(response, answer, isLast);
  try {
    if (answer.manner === undefined) await normally();
    else await answer.manner(sendingOf(response, answer, normally));
  } catch {
    response.destroy();
  } finally {
    releaseBody(answer);
  }
}

async function sendWell(response: ServerResponse, answer: Answer, isLast: boolean): Promise<void> {
  const { status, body } = answer;
  response.writeHead(status, {
    ...headersOf(answer),
    ...(isLast ? { Connection: 'close' } : {}),
  });
  if (typeof body === 'string') response.end(body);
  else await sendFile(response, body);
}

function headersOf({ status, headers, body }: Answer): Readonly<Record<string, string>> {
  // RFC 9110, 8.6: no Content-Length in a 204; in a 304 it would be that of another answer.
  if (status === 204 || status === 304) return headers;
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.bytes;
  return { 'Content-Length': String(bytes), ...headers };
}

/** An answer for one who writes it by hand. */
function sendingOf(
  response: ServerResponse,
  answer: Answer,
  normally: () => Promise<void>,
): Sending {
  const { socket, req } = response;
  // It waits behind another answer: that one's bytes must not be cut.
  if (socket === null) throw new Error('there is no connection to misbehave on');
  const { status, body } = answer;
  const isBodiless = req.method === 'HEAD' || status === 204 || status === 304;
  return {
    socket,
    bodyBytes: isBodiless ? 0 : Number(headersOf({ ...answer, headers: {} })['Content-Length']),
    head(framing) {
      const { 'Content-Length': length, ...headers } = headersOf(answer);
      const own = length === undefined ? [] : [`Content-Length: ${length}`];
      const lines = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Odd'}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ...(framing === undefined ? own : [framing]),
        'Connection: close',
      ];
      return `${lines.join('\r\n')}\r\n\r\n`;
    },
    body: () => (isBodiless ? noBytes() : bytesOf(body)),
    normally,
  };
}

async function* bytesOf(body: Answer['body']): AsyncGenerator<Buffer, void, undefined> {
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body.bytes > 0) {
    yield* createReadStream(body.path, { start: body.start, end: body.start + body.bytes - 1 });
  }
}

/** A client that leaves in the middle takes its file's reader with it, and nothing else. */
async function sendFile(response: ServerResponse, { path, start, bytes }: FileSlice) {
  if (bytes === 0) response.end();
  else await pipeline(createReadStream(path, { start, end: start + bytes - 1 }), response);
}

/** What is refused before it is a request has no file for an answer. */
async function sendRaw(socket: Duplex, answered: Promise<Answer>): Promise<void> {
  const { status, headers, body } = await answered;
  const text = typeof body === 'string' ? body : '';
  const lines = Object.entries({
    ...headers,
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${text}`);
}

async function close(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(timer);
}
