import net from 'node:net';
import { listenOn } from './listen-on.ts';

/** One request as it arrived, byte by byte (latin1). */
export interface ReceivedRequest {
  /** Which of the connections it came over, from 1. */
  readonly connection: number;
  /** Head and body, nothing added and nothing left out. */
  readonly text: string;
  readonly method: string;
  readonly target: string;
  /** In the order and the case they were sent in. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly host: string;
  readonly body: string;
}

/** What an upstream does when a request has arrived: it has the socket to itself. */
export type Reply = (socket: net.Socket, request: ReceivedRequest) => void;

/** An upstream that speaks TCP only: it can answer what no HTTP server would. */
export interface RawUpstream {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Everything that arrived over all connections, requests or not. */
  readonly bytes: () => string;
  readonly connectionCount: () => number;
  readonly openSockets: () => readonly net.Socket[];
  /** Stop listening, so that a new connection is refused; open ones stay. */
  stopListening(): void;
}

/** Listen on a free port and give every request to `reply`; it ends with the test. */
export async function startRawUpstream(reply: Reply): Promise<RawUpstream> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<net.Socket>();
  let connectionCount = 0;
  let bytes = '';

  const server = net.createServer((socket) => {
    connectionCount += 1;
    const connection = connectionCount;
    let pending = '';
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      pending += chunk.toString('latin1');
      for (let length = requestLength(pending); length > 0; length = requestLength(pending)) {
        const request = readRequest(pending.slice(0, length), connection);
        pending = pending.slice(length);
        requests.push(request);
        reply(socket, request);
      }
    });
  });
  const address = await listenOn(server);
  return {
    ...address,
    requests,
    bytes: () => bytes,
    connectionCount: () => connectionCount,
    openSockets: () => [...sockets],
    stopListening: () => void server.close(),
  };
}

/** Length of the first whole request in a text, by `content-length` alone; 0 when not whole. */
function requestLength(text: string): number {
  const headLength = text.indexOf('\r\n\r\n') + 4;
  if (headLength < 4) return 0;
  const bodyLength = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, headLength))?.[1]);
  const length = headLength + (bodyLength || 0);
  return text.length < length ? 0 : length;
}

function readRequest(text: string, connection: number): ReceivedRequest {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  return { connection, text, method, target, headers, host, body: rest.join('\r\n\r\n') };
}

/** A whole answer with the length of its body; `headers` are lines. */
export function answerText(status: string, body = '', headers: readonly string[] = []): string {
  const type = body === '' ? [] : ['Content-Type: application/xml'];
  const lines = [
    `HTTP/1.1 ${status}`,
    ...(headers.some((line) => /^content-type:/i.test(line)) ? [] : type),
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The state that a normal upstream tells. */
export const SLIM_STATE =
  '<ImageSlim><Status>on</Status><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>';

/** What a normal upstream answers. */
export function normalAnswer(method: string): string {
  const headers = ['x-cos-request-id: NjAwMDAwMDBfbm9ybWFs'];
  if (method === 'GET') return answerText('200 OK', SLIM_STATE, headers);
  return answerText(method === 'DELETE' ? '204 No Content' : '200 OK', '', headers);
}

/** Answers every request normally. */
export const replyNormally: Reply = (socket, { method }) => void socket.write(normalAnswer(method));
