import type { JsonWebKey } from 'node:crypto';
import type { Secret } from '../secret.ts';

/** The accepted `alg` values; each is a row of ALGORITHM_KINDS in algorithm-kinds.ts as well. */
export const TOKEN_ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** One key of an issuer, bound to one algorithm here and never by what a token says. */
export interface IssuerKeySettings {
  /** Null: for tokens without `kid`; then it is the issuer's only key for its algorithm. */
  readonly kid: string | null;
  readonly algorithm: TokenAlgorithm;
  readonly material:
    | { readonly kind: 'secret'; readonly secret: Secret }
    | { readonly kind: 'pem'; readonly pem: string }
    | { readonly kind: 'jwk'; readonly jwk: JsonWebKey };
}

/** Where a key set (RFC 7517, section 5) is read from. */
export type KeySetPlace =
  | { readonly from: 'file'; readonly file: string }
  | { readonly from: 'url'; readonly url: string }
  /** `jwksUrl` stands in for the document's `jwks_uri`; null: that one is taken. */
  | { readonly from: 'discovery'; readonly jwksUrl: string | null };

/** A set of public keys that is read again and again, because its issuer changes it. */
export interface KeySetSettings {
  readonly place: KeySetPlace;
  /** The algorithms that its keys may be for; a key without `alg` must fit exactly one of them. */
  readonly algorithms: readonly TokenAlgorithm[];
  /** How often it is read; so long a removed key may still be taken. */
  readonly refreshSeconds: number;
  /** How often an unknown `kid` may have it read once more. */
  readonly cooldownSeconds: number;
  /** How long it is used after it could be read the last time. */
  readonly staleSeconds: number;
  /** For a document, in all: names, connection, TLS, head and body. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Whether plain http may be used beyond the loopback addresses. */
  readonly allowHttp: boolean;
  /** Certificates in PEM to trust in place of the system's; read for each fetch. */
  readonly caFile: string | null;
  /** A bearer token that is sent to the place's own origin; read for each fetch. */
  readonly bearerTokenFile: string | null;
}

/** Whose tokens are accepted, and for which tenants. */
export interface IssuerSettings {
  /** Compared with `iss` exactly. */
  readonly issuer: string;
  /** One of them must be named by `aud`, exactly. */
  readonly audiences: readonly string[];
  /** The claim that names the tenant, usually `sub`. */
  readonly tenantClaim: string;
  /** From the tenant claim's value to a tenant's name; left out: the value is the name. */
  readonly tenantsBySubject?: Readonly<Record<string, string>> | null;
  /** The tenants it may speak for; null: any. */
  readonly tenants: readonly string[] | null;
  /** The claim with the caller's groups; left out: they are not read. */
  readonly groupsClaim?: string | null;
  /** Empty when there is a key set. */
  readonly keys: readonly IssuerKeySettings[];
  readonly keySet?: KeySetSettings | null;
  /** For clocks that differ; left out: what holds for all issuers. */
  readonly toleranceSeconds?: number | null;
  /** The most that `iat` may lie back, which is required then; left out: `exp` alone decides. */
  readonly maxAgeSeconds?: number | null;
  /** Whether tokens may be minted here: never in production. */
  readonly isDevelopment: boolean;
}
