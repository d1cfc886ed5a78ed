/** What may be revoked: one token by `jti`, all of a subject's by `sub`, all of a tenant's. */
export const REVOCATION_KINDS = ['token', 'subject', 'tenant'] as const;

export type RevocationKind = (typeof REVOCATION_KINDS)[number];

/** Something whose tokens are refused. */
export interface Revocation {
  /** Of the request that made it. */
  readonly id: string;
  readonly kind: RevocationKind;
  /** Whose token or subject it is; null for a tenant, whichever issuer speaks for it. */
  readonly issuer: string | null;
  /** The `jti`, the `sub` or the tenant’s name. */
  readonly value: string;
  /** Null: for good. */
  readonly until: Date | null;
  readonly note: string;
  /** The tenant that asked for it. */
  readonly author: string;
  readonly createdAt: Date;
}
