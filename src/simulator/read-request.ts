import { canonicalName, type Pair, urlDecode } from './canonical-form.ts';
import { CloudError } from './cloud-errors.ts';

/** The head of a request as it came, before anything is believed of it. */
export interface RequestHead {
  readonly method: string;
  /** The request target: `/?image-slim`, or the absolute form that clients send to a proxy. */
  readonly url: string;
  /** In the order and case received, repeats included; values are byte strings. */
  readonly headers: readonly Pair[];
  /** What was wrong with it as HTTP already. */
  readonly fault: 'BadRequest' | 'RequestTimeout' | null;
}

/** A request, and as much of its body as is kept for the witness. */
export interface ReceivedRequest extends RequestHead {
  readonly body: Buffer;
  /** In place of a body that isn't kept, and only where there was one. */
  readonly bodyDigest?: BodyDigest;
}

/** How a body is told that is too large, or too much somebody's own, to be kept. */
export interface BodyDigest {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** A request's head taken apart; path, names and values are decoded byte strings. */
export interface CloudRequest extends RequestHead {
  readonly path: string;
  readonly params: readonly Pair[];
  /** As addressed, without its port, in lower case. */
  readonly host: string;
}

/**
 * Take a request apart.
 * @throws CloudError its `fault`; `InvalidURI` for a target that is no path, is not UrlEncoded or
 * contradicts Host; `InvalidRequest` for a repeated parameter or Host
 */
export function readRequest(received: RequestHead): CloudRequest {
  if (received.fault !== null) throw new CloudError(received.fault);
  const target = readTarget(received);
  if (target === null) throw new CloudError('InvalidURI');
  const { host, authority, path, query = '' } = target;
  if (authority !== undefined && authority !== host) {
    throw new CloudError('InvalidURI', 'The request target and the Host header differ.');
  }
  return { ...received, host, path: decoded(path), params: readParams(query) };
}

/** A request target taken apart, and nothing in it decoded; hosts are in lower case, portless. */
export interface RequestTarget {
  readonly host: string;
  /** Of the absolute form. */
  readonly authority: string | undefined;
  readonly path: string;
  /** Undefined when there is no question mark. */
  readonly query: string | undefined;
}

/**
 * Take a request target apart; null when it is no path and no absolute form of one.
 * @throws CloudError `InvalidRequest` for a repeated Host
 */
export function readTarget(head: RequestHead): RequestTarget | null {
  const target = /^(?:http:\/\/([^/?#]+)|(?=\/))(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(head.url);
  if (target === null) return null;
  const [, authority, path = '/', query] = target;
  const host = hostName(headerOf(head, 'host') ?? '');
  return { host, authority: authority && hostName(authority), path, query };
}

/**
 * The one value of a header.
 * @param name in lower case
 * @throws CloudError `InvalidRequest` when it stands more than once
 */
export function headerOf(request: RequestHead, name: string): string | undefined {
  const [first, second] = request.headers.filter(([given]) => given.toLowerCase() === name);
  if (second !== undefined) throw new CloudError('InvalidRequest', `${name} is repeated.`);
  return first?.[1];
}

/** @throws CloudError `MissingContentLength` for a body without any framing */
export function demandLength(request: RequestHead): void {
  const framing = ['content-length', 'transfer-encoding'];
  if (framing.every((name) => headerOf(request, name) === undefined)) {
    throw new CloudError('MissingContentLength');
  }
}

/**
 * The value of a query parameter; empty when it has none, undefined when it isn't there.
 * @param name in its case
 */
export function paramOf({ params }: CloudRequest, name: string): string | undefined {
  return params.find(([given]) => given === name)?.[1];
}

function readParams(query: string): readonly Pair[] {
  const pieces = query.split('&').filter((piece) => piece !== '');
  const params = pieces.map((piece): Pair => {
    const [name = '', ...value] = piece.split('=');
    return [decoded(name), decoded(value.join('='))];
  });
  const names = new Set(params.map(([name]) => canonicalName(name)));
  if (names.size < params.length) {
    throw new CloudError('InvalidRequest', 'A query parameter is repeated.');
  }
  return params;
}

function hostName(authority: string): string {
  return authority.toLowerCase().replace(/:[0-9]+$/, '');
}

function decoded(encoded: string): string {
  const bytes = urlDecode(encoded);
  if (bytes === null) throw new CloudError('InvalidURI', 'A percent sign is not followed by hex.');
  return bytes;
}
