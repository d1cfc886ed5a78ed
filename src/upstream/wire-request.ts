import type { Secret } from '../secret.ts';
import type { SignedRequest } from '../signing/sign-request.ts';

/** A request in its final form. */
export interface RequestParts {
  readonly method: string;
  readonly host: string;
  /** Path and query as they stand on the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** What goes on the wire; nothing is added but `connection`. */
export class WireRequest implements RequestParts {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  #bytes: Buffer | null = null;

  constructor({ method, host, target, headers, body }: RequestParts) {
    this.method = method;
    this.host = host;
    this.target = target;
    this.headers = headers;
    this.body = body;
  }

  /**
   * Head and body, made once however often they are sent.
   * @throws TypeError when they would not be read as this one request
   */
  get bytes(): Buffer {
    this.#bytes ??= bytesOf(this);
    return this.#bytes;
  }
}

/** The only place where the proofs of a signed request are turned into text. */
export function wireRequestOf({ request, headers }: SignedRequest): WireRequest {
  return new WireRequest({
    method: request.method,
    host: request.host,
    target: request.target,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, reveal(value)]),
    ),
    body: request.body,
  });
}

function reveal(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal();
}

/** Source: RFC 9112, sections 3 and 5; RFC 9110, sections 5.1 and 5.5. */
const REQUEST_LINE = /^[A-Z]+ \/[\x21-\x7e]* HTTP\/1\.1$/;
const HEADER_LINE = /^[!#$%&'*+.^_`|~\da-z-]+: [\t\x20-\x7e\x80-\xff]*$/;

function bytesOf({ method, target, headers, body }: RequestParts): Buffer {
  const { host, ...others } = headers;
  const requestLine = `${method} ${target} HTTP/1.1`;
  if (!REQUEST_LINE.test(requestLine)) throw new TypeError('the request line is none');
  const entries = Object.entries({ ...(host && { host }), connection: 'keep-alive', ...others });
  const lines = entries.map(([name, value]) => `${name}: ${value}`);
  // Which line it is, is not told: its value may be a secret.
  if (!lines.every((line) => HEADER_LINE.test(line))) throw new TypeError('a header line is none');
  // INVARIANT: a body ends where its length says, so that nothing of it can be another request.
  const { 'content-length': length = '0', 'transfer-encoding': coding } = others;
  if (length !== String(body?.length ?? 0) || coding !== undefined)
    throw new TypeError('the body has another length than is told');
  const head = Buffer.from(`${[requestLine, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
  return body === null ? head : Buffer.concat([head, body]);
}
