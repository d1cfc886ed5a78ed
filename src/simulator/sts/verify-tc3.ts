import { timingSafeEqual } from 'node:crypto';
import type { Pair } from '../canonical-form.ts';
import type { AccessKey, KeyHolder, KeyRing } from '../local-cloud.ts';
import { StsError } from './sts-errors.ts';
import type { StsRequest } from './sts-request.ts';
import { headerOf, requiredHeaderOf } from './sts-request.ts';
import {
  type Tc3Scope,
  tc3CanonicalRequest,
  tc3Signature,
  tc3SigningKey,
  tc3StringToSign,
} from './tc3-form.ts';

/** What a request states about its signature; nothing of it is verified. */
export interface Tc3Claim {
  readonly secretId: string;
  readonly scope: Tc3Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/,;=\s]+)\/([0-9]{4}-[0-9]{2}-[0-9]{2})\/([a-z0-9]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const SERVICE = 'sts';
const MANDATORY_HEADERS = ['content-type', 'host'];
const MAX_SKEW_SECONDS = 300;

/**
 * Read the Authorization header. Source: API 3.0 documentation, "Signature v3", step 4.
 * @throws StsError `AuthFailure.InvalidAuthorization`
 */
export function readTc3Authorization(request: StsRequest): Tc3Claim {
  const parts = AUTHORIZATION.exec(headerOf(request, 'authorization') ?? '');
  if (parts === null) throw new StsError('AuthFailure.InvalidAuthorization');
  const [, secretId = '', date = '', service = '', list = '', signature = ''] = parts;
  return { secretId, scope: { date, service }, signedHeaders: list.split(';'), signature };
}

/**
 * Verify a request's age, its signature and its token.
 * @returns who signed it
 * @throws StsError `AuthFailure.…`
 */
export function verifyTc3(
  request: StsRequest,
  claim: Tc3Claim,
  { keys, now }: { readonly keys: KeyRing; readonly now: Date },
): KeyHolder {
  const timestamp = requiredHeaderOf(request, 'x-tc-timestamp');
  verifyTime(timestamp, claim.scope, now);
  if (claim.scope.service !== SERVICE) throw invalid('The credential is not for sts.');
  const headers = signedHeaders(request, claim.signedHeaders);
  const holder = keys.get(claim.secretId);
  if (holder === undefined) throw new StsError('AuthFailure.SecretIdNotFound');
  const canonicalRequest = tc3CanonicalRequest(headers, request.body);
  const text = tc3StringToSign(timestamp, claim.scope, canonicalRequest);
  const expected = tc3Signature(tc3SigningKey(holder.key.secretKey, claim.scope), text);
  if (!isEqualText(claim.signature, expected)) throw new StsError('AuthFailure.SignatureFailure');
  verifyToken(headerOf(request, 'x-tc-token'), holder.key, now);
  return holder;
}

function verifyTime(timestamp: string, { date }: Tc3Scope, now: Date): void {
  if (!/^[0-9]{1,11}$/.test(timestamp)) {
    throw new StsError('InvalidParameter', 'X-TC-Timestamp is not Unix seconds.');
  }
  const skewSeconds = Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp));
  if (skewSeconds > MAX_SKEW_SECONDS) throw new StsError('AuthFailure.SignatureExpire');
  if (new Date(Number(timestamp) * 1000).toISOString().slice(0, 10) !== date) {
    throw invalid('The date of the credential is not the UTC date of X-TC-Timestamp.');
  }
}

function signedHeaders(request: StsRequest, names: readonly string[]): readonly Pair[] {
  if (!names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name)) {
    throw invalid('SignedHeaders is not in ascending order without repeats.');
  }
  if (!MANDATORY_HEADERS.every((name) => names.includes(name))) {
    throw invalid('SignedHeaders lacks content-type or host.');
  }
  return names.map((name): Pair => {
    const value = headerOf(request, name);
    if (value === undefined) throw invalid('SignedHeaders names what the request does not carry.');
    return [name, value];
  });
}

/** The codes for a token that is missing, superfluous or expired are our assumption. */
function verifyToken(given: string | undefined, { token, expires }: AccessKey, now: Date): void {
  const isRight = given === undefined ? token === undefined : isEqualText(given, token?.reveal());
  const isOver = expires !== undefined && expires <= now;
  if (!isRight || isOver) throw new StsError('AuthFailure.TokenFailure');
}

function invalid(message: string): StsError {
  return new StsError('AuthFailure.InvalidAuthorization', message);
}

/** Compare in a time that tells nothing but the lengths. */
function isEqualText(given: string, expected = ''): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && one.length > 0 && timingSafeEqual(one, other);
}
