import type { JsonWebKey } from 'node:crypto';
import type { Secret } from '../secret.ts';

/** The accepted `alg` values; each is a row of ALGORITHM_KINDS in verification-key.ts as well. */
export const TOKEN_ALGORITHMS = ['HS256', 'RS256', 'ES256'] as const;

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

/** Whose tokens are accepted, and for which tenants. */
export interface IssuerSettings {
  /** Compared with `iss` exactly. */
  readonly issuer: string;
  /** One of them must be named by `aud`, exactly. */
  readonly audiences: readonly string[];
  /** The claim that names the tenant, usually `sub`. */
  readonly tenantClaim: string;
  /** The tenants it may speak for; null: any. */
  readonly tenants: readonly string[] | null;
  readonly keys: readonly IssuerKeySettings[];
  /** Whether tokens may be minted here: never in production. */
  readonly isDevelopment: boolean;
}
