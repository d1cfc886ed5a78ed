import type { Credentials } from '../accounts/credentials.ts';
import { Secret } from '../secret.ts';
import type { UpstreamRequest } from '../upstream/upstream-request.ts';
import { canonicalRequest } from './canonical-request.ts';
import { type KeyTime, keyTimeAt, keyTimeText } from './key-time.ts';
import { signatureOf, signKeyOf } from './signature.ts';

declare const signed: unique symbol;

/** An upstream request with its signature: the only thing that can be sent. */
export interface SignedRequest {
  readonly [signed]: true;
  readonly request: UpstreamRequest;
  /** All headers in their final form; those that prove something are secrets. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  /** The id of the key that signed. */
  readonly secretId: string;
  /** The Authorization value for people: the key id and the signature are masked. */
  readonly maskedAuthorization: string;
  /** The same request, signed by the same key at another time. */
  again(at: Date): SignedRequest;
}

export type Signer = (
  request: UpstreamRequest,
  credentials: Credentials,
  now: Date,
) => SignedRequest;

/**
 * Make the one function that turns an upstream request into a signed one. For the key time it was
 * derived for it remembers the sign key of each credentials object, and what was signed with it: a
 * signature says nothing of the moment within its key time.
 * @param keyTimeSeconds length of the validity window
 */
export function createSigner({ keyTimeSeconds }: { keyTimeSeconds: number }): Signer {
  const remembered = new WeakMap<Credentials, KeyTimeMemory>();

  function memoryFor(credentials: Credentials, keyTime: KeyTime): KeyTimeMemory {
    const known = remembered.get(credentials);
    if (known?.keyTime.start === keyTime.start) return known;
    const signKey = signKeyOf(credentials.secretKey, keyTime);
    const memory = { keyTime, signKey, signed: new WeakMap() };
    remembered.set(credentials, memory);
    return memory;
  }

  return function signRequest(request, credentials, now): SignedRequest {
    const memory = memoryFor(credentials, keyTimeAt(now, keyTimeSeconds));
    const known = memory.signed.get(request);
    if (known !== undefined) return known;
    const again = (at: Date) => signRequest(request, credentials, at);
    const signed = sealSignature(request, credentials, { ...memory, again });
    memory.signed.set(request, signed);
    return signed;
  };
}

/** What is remembered of one credentials object for one key time. */
interface KeyTimeMemory {
  readonly keyTime: KeyTime;
  readonly signKey: string;
  readonly signed: WeakMap<UpstreamRequest, SignedRequest>;
}

function sealSignature(
  request: UpstreamRequest,
  { secretId, securityToken }: Credentials,
  {
    keyTime,
    signKey,
    again,
  }: Pick<KeyTimeMemory, 'keyTime' | 'signKey'> & Pick<SignedRequest, 'again'>,
): SignedRequest {
  const token = securityToken && { 'x-cos-security-token': securityToken };
  // INVARIANT: every header and every parameter that is sent is covered, so that nothing of the
  // request can be used for another bucket, sub-resource or body.
  const canonical = canonicalRequest({
    method: request.method,
    path: request.path,
    parameters: request.parameters,
    headers: { ...request.headers, ...(token && revealed(token)) },
  });
  const signature = signatureOf(signKey, keyTime, canonical.httpString);

  // The order of the seven fields is the documented one; another order is unconfirmed.
  const authorization = (shownId: string, shownSignature: string) =>
    `q-sign-algorithm=sha1&q-ak=${shownId}&q-sign-time=${keyTimeText(keyTime)}` +
    `&q-key-time=${keyTimeText(keyTime)}&q-header-list=${canonical.headerList}` +
    `&q-url-param-list=${canonical.urlParamList}&q-signature=${shownSignature}`;

  return {
    request,
    headers: {
      ...request.headers,
      ...token,
      authorization: new Secret(authorization(secretId, signature)),
    },
    secretId,
    maskedAuthorization: authorization('***', '***'),
    again,
  } as unknown as SignedRequest; // The brand exists for the compiler alone: this is its one maker.
}

function revealed(headers: Record<string, Secret>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}
