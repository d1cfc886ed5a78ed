import { timingSafeEqual } from 'node:crypto';
import { isSignatureField, type SignatureClaim } from './authorization-fields.ts';
import {
  canonicalName,
  httpString,
  type Pair,
  signatureOf,
  signKeyOf,
  stringToSign,
  textOf,
} from './canonical-form.ts';
import { CloudError } from './cloud-errors.ts';
import type { AccessKey, KeyHolder, KeyRing } from './local-cloud.ts';
import { type CloudRequest, headerOf } from './read-request.ts';

const MAX_SKEW_SECONDS = 900;

/** What PUT must cover under `isStrict`; of other requests, host alone. */
const STRICT_PUT_HEADERS = ['content-type', 'content-length', 'content-md5'];
const TOKEN_HEADERS = ['x-cos-security-token', 'x-ci-security-token'];

/** What a signature is verified against. */
export interface Verification {
  /** By secret id. */
  readonly keys: KeyRing;
  readonly now: Date;
  /** Whether to demand a coverage that the real service doesn't. */
  readonly isStrict: boolean;
}

/**
 * Verify a request's signature, its age and its security token: all that its head can prove.
 * Source: COS documentation, "Request Signature" and "Error Codes". Like the real service, it
 * takes a signature that covers neither host nor sub-resource unless `isStrict`.
 * @returns who signed it
 * @throws CloudError
 */
export function verifySignature(
  request: CloudRequest,
  claim: SignatureClaim,
  { keys, now, isStrict }: Verification,
): KeyHolder {
  if (claim.algorithm !== 'sha1') throw new CloudError('VerifyAlgorithmNotSupported');
  const holder = keys.get(claim.secretId);
  if (holder === undefined) throw new CloudError('InvalidAccessKeyId');
  verifyTime(headerOf(request, 'date'), claim, now);
  verifyToken(securityToken(request), holder.key, now);
  verifyText(request, claim, holder.key);
  if (isStrict) demandCoverage(request, claim);
  return holder;
}

function verifyTime(date: string | undefined, { signTime, keyTime }: SignatureClaim, now: Date) {
  const seconds = Math.floor(now.getTime() / 1000);
  const start = Math.max(signTime.start, keyTime.start);
  const end = Math.min(signTime.end, keyTime.end);
  // NaN without a Date, which is then never too far off. A start that far ahead can only be a wrong
  // clock; an end that far back may as well be an old signature.
  const dateSkew = Math.abs(seconds - Date.parse(date ?? '') / 1000);
  if (dateSkew > MAX_SKEW_SECONDS || start - seconds > MAX_SKEW_SECONDS) {
    const extras = { ServerTime: now.toISOString() };
    throw new CloudError('RequestTimeTooSkewed', undefined, { extras });
  }
  if (seconds < start || seconds > end) throw new CloudError('AccessDenied', 'Request has expired');
  if (signTime.start < keyTime.start || signTime.end > keyTime.end) {
    throw new CloudError('InvalidArgument', 'q-sign-time is not inside q-key-time.');
  }
}

function securityToken(request: CloudRequest): string | undefined {
  const inHeaders = TOKEN_HEADERS.map((name) => headerOf(request, name));
  const inQuery = request.params.find(([name]) => name === 'x-cos-security-token')?.[1];
  return [...inHeaders, inQuery].find((token) => token !== undefined);
}

function verifyToken(token: string | undefined, key: AccessKey, now: Date) {
  // Without its token a temporary id is not an id; that it is answered so is our assumption.
  if (token === undefined && key.token !== undefined) throw new CloudError('InvalidAccessKeyId');
  if (token === undefined) return;
  if (key.token === undefined || !isEqualText(token, key.token.reveal())) {
    throw new CloudError('InvalidToken');
  }
  if (key.expires !== undefined && key.expires <= now) throw new CloudError('ExpiredToken');
}

function verifyText(request: CloudRequest, claim: SignatureClaim, key: AccessKey) {
  const params = request.params.filter(([name]) => !isSignatureField(name));
  const covered = {
    params: coveredPairs('q-url-param-list', claim.urlParamList, params),
    headers: coveredPairs('q-header-list', claim.headerList, request.headers),
  };
  const signedHttpString = httpString({ ...request, ...covered });
  const text = stringToSign(claim.signTime.text, signedHttpString);
  const expected = signatureOf(signKeyOf(key.secretKey, claim.keyTime.text), text);
  if (isEqualText(claim.signature, expected)) return;
  const extras = { StringToSign: text, FormatString: textOf(signedHttpString) };
  throw new CloudError('SignatureDoesNotMatch', undefined, { extras });
}

/** The pairs of a list, after a look at the list itself: what it names must be there, once. */
function coveredPairs(
  field: string,
  list: readonly string[],
  pairs: readonly Pair[],
): readonly Pair[] {
  const isInOrder = list.every((name, at) => at === 0 || (list[at - 1] ?? '') < name);
  if (!isInOrder) throw listError(field, 'is not in ascending order without repeats');
  const names = new Set(list);
  const covered = pairs.filter(([name]) => names.has(canonicalName(name)));
  const found = new Set(covered.map(([name]) => canonicalName(name)));
  if (found.size < names.size) throw listError(field, 'names what the request does not carry');
  if (covered.length > found.size) {
    throw new CloudError('InvalidRequest', `${field} names what the request repeats.`);
  }
  return covered;
}

function listError(field: string, fault: string): CloudError {
  const { message } = new CloudError('SignatureDoesNotMatch');
  return new CloudError('SignatureDoesNotMatch', `${message} ${field} ${fault}.`);
}

function demandCoverage(request: CloudRequest, claim: SignatureClaim) {
  const tokens = TOKEN_HEADERS.filter((name) => headerOf(request, name) !== undefined);
  const headers = ['host', ...(request.method === 'PUT' ? STRICT_PUT_HEADERS : []), ...tokens];
  const params = request.params.filter(([name]) => !isSignatureField(name));
  const uncovered = [
    ...headers.filter((name) => !claim.headerList.includes(name)),
    ...params
      .map(([name]) => canonicalName(name))
      .filter((name) => !claim.urlParamList.includes(name)),
  ];
  if (uncovered.length === 0) return;
  throw new CloudError(
    'InvalidRequest',
    `strict: the signature does not cover ${uncovered.join(', ')}.`,
  );
}

/** Compare in a time that tells nothing but the lengths. */
function isEqualText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
