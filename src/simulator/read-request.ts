import { canonicalName, type Pair, urlDecode } from './canonical-form.ts';
import { CloudError } from './cloud-errors.ts';

/** A request as it came, before anything is believed of it. */
export interface ReceivedRequest {
  readonly method: string;
  /** The request target: `/?image-slim`, or the absolute form that clients send to a proxy. */
  readonly url: string;
  /** In the order and case received, repeats included; values are byte strings. */
  readonly headers: readonly Pair[];
  /** As much of it as was kept, when `fault` says that something is wrong with it. */
  readonly body: Buffer;
  /** What was wrong with it as HTTP already. */
  readonly fault: 'BadRequest' | 'EntityTooLarge' | 'IncompleteBody' | 'RequestTimeout' | null;
}

/** A request taken apart; path, names and values are decoded byte strings. */
export interface CloudRequest extends ReceivedRequest {
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
export function readRequest(received: ReceivedRequest): CloudRequest {
  if (received.fault !== null) throw new CloudError(received.fault);
  const target = /^(?:http:\/\/([^/?#]+)|(?=\/))(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(received.url);
  const [, authority, path = '/', query = ''] = target ?? [];
  if (target === null) throw new CloudError('InvalidURI');
  const host = hostName(headerOf(received, 'host') ?? '');
  if (authority !== undefined && hostName(authority) !== host) {
    throw new CloudError('InvalidURI', 'The request target and the Host header differ.');
  }
  return { ...received, host, path: decoded(path), params: readParams(query) };
}

/**
 * The one value of a header.
 * @param name in lower case
 * @throws CloudError `InvalidRequest` when it stands more than once
 */
export function headerOf(request: ReceivedRequest, name: string): string | undefined {
  const [first, second] = request.headers.filter(([given]) => given.toLowerCase() === name);
  if (second !== undefined) throw new CloudError('InvalidRequest', `${name} is repeated.`);
  return first?.[1];
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
