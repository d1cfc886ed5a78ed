import { hash } from 'node:crypto';

/** The request we are about to send, before it is signed; every header of it will be covered. */
export interface UpstreamRequest {
  readonly method: 'PUT' | 'GET' | 'DELETE';
  readonly host: string;
  /** Decoded, as it is signed. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Path and query as they stand on the request line. */
  readonly target: string;
  /** Of the request line and the body, in hex: together they say what is asked of the upstream. */
  readonly sha256: string;
}

/** A document with the digest that protects it. */
interface RequestDocument {
  readonly bytes: Buffer;
  readonly contentMd5: string;
}

const IMAGE_SLIM = Object.freeze({ 'image-slim': '' });
/** A parameter without a value has no `=` on the request line. */
const TARGET = '/?image-slim';

export type UpstreamRequests = typeof createUpstreamRequest;

/** Requests that are remembered: 17 for each of some hundred buckets. */
const MAX_REMEMBERED = 4096;

/**
 * Make createUpstreamRequest remember what it made: there are few different requests, and what is
 * equal is then one object, which need be signed once only for each key time.
 */
export function rememberUpstreamRequests(): UpstreamRequests {
  const remembered = new Map<string, Map<unknown, UpstreamRequest>>();
  let count = 0;
  return function rememberedRequest(method, host, document) {
    // Equal documents are one object.
    const what = document ?? method;
    const known = remembered.get(host)?.get(what);
    if (known !== undefined) return known;
    if (count >= MAX_REMEMBERED) {
      remembered.clear();
      count = 0;
    }
    const request = createUpstreamRequest(method, host, document);
    const ofHost = remembered.get(host) ?? new Map<unknown, UpstreamRequest>();
    remembered.set(host, ofHost.set(what, request));
    count += 1;
    return request;
  };
}

/**
 * Build the one request for an operation on a host. Nothing of the caller's request is in it.
 * Source: Cloud Infinite documentation, "PUT image-slim" and its siblings; COS documentation,
 * "Common Request Headers": content headers are for requests with a body only.
 */
export function createUpstreamRequest(
  method: UpstreamRequest['method'],
  host: string,
  document: RequestDocument | null,
): UpstreamRequest {
  const line = `${method} ${host}${TARGET}\n`;
  const covered = document === null ? line : Buffer.concat([Buffer.from(line), document.bytes]);
  const base = {
    method,
    host,
    path: '/',
    parameters: IMAGE_SLIM,
    target: TARGET,
    sha256: hash('sha256', covered),
  } as const;
  if (document === null) return { ...base, headers: { host }, body: null };
  return {
    ...base,
    headers: {
      host,
      'content-type': 'application/xml',
      'content-length': String(document.bytes.byteLength),
      // INVARIANT: the body itself is not signed; this digest of it is.
      'content-md5': document.contentMd5,
    },
    body: document.bytes,
  };
}
