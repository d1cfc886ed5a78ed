import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { KeySourceError } from './key-source-error.ts';

/** `application/json`, or a type that is written in JSON, like `application/jwk-set+json`. */
const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i;

export interface DocumentRequest {
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca: string | undefined;
  readonly bearerToken: string | null;
  /** In all, from the name's resolution to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Ends the fetch early. */
  readonly signal: AbortSignal;
}

/**
 * Get a JSON document with a plain 200: no redirect, no compression, bounded in time and size.
 * @throws KeySourceError with nothing of the answer in it but its status
 */
export async function fetchDocument(url: URL, request: DocumentRequest): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const sent = send(url, request, AbortSignal.any([timeout, request.signal]));
  // What comes after the verdict concerns nobody.
  sent.on('error', () => {});
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    verifyHead(response);
    return await readBody(response, request.maxBytes);
  } catch (error) {
    if (error instanceof KeySourceError) throw error;
    const isLate = timeout.aborted;
    throw new KeySourceError(isLate ? `no answer in ${request.timeoutMs} ms` : reasonOf(error));
  } finally {
    sent.destroy();
  }
}

function send(url: URL, { ca, bearerToken }: DocumentRequest, signal: AbortSignal) {
  const client = url.protocol === 'https:' ? https : http;
  return client.get(url, {
    signal,
    agent: false,
    // INVARIANT: whatever the environment says of certificates.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    headers: {
      accept: 'application/jwk-set+json, application/json',
      'accept-encoding': 'identity',
      ...(bearerToken !== null && { authorization: `Bearer ${bearerToken}` }),
    },
  });
}

function verifyHead({ statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) throw new KeySourceError(`the answer has the status ${statusCode}`);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new KeySourceError('the answer is compressed');
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new KeySourceError('the answer’s content type is not JSON');
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new KeySourceError(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (!response.complete) throw new KeySourceError('the answer is cut');
  return Buffer.concat(chunks);
}

/** The error's code, which is a word of Node's or OpenSSL's: its message could quote anything. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return `the connection failed${code === undefined ? '' : ` (${code})`}`;
}
