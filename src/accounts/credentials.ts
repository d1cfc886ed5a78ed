import type { Secret } from '../secret.ts';

/** One key pair of a sub-account, permanent or temporary. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: Secret;
  /** Present with temporary keys only. */
  readonly securityToken: Secret | null;
}

/** Credentials as their source gave them. */
export interface IssuedCredentials {
  readonly credentials: Credentials;
  /** Null when they do not end, or nobody has said when. */
  readonly expiresAt: Date | null;
  /** What an operator should mend although the keys can be used. */
  readonly warning: string | null;
}

/** Whether two of them are the same keys. */
export function isSameKey(one: Credentials, other: Credentials): boolean {
  return (
    one.secretId === other.secretId &&
    one.secretKey.reveal() === other.secretKey.reveal() &&
    one.securityToken?.reveal() === other.securityToken?.reveal()
  );
}
