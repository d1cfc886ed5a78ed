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
}

export type Signer = (
  request: UpstreamRequest,
  credentials: Credentials,
  now: Date,
) => SignedRequest;

/**
 * Make the one function that turns an upstream request into a signed one. It remembers the sign
 * key of each credentials object for the key time it was derived for.
 * @param keyTimeSeconds length of the validity window
 */
export function createSigner({ keyTimeSeconds }: { keyTimeSeconds: number }): Signer {
  const remembered = new WeakMap<Credentials, { start: number; signKey: string }>();

  function signKeyFor(credentials: Credentials, keyTime: KeyTime): string {
    const known = remembered.get(credentials);
    if (known?.start === keyTime.start) return known.signKey;
    const signKey = signKeyOf(credentials.secretKey, keyTime);
    remembered.set(credentials, { start: keyTime.start, signKey });
    return signKey;
  }

  return function signRequest(request, credentials, now) {
    const keyTime = keyTimeAt(now, keyTimeSeconds);
    return sealSignature(request, credentials, {
      keyTime,
      signKey: signKeyFor(credentials, keyTime),
    });
  };
}

function sealSignature(
  request: UpstreamRequest,
  { secretId, securityToken }: Credentials,
  { keyTime, signKey }: { keyTime: KeyTime; signKey: string },
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
  } as unknown as SignedRequest; // The brand exists for the compiler alone: this is its one maker.
}

function revealed(headers: Record<string, Secret>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}
