/**
 * The closed table of everything that can go wrong for a caller: one stable code a row, with the
 * HTTP status and the public title. Adding a code is a row here and a test that reaches it.
 */
export const ERROR_TABLE = {
  'request-target-invalid': { status: 400, title: 'the request target is not a plain path' },
  'header-repeated': { status: 400, title: 'a header that must stand once is repeated' },
  'header-invalid': { status: 400, title: 'a header cannot be read' },
  'header-unsupported': { status: 400, title: 'a header asks for something not offered' },
  'bad-target': { status: 400, title: 'the region or the bucket is not valid' },
  'query-invalid': { status: 400, title: 'the query parameters are not valid' },
  'forwarded-for-invalid': { status: 400, title: 'the proxy’s X-Forwarded-For cannot be read' },
  'body-unexpected': { status: 400, title: 'this operation takes no body' },
  'body-malformed': { status: 400, title: 'the body is not well-formed JSON' },
  'body-too-large': { status: 413, title: 'the body is too large' },
  'body-timeout': { status: 408, title: 'the body did not arrive in time' },
  'unsupported-media-type': { status: 415, title: 'the body must be application/json in UTF-8' },
  'body-invalid': { status: 422, title: 'the body does not have what it must have' },

  'token-missing': { status: 401, title: 'a bearer token is required' },
  'token-malformed': { status: 401, title: 'the bearer token is not well-formed' },
  'token-algorithm': { status: 401, title: 'the bearer token’s algorithm is not accepted' },
  'token-key-unknown': { status: 401, title: 'the bearer token’s key is not known' },
  'token-signature': { status: 401, title: 'the bearer token’s signature does not match' },
  'token-expired': { status: 401, title: 'the bearer token has expired' },
  'token-not-yet-valid': { status: 401, title: 'the bearer token is not valid yet' },
  'token-claims': { status: 401, title: 'a claim of the bearer token is missing or not valid' },
  'token-issuer': { status: 401, title: 'the bearer token’s issuer is not accepted' },
  'token-audience': { status: 401, title: 'the bearer token is meant for another audience' },
  'token-revoked': { status: 401, title: 'the bearer token is revoked' },
  'keys-unavailable': { status: 503, title: 'the keys of the token’s issuer cannot be had now' },

  'policy-denied': { status: 403, title: 'the policy table does not allow this' },
  'no-such-route': { status: 404, title: 'there is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'this path does not take this method' },
  'policy-invalid': { status: 422, title: 'the change of the policy table is not valid' },
  'policy-conflict': { status: 409, title: 'the policy table has been changed meanwhile' },
  'policy-lockout': { status: 409, title: 'nobody could change the policy table any more' },
  'policy-stale': { status: 503, title: 'the policy table may be out of date' },
  'no-such-version': { status: 404, title: 'the policy table has no such version' },
  'rate-limited': { status: 429, title: 'too many requests' },

  overloaded: { status: 503, title: 'too many requests wait before this one' },
  'audit-unavailable': { status: 503, title: 'the audit journal cannot be written' },
  'credentials-unavailable': { status: 503, title: 'the sub-account has no usable keys' },
  'audit-not-prunable': { status: 409, title: 'the audit journal cannot be pruned' },
  'no-such-revocation': { status: 404, title: 'there is no such revocation' },
  'revocations-stale': { status: 503, title: 'the list of what is revoked may be out of date' },
  'index-unavailable': { status: 503, title: 'the index of the audit journal cannot be read' },
  'store-unavailable': { status: 503, title: 'the database does not answer' },
  'internal-error': { status: 500, title: 'the gateway failed' },

  'no-such-bucket': { status: 404, title: 'the bucket does not exist in this region' },
  'bucket-not-bound': { status: 409, title: 'the bucket is not bound to Cloud Infinite' },
  'precondition-failed': {
    status: 412,
    title: 'the bucket is not in the state that If-Match names',
  },
  'region-unsupported': { status: 409, title: 'the region does not offer smart compression' },
  'upstream-access-denied': { status: 502, title: 'the upstream refused the sub-account' },
  'upstream-credentials': { status: 502, title: 'the upstream refused the gateway’s credentials' },
  'upstream-unreachable': { status: 502, title: 'the upstream could not be reached' },
  'upstream-unavailable': { status: 503, title: 'the upstream keeps failing' },
  'upstream-failed': { status: 502, title: 'the upstream failed' },
  'upstream-unexpected': { status: 502, title: 'the upstream gave an unexpected answer' },
  'upstream-throttled': { status: 503, title: 'the upstream asks to slow down' },
  'clock-skew': { status: 503, title: 'the gateway’s clock and the upstream’s differ too much' },
  'upstream-timeout': { status: 504, title: 'the upstream did not answer in time' },
} as const;

/** A stable error code: part of the API, never renamed. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** One fault of a request body: an RFC 6901 pointer and what to change there. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** What the upstream said, reduced to what a tenant may see: nothing here is copied free text. */
export interface UpstreamRefusal {
  readonly status: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
}

/** What a denial rests on; the statements are the caller's own. */
export interface DenialReason {
  readonly reason: string;
  readonly statements: readonly string[];
  /** The allow that came closest, and what of it did not fit. */
  readonly nearestMiss?: { readonly statement: string; readonly detail: string };
}

export interface GatewayErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly decision?: DenialReason;
  readonly headers?: Readonly<Record<string, string>>;
  readonly upstream?: UpstreamRefusal;
  /** For the operator's log only. */
  readonly cause?: unknown;
}

/**
 * The one error that becomes an answer. `detail` is public and says what to change; `cause` is for
 * operators and never leaves the house.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly decision: DenialReason | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstream: UpstreamRefusal | undefined;

  constructor(code: ErrorCode, detail: string, options: GatewayErrorOptions = {}) {
    // The code says where a refusal comes from; to walk the stack would cost more than to refuse.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(`${code}: ${detail}`, { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.detail = detail;
    this.errors = options.errors;
    this.decision = options.decision;
    this.headers = options.headers ?? {};
    this.upstream = options.upstream;
  }

  get status(): number {
    return ERROR_TABLE[this.code].status;
  }
}

/** A configuration or a policy table that cannot be used: every problem, one line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly string[]) {
    super(`${what}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}
