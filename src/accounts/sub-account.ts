import { assumeRoleSource } from './assume-role.ts';
import type { CredentialSettings } from './credential-settings.ts';
import type { CredentialSource } from './credential-source.ts';
import type { Credentials } from './credentials.ts';
import { fileSource, fixedSource } from './file-source.ts';
import { metadataSource } from './instance-metadata.ts';
import { CredentialKeeper, type KeptStatus } from './keep-credentials.ts';
import type { StsEndpoint } from './sts-call.ts';

declare const configured: unique symbol;

/** What is known of a sub-account. */
export interface SubAccountFacts {
  readonly name: string;
  /** The sub-account's own id. */
  readonly uin: string;
  /** The id of the main account that owns it. */
  readonly ownerUin: string;
  /** The main account's APPID: the digits at the end of its buckets' names. */
  readonly appId: string;
}

/**
 * The Tencent Cloud identity that a tenant acts as. Only SubAccounts has some to give, so that keys
 * can't be asked for with facts from elsewhere.
 */
export interface SubAccount extends SubAccountFacts {
  readonly [configured]: true;
}

/** How it stands with the keys of a sub-account; `source` also names those STS is asked with. */
export interface CredentialStatus extends KeptStatus {
  readonly subAccount: string;
}

/** The configured sub-accounts with their keys. */
export interface SubAccounts {
  /** The sub-account of that name; null when none is configured. */
  find(name: string): SubAccount | null;
  /**
   * The keys of exactly this sub-account, at once.
   * @throws GatewayError `credentials-unavailable`
   */
  credentialsOf(subAccount: SubAccount): Credentials;
  /** The upstream has refused this key of it: look for another one soon. */
  refused(subAccount: SubAccount, secretId: string): void;
  /** In the order of the configuration. */
  status(): readonly CredentialStatus[];
  /** Settles when each has keys or could not get them; never rejects. */
  start(): Promise<void>;
  close(): void;
}

export interface SubAccountSettings extends SubAccountFacts {
  readonly credentials: CredentialSettings;
}

export interface SubAccountOptions {
  readonly now: () => Date;
  /** From 0 to 1, for the times of renewals. */
  readonly random?: () => number;
  /** In the place of the instance metadata, it too, when there is a fixed place. */
  readonly sts: StsEndpoint;
  /** Called when keys are replaced, and when a problem or warning comes, changes or goes. */
  readonly onChange?: (status: CredentialStatus) => void;
}

/** Hold the configured sub-accounts; each key is only reachable through its own sub-account. */
export function createSubAccounts(
  settings: readonly SubAccountSettings[],
  options: SubAccountOptions,
): SubAccounts {
  const byName = new Map<string, SubAccount>();
  const keepers = new Map<SubAccount, CredentialKeeper>();
  for (const { credentials, ...facts } of settings) {
    const subAccount = Object.freeze(facts) as SubAccount; // The brand is for the compiler alone.
    byName.set(subAccount.name, subAccount);
    keepers.set(subAccount, keeperOf(credentials, { facts, options }));
  }
  return {
    find: (name) => byName.get(name) ?? null,
    credentialsOf(subAccount) {
      const keeper = keepers.get(subAccount);
      if (keeper === undefined) throw new RangeError(`no such sub-account \`${subAccount.name}\``);
      return keeper.current();
    },
    refused: (subAccount, secretId) => keepers.get(subAccount)?.renounce(secretId),
    status: () =>
      [...keepers].map(([{ name }, keeper]) => ({ subAccount: name, ...keeper.status() })),
    async start() {
      await Promise.all([...keepers.values()].map((keeper) => keeper.start()));
    },
    close() {
      for (const keeper of keepers.values()) keeper.close();
    },
  };
}

interface Surroundings {
  readonly facts: SubAccountFacts;
  readonly options: SubAccountOptions;
}

function keeperOf(settings: CredentialSettings, surroundings: Surroundings): CredentialKeeper {
  return keeping(sourceOf(settings, surroundings), surroundings);
}

function keeping(source: CredentialSource, { facts, options }: Surroundings): CredentialKeeper {
  const { now, random = Math.random, onChange = () => undefined } = options;
  return new CredentialKeeper(source, {
    now,
    random,
    onChange: (status) => onChange({ subAccount: facts.name, ...status }),
  });
}

function sourceOf(settings: CredentialSettings, surroundings: Surroundings): CredentialSource {
  const { facts, options } = surroundings;
  const { now, sts } = options;
  switch (settings.from) {
    case 'environment':
      return fixedSource(settings);
    case 'file':
      return fileSource(settings);
    case 'metadata':
      return metadataSource(settings, { now, connect: sts.connect });
    case 'sts': {
      const asking = sourceOf(settings.caller, surroundings);
      const caller = keeping({ ...asking, name: `${asking.name}, to ask STS with` }, surroundings);
      return assumeRoleSource(settings, { endpoint: sts, now, appId: facts.appId, caller });
    }
  }
}
