/** The form of a tenant's name: that of a DNS label in lower case. */
export const TENANT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** For identifiers that go into records: `kid`, `sub`, `jti`, groups, names in the settings. */
export const PRINTABLE = /^[\x20-\x7e]{1,256}$/;

/** Claims as read from a token: frozen throughout, and no object in it has a prototype. */
export type Claims = Readonly<Record<string, unknown>>;

/** An authenticated caller; the one way to get one is a verified token. */
export interface Tenant {
  readonly name: string;
  /** The claim `sub`, which may differ from the name. */
  readonly subject: string;
  readonly issuer: string;
  /** The claim `jti`. */
  readonly tokenId: string | null;
  readonly expiresAt: Date;
  /** From the issuer's groups claim; empty when it has none. */
  readonly groups: readonly string[];
  readonly claims: Claims;
}
