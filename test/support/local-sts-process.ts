// Issues one key after the other and prints the id of each, until it is killed.
import { writeSync } from 'node:fs';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { asSubAccount, openTemporaryKeys } from '../../src/simulator/sts/temporary-keys.ts';

const [, , path = ''] = process.argv;
const cloud = parseLocalCloud(`
accounts:
  - appId: 1250000000
    uin: 100000000001
    roles: [{ name: operator, id: "4611686018427387001", trusts: [cvm] }]
`);
const temporaryKeys = openTemporaryKeys(path, { cloud, now: () => new Date(1_700_000_000_000) });
const [account] = cloud.accounts;
const [role] = account?.roles ?? [];
if (account === undefined || role === undefined) throw new Error('the cloud is empty');
const session = {
  kind: 'role',
  name: 'killed',
  requesterUin: account.uin,
  policy: null,
} as const;

for (;;) {
  const grant = { account, subAccount: asSubAccount(role), session, seconds: 3600 };
  writeSync(1, `${temporaryKeys.issue(grant).secretId}\n`);
}
