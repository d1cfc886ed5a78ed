import { askIdentity, type CallerIdentity } from '../../accounts/caller-identity.ts';
import type { StsEndpoint } from '../../accounts/sts-call.ts';
import type { SubAccount, SubAccounts } from '../../accounts/sub-account.ts';
import { checkClock } from './clock.ts';
import { type Finding, fail, ok, warn, wordsOf } from './finding.ts';

export interface KeyParts {
  readonly subAccounts: SubAccounts;
  readonly sts: StsEndpoint;
  readonly now: () => Date;
}

/** Whether each sub-account has keys, whose they are, and how the clock is by that of STS. */
export async function checkKeys(parts: KeyParts): Promise<readonly Finding[]> {
  const found = await Promise.all(
    parts.subAccounts.status().map(async (status) => {
      const check = `keys of ${status.subAccount}`;
      if (!status.isUsable) {
        const seen = `${status.source}: ${status.problem ?? 'the keys have ended'}`;
        return [fail(check, seen, 'see to the source of its keys: docs/operations.md')];
      }
      const exposed = status.warning ? [warn(check, status.warning, 'close it to others')] : [];
      const subAccount = parts.subAccounts.find(status.subAccount);
      return subAccount ? [...exposed, ...(await checkIdentity(subAccount, parts))] : exposed;
    }),
  );
  return found.flat();
}

async function checkIdentity(
  subAccount: SubAccount,
  { subAccounts, sts, now }: KeyParts,
): Promise<readonly Finding[]> {
  const check = `keys of ${subAccount.name}`;
  try {
    const credentials = subAccounts.credentialsOf(subAccount);
    const identity = await askIdentity({ endpoint: sts, credentials, now: now() });
    const verdict = judge(identity, subAccount, credentials.secretId);
    return [verdict, ...(identity.at ? [checkClock(sts.host, identity.at, now())] : [])];
  } catch (error) {
    return [fail(check, wordsOf(error), 'see whether STS can be reached, and the key is enabled')];
  }
}

function judge(
  { ownerUin, principal }: CallerIdentity,
  subAccount: SubAccount,
  secretId: string,
): Finding {
  const check = `keys of ${subAccount.name}`;
  if (ownerUin !== subAccount.ownerUin) {
    return fail(
      check,
      `${secretId} is a key of the main account ${ownerUin}, not of ${subAccount.ownerUin}`,
      'correct ownerUin or appId, or give it a key of its own account',
    );
  }
  if (principal === ownerUin) {
    return warn(
      check,
      `${secretId} is a key of the main account itself: it can do everything`,
      'give it a key of a sub-account that may set and read image slim, and no more',
    );
  }
  return ok(check, `${secretId} is a key of ${principal} in the main account ${ownerUin}`);
}
