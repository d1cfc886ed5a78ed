import type http from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import util from 'node:util';
import type ProxyServer from 'http-proxy';
import {
  type AgentSettings,
  closeIdle,
  createKeepAliveAgent,
  makeRoomFor,
} from './keep-alive-agent.ts';
import {
  ANSWER_HEADERS,
  type AnswerHeaders,
  type Transport,
  type TransportFault,
  type TransportResult,
  type WireRequest,
} from './transport.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** Where connections go. */
export interface ConnectTarget {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number;
}

export interface TransportSettings extends AgentSettings {
  /** One fixed place instead of https to the request's own host: for the local Cloud Infinite. */
  readonly connect: ConnectTarget | null;
}

/**
 * What http-proxy takes for the caller's request: the signed bytes and final headers, never the
 * caller's own. It carries the state of its exchange and settles it exactly once.
 *
 * `method` is absent on purpose: http-proxy gets it as an option, so that its DELETE rule, which
 * rewrites framing headers, has nothing to match (CVE-2026-29057).
 */
class Exchange extends Readable {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** http-proxy asks whether the caller has gone; ours never goes. */
  readonly socket = { destroyed: false };
  readonly #body: Buffer | null;
  readonly #settled = Promise.withResolvers<TransportResult>();
  readonly #timer: NodeJS.Timeout;
  #isReused = false;
  #wasSent = false;
  #gotBytes = false;
  #hasAnswer = false;

  constructor({ target, headers, body }: WireRequest, deadlineMs: number) {
    super();
    this.url = target;
    this.headers = headers;
    this.#body = body;
    this.#timer = setTimeout(() => this.#abort('timeout'), deadlineMs);
  }

  get result(): Promise<TransportResult> {
    return this.#settled.promise;
  }

  override _read(): void {
    if (this.#body !== null) this.push(this.#body);
    this.push(null);
  }

  /** The connection is assigned; until it is established, nothing can have been sent. */
  connecting(request: http.ClientRequest, isReused: boolean, established: string): void {
    this.#isReused = isReused;
    this.#wasSent = isReused;
    if (!isReused) {
      request.socket?.once(established, () => {
        this.#wasSent = true;
      });
    }
    // Before http reads them: half a status line or garbage, too, says that it was received.
    request.socket?.prependOnceListener('data', () => {
      this.#gotBytes = true;
    });
    // The last resort: an upgrade, for one, closes a request without any other event.
    request.once('close', () => {
      if (!this.#hasAnswer) this.fail('reset', null);
    });
  }

  /** Collect the answer, bounded; it counts only when it is complete. */
  answered(response: http.IncomingMessage): void {
    this.#hasAnswer = true;
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) this.#abort('too-large');
      else chunks.push(chunk);
    });
    response.on('error', (error) => this.fail('truncated', error));
    response.on('end', () => this.#settle(answerOf(response, Buffer.concat(chunks))));
    // A broken answer closes without an end.
    response.on('close', () => this.fail('truncated', null));
  }

  fail(fault: TransportFault, cause: unknown): void {
    this.#settle({
      kind: 'fault',
      fault: fault === 'reset' && !this.#wasSent ? 'unreachable' : fault,
      wasSent: this.#wasSent,
      isStaleSocket: fault === 'reset' && this.#isReused && !this.#gotBytes,
      cause,
    });
  }

  /** http-proxy drops its own upstream request when the caller's request says `aborted`. */
  #abort(fault: TransportFault): void {
    this.fail(fault, null);
    this.emit('aborted');
  }

  #settle(result: TransportResult): void {
    clearTimeout(this.#timer);
    this.#settled.resolve(result);
  }
}

function answerOf(response: http.IncomingMessage, body: Buffer): TransportResult {
  const headers: AnswerHeaders = Object.fromEntries(
    ANSWER_HEADERS.map((name) => [name, response.headers[name]]).filter(
      ([, value]) => typeof value === 'string',
    ),
  );
  return { kind: 'answer', status: response.statusCode ?? 0, headers, body };
}

/**
 * Exchange signed requests through http-proxy, used so that none of its known faults can touch
 * what is sent: the exchange is ours, the answer comes back as a value.
 */
export function createHttpProxyTransport(settings: TransportSettings): Transport {
  const { connect } = settings;
  const protocol = connect?.protocol ?? 'https:';
  const agent = createKeepAliveAgent(protocol, settings);
  const established = protocol === 'https:' ? 'secureConnect' : 'connect';
  const knownSockets = new WeakSet<object>();

  const proxy = loadHttpProxy().createProxyServer({
    agent,
    selfHandleResponse: true,
    // The request's url is used as it is, not parsed again.
    toProxy: true,
  });
  proxy.on('proxyReq', (request, exchange) => {
    const socket = request.socket ?? {};
    exchangeOf(exchange).connecting(request, knownSockets.has(socket), established);
    knownSockets.add(socket);
  });
  proxy.on('proxyRes', (response, exchange) => exchangeOf(exchange).answered(response));
  proxy.on('error', (error, exchange) => exchangeOf(exchange).fail('reset', error));
  proxy.on('econnreset', (error, exchange) => exchangeOf(exchange).fail('reset', error));

  return {
    async exchange(request, deadlineMs) {
      const exchange = new Exchange(request, deadlineMs);
      const target = connect ?? { protocol, host: request.host, port: 443 };
      makeRoomFor(target, agent);
      try {
        proxy.web(exchange as never, STUB_RESPONSE, { target, method: request.method });
      } catch (error) {
        exchange.fail('unreachable', error);
      }
      const result = await exchange.result;
      if (result.kind === 'fault' && result.isStaleSocket) closeIdle(agent);
      return result;
    },
    close: () => agent.destroy(),
  };
}

/** http-proxy only asks it whether it is finished; nothing is ever written to it. */
const STUB_RESPONSE = Object.freeze({ headersSent: false, finished: false }) as never;

function exchangeOf(request: unknown): Exchange {
  return request as Exchange; // `exchange` above is the only caller of `web`.
}

/**
 * http-proxy takes `util._extend` when it is loaded, and would print its deprecation (DEP0060) on
 * every start. While it loads it finds `Object.assign` there, which does the same.
 */
function loadHttpProxy(): typeof ProxyServer {
  const legacy = util as unknown as { _extend: unknown }; // Node's types leave the old name out.
  const deprecated = legacy._extend;
  legacy._extend = Object.assign;
  try {
    return createRequire(import.meta.url)('http-proxy');
  } finally {
    legacy._extend = deprecated;
  }
}
