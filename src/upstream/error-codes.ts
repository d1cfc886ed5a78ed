import type { ErrorCode } from '../errors.ts';

/** How one of the upstream's codes is told to a tenant; `meaning` is our wording, never a copy. */
interface UpstreamCode {
  readonly code: ErrorCode;
  readonly meaning: string;
}

const row = (code: ErrorCode, meaning: string): UpstreamCode => ({ code, meaning });

/**
 * The codes that can come back from `?image-slim`.
 * Source: COS documentation, "Error Codes"; Cloud Infinite documentation, "Error Codes". The first
 * two are undocumented: official plug-ins handle them.
 */
export const UPSTREAM_CODES: ReadonlyMap<string, UpstreamCode> = new Map([
  ['UpsAppNotExist', row('bucket-not-bound', 'the bucket is not bound to Cloud Infinite')],
  ['RegionUnsupport', row('region-unsupported', 'the region has no smart compression')],
  ['NoSuchBucket', row('no-such-bucket', 'no bucket of this name is in this region')],
  ['InvalidBucketName', row('no-such-bucket', 'the bucket name is not valid')],
  ['PermanentRedirect', row('no-such-bucket', 'the bucket is in another region')],
  ['AccessDenied', row('upstream-access-denied', 'the sub-account has no permission')],
  ['AccessForbidden', row('upstream-access-denied', 'the sub-account has no permission')],
  ['NoProcessAuthority', row('upstream-access-denied', 'the sub-account may not process images')],
  ['SignatureDoesNotMatch', row('upstream-credentials', 'the signature does not match')],
  ['InvalidAccessKeyId', row('upstream-credentials', 'the key is unknown or disabled')],
  ['VerifyAlgorithmNotSupported', row('upstream-credentials', 'the algorithm is not taken')],
  ['ExpiredToken', row('upstream-credentials', 'the temporary key has expired')],
  ['InvalidToken', row('upstream-credentials', 'the security token is not valid')],
  ['RequestTimeTooSkewed', row('clock-skew', 'the clocks differ too much')],
  ['SlowDown', row('upstream-throttled', 'too many requests')],
  ['PaymentRequired', row('upstream-access-denied', 'the account is in arrears')],
  ['MalformedXML', row('upstream-unexpected', 'the document was not understood')],
  ['InvalidArgument', row('upstream-unexpected', 'a value was not taken')],
  ['MissingRequestBodyError', row('upstream-unexpected', 'the document did not arrive')],
  ['InvalidDigest', row('upstream-unexpected', 'the digest of the document is not valid')],
  ['BadDigest', row('upstream-unexpected', 'the document was changed on its way')],
  ['InternalError', row('upstream-failed', 'an internal error')],
  ['ServiceUnavailable', row('upstream-failed', 'the service is not available')],
]);

/** What an operator or a tenant can do about each error that comes from upstream. */
export const UPSTREAM_ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  'no-such-bucket': 'check the bucket’s full name and its region',
  'bucket-not-bound':
    'enable Cloud Infinite for the account and bind the bucket to it, then repeat',
  'region-unsupported': 'smart compression cannot be used on buckets of this region',
  'upstream-access-denied':
    'the operator must grant the sub-account the CAM action upstream; your own permission is fine',
  'upstream-credentials': 'the operator must look at the sub-account’s key',
  'upstream-unreachable': 'nothing was sent; repeat the request later',
  'upstream-failed': 'whether it took effect is not known; read the state, or repeat the request',
  'upstream-unexpected': 'the operator should look at the journal’s record of this request',
  'upstream-throttled': 'repeat the request after the time in Retry-After',
  'clock-skew': 'the operator must correct the gateway’s clock',
  'upstream-timeout': 'whether it took effect is not known; read the state, or repeat the request',
};
