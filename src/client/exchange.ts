import type { Answered, Bucket } from './answers.ts';
import { problemOf, SlimgateError } from './slimgate-error.ts';

/** One call of the API. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Null for a path that is no bucket’s. */
  readonly bucket: Bucket | null;
  /** What follows the path of the bucket’s setting; without a bucket the whole path. */
  readonly rest?: string;
  readonly body?: unknown;
  /** The states in which a change is wanted: entity tags with their quotes. */
  readonly ifMatch?: readonly string[] | undefined;
  /** Whether it may be repeated when it may have been carried out. */
  readonly isRead: boolean;
  readonly signal?: AbortSignal;
}

export interface ExchangeSettings {
  readonly gateway: string;
  readonly token: string | (() => string | Promise<string>);
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}

/**
 * Carry a call out, once.
 * @returns the error when it did not succeed
 * @throws what ended the signal, and what the token’s function throws
 */
export async function exchange<T>(
  call: Call,
  settings: ExchangeSettings,
): Promise<(T & Answered) | SlimgateError> {
  const { gateway, token, fetch } = settings;
  const bearer = typeof token === 'string' ? token : await token();
  try {
    const answer = await fetch(addressOf(call, gateway), requestOf(call, bearer, settings));
    if (!answer.ok) return await problemOf(answer);
    return { ...membersOf<T>(await answer.text()), ...answeredBy(answer) };
  } catch (error) {
    if (call.signal?.aborted) throw error;
    return new SlimgateError(ownProblem(error, gateway), null, error);
  }
}

function addressOf({ bucket, rest = '' }: Call, gateway: string): string {
  return `${gateway.replace(/\/+$/, '')}${bucket === null ? '' : pathOf(bucket)}${rest}`;
}

function pathOf({ region, bucket }: Bucket): string {
  return `/v1/regions/${encodeURIComponent(region)}/buckets/${encodeURIComponent(bucket)}/image-slim`;
}

function requestOf(
  { method, body, ifMatch, signal }: Call,
  bearer: string,
  { timeoutMs }: ExchangeSettings,
): RequestInit {
  const timeout = AbortSignal.timeout(timeoutMs);
  return {
    method,
    // Whoever answers with another address is not the gateway, and gets no token.
    redirect: 'error',
    headers: {
      authorization: `Bearer ${bearer}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch.join(', ') }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
}

/** A change that switches off is answered without a body. */
function membersOf<T>(text: string): T {
  return text === '' ? ({} as T) : JSON.parse(text);
}

function answeredBy({ headers }: Response): Answered {
  return {
    requestId: headers.get('x-request-id') ?? '',
    etag: headers.get('etag'),
    receipt: headers.get('slimgate-receipt'),
  };
}

function ownProblem(error: unknown, gateway: string) {
  const none = { status: 0, requestId: null };
  if (error instanceof SyntaxError) {
    return { ...none, code: 'not-the-gateway', detail: `${gateway} does not answer as a gateway` };
  }
  const detail = `${gateway} gave no answer; is the gateway running, and the address right?`;
  return { ...none, code: 'no-answer', detail };
}
