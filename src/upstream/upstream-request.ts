/** The request we are about to send, before it is signed; every header of it will be covered. */
export interface UpstreamRequest {
  readonly method: 'PUT' | 'GET' | 'DELETE';
  readonly host: string;
  readonly path: '/';
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** A document with the digest that protects it. */
interface RequestDocument {
  readonly bytes: Buffer;
  readonly contentMd5: string;
}

const IMAGE_SLIM = Object.freeze({ 'image-slim': '' });

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
  const base = { method, host, path: '/', parameters: IMAGE_SLIM } as const;
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

/** The URL of a request as it stands on the request line: a parameter without value has no `=`. */
export function requestTarget({ path, parameters }: UpstreamRequest): string {
  const query = Object.entries(parameters).map(([name, value]) =>
    value ? `${name}=${value}` : name,
  );
  return `${path}?${query.join('&')}`;
}
