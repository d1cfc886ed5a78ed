import type { Secret } from '../secret.ts';

/** One key pair of a sub-account, permanent or temporary. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: Secret;
  /** Present with temporary keys only. */
  readonly securityToken: Secret | null;
}
