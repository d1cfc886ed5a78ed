import type http from 'node:http';
import { Readable } from 'node:stream';
import type { TransportFault } from './transport.ts';
import type { WireRequest } from './wire-request.ts';

/** What is looked at of a download's answer; all other headers are dropped unread. */
export const DOWNLOAD_HEADERS = [
  'content-length',
  'content-type',
  'date',
  'x-slimflag',
  'x-orisize',
] as const;

export type DownloadHeaders = Readonly<Partial<Record<(typeof DOWNLOAD_HEADERS)[number], string>>>;

export interface DownloadLimits {
  readonly deadlineMs: number;
  /** Beyond, the download is broken off. */
  readonly maxBytes: number;
  /** Judges the first bytes of a success; what it does not accept is broken off. */
  readonly accepts: (head: Buffer) => boolean;
  /** Breaks the download off: nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** The one end of a download. */
export type DownloadResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: DownloadHeaders;
      /** Counted as they came; they are kept nowhere. */
      readonly bytes: number;
      /** The first bytes, enough for an error's document. */
      readonly head: Buffer;
    }
  | {
      readonly kind: 'fault';
      readonly fault: TransportFault | 'not-accepted';
      readonly isStaleSocket: boolean;
    };

const MAX_HEAD_BYTES = 4_096;
/** Of a refusal: a longer one says nothing more. */
const MAX_REFUSAL_BYTES = 65_536;
/** So many bytes tell what a file is. */
const MAGIC_BYTES = 16;

/**
 * What http-proxy takes for the caller's request: an empty body and final headers, never the
 * caller's own. It counts what comes, drops it, and settles exactly once.
 *
 * `method` is absent on purpose: http-proxy gets it as an option, so that its DELETE rule, which
 * rewrites framing headers, has nothing to match (CVE-2026-29057).
 */
export class Download extends Readable {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** http-proxy asks whether the caller has gone; ours says so itself. */
  readonly socket = { destroyed: false };
  readonly #limits: DownloadLimits;
  readonly #settled = Promise.withResolvers<DownloadResult>();
  readonly #timer: NodeJS.Timeout;
  #isReused = false;
  #gotBytes = false;
  #hasAnswer = false;
  #bytes = 0;
  #head = Buffer.alloc(0);

  constructor({ target, headers }: WireRequest, limits: DownloadLimits) {
    super();
    this.url = target;
    this.headers = headers;
    this.#limits = limits;
    this.#timer = setTimeout(() => this.#breakOff('timeout'), limits.deadlineMs);
    limits.signal.addEventListener('abort', this.#onSignal, { once: true });
  }

  get result(): Promise<DownloadResult> {
    return this.#settled.promise;
  }

  override _read(): void {
    this.push(null);
  }

  /** The connection is assigned. */
  connecting(request: http.ClientRequest, isReused: boolean): void {
    this.#isReused = isReused;
    // Before http reads them: half a status line, too, says that it was received.
    request.socket?.prependOnceListener('data', () => {
      this.#gotBytes = true;
    });
    // The last resort: an upgrade, for one, closes a request without any other event.
    request.once('close', () => {
      if (!this.#hasAnswer) this.fail('reset');
    });
  }

  /** Count the answer; it counts only when it is complete. */
  answered(response: http.IncomingMessage): void {
    this.#hasAnswer = true;
    const isSuccess = isSuccessful(response);
    const maxBytes = isSuccess ? this.#limits.maxBytes : MAX_REFUSAL_BYTES;
    response.on('error', () => this.fail('truncated'));
    // A broken answer closes without an end.
    response.on('close', () => this.fail('truncated'));
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
      this.#breakOff('too-large');
      return;
    }
    response.on('data', (chunk: Buffer) => {
      this.#count(chunk);
      if (this.#bytes > maxBytes) this.#breakOff('too-large');
      else if (isSuccess && !this.#isAcceptable(chunk)) this.#breakOff('not-accepted');
    });
    response.on('end', () => this.#finish(response));
  }

  fail(fault: TransportFault | 'not-accepted'): void {
    const isStaleSocket = fault === 'reset' && this.#isReused && !this.#gotBytes;
    this.#settle({ kind: 'fault', fault, isStaleSocket });
  }

  #count(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const room = MAX_HEAD_BYTES - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
  }

  /** Judged once, when enough has come. */
  #isAcceptable(chunk: Buffer): boolean {
    const isDecided = this.#bytes - chunk.length >= MAGIC_BYTES;
    return isDecided || this.#bytes < MAGIC_BYTES || this.#limits.accepts(this.#head);
  }

  #finish(response: http.IncomingMessage): void {
    const isShort = this.#bytes > 0 && this.#bytes < MAGIC_BYTES;
    if (isShort && isSuccessful(response) && !this.#limits.accepts(this.#head)) {
      this.fail('not-accepted');
    }
    this.#settle({
      kind: 'answer',
      status: response.statusCode ?? 0,
      headers: lookedAt(response),
      bytes: this.#bytes,
      head: this.#head,
    });
  }

  /** http-proxy drops its own upstream request when the caller's request says `aborted`. */
  #breakOff(fault: TransportFault | 'not-accepted'): void {
    this.fail(fault);
    this.emit('aborted');
  }

  readonly #onSignal = () => this.#breakOff('reset');

  #settle(result: DownloadResult): void {
    clearTimeout(this.#timer);
    this.#limits.signal.removeEventListener('abort', this.#onSignal);
    this.#settled.resolve(result);
  }
}

function isSuccessful({ statusCode = 0 }: http.IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function lookedAt({ headersDistinct }: http.IncomingMessage): DownloadHeaders {
  const looked: Partial<Record<(typeof DOWNLOAD_HEADERS)[number], string>> = {};
  for (const name of DOWNLOAD_HEADERS) {
    const [value, ...others] = headersDistinct[name] ?? [];
    if (value !== undefined && others.length === 0) looked[name] = value;
  }
  return looked;
}
