import type { Credentials } from './credentials.ts';

/** The Tencent Cloud identity that a tenant acts as. */
export interface SubAccount {
  readonly name: string;
  /** The sub-account's own id. */
  readonly uin: string;
  /** The id of the main account that owns it. */
  readonly ownerUin: string;
  /** The main account's APPID: the digits at the end of its buckets' names. */
  readonly appId: string;
}

/** The configured sub-accounts with their keys. */
export interface SubAccounts {
  /** The sub-account of that name; null when none is configured. */
  find(name: string): SubAccount | null;
  /** The keys of exactly this sub-account. */
  credentialsOf(subAccount: SubAccount): Credentials;
}

export interface SubAccountSettings extends SubAccount {
  readonly credentials: Credentials;
}

/** Hold the configured sub-accounts; each key is only reachable through its own sub-account. */
export function createSubAccounts(settings: readonly SubAccountSettings[]): SubAccounts {
  const byName = new Map<string, SubAccount>();
  const credentials = new Map<SubAccount, Credentials>();
  for (const { credentials: own, ...subAccount } of settings) {
    byName.set(subAccount.name, subAccount);
    credentials.set(subAccount, own);
  }
  return {
    find: (name) => byName.get(name) ?? null,
    credentialsOf(subAccount) {
      const own = credentials.get(subAccount);
      if (own === undefined) throw new RangeError(`no such sub-account \`${subAccount.name}\``);
      return own;
    },
  };
}
