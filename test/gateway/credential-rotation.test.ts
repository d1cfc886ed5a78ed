import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CredentialSettings } from '../../src/accounts/credential-settings.ts';
import { readCredentials } from '../../src/config/read-credentials.ts';
import { Source } from '../../src/config/source.ts';
import { createSimulator, type Simulator } from '../../src/simulator/create-simulator.ts';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { fixedKeys, OPERATOR } from '../support/sub-accounts.ts';

// The longer run, at a pace and by real time, is `npm run rotation-run`.

const TENANTS = ['file', 'sts', 'metadata', 'fixed', 'stranger'] as const;
type Tenant = (typeof TENANTS)[number];
const appIdOf = (tenant: Tenant) => (tenant === 'stranger' ? '1250000001' : '1250000000');
const bucketOf = (tenant: Tenant) => `${tenant}-${appIdOf(tenant)}`;

const HOUR = 3_600_000;
const ALL = `[{ version: '2.0', statement: { effect: allow, action: '*', resource: '*' } }]`;
const keyOf = (id: string) => `secretId: ${id}, secretKey: key-of-${id}`;

/** Keys that are written down are temporary ones: the first of the file lasts for three hours. */
const cloudText = (start: Date) => `
accounts:
  - appId: '1250000000'
    uin: '100000000001'
    subAccounts:
      - name: file
        uin: '100000000011'
        policies: ${ALL}
        keys:
          - { ${keyOf('AKIDfile1')}, token: t, expires: ${new Date(start.getTime() + 3 * HOUR).toISOString()} }
          - { ${keyOf('AKIDfile2')}, token: t }
      - { name: media, uin: '100000000012', keys: [{ ${keyOf('AKIDmedia')} }] }
      - { name: fixed, uin: '100000000013', policies: ${ALL}, keys: [{ ${keyOf('AKIDfixed')} }] }
    roles: [{ name: slim-operator, trusts: [media, cvm], policies: ${ALL} }]
    instance: { role: slim-operator }
  - appId: '1250000001'
    uin: '100000000002'
    subAccounts:
      - { name: stranger, uin: '100000000021', policies: ${ALL}, keys: [{ ${keyOf('AKIDstranger')} }] }
buckets:
${TENANTS.map((tenant) => `  - { name: ${bucketOf(tenant)}, region: ap-shanghai, bound: true }`).join('\n')}
`;

const TABLE = `
version: 1
tenants:
${TENANTS.map((tenant) => `  ${tenant}: { subAccount: ${tenant} }`).join('\n')}
statements:
${TENANTS.map((tenant) => `  - { id: ${tenant}, principal: tenant/${tenant}, effect: allow, action: 'ci:*', resource: '*' }`).join('\n')}
`;

/** A gateway with a sub-account for each source, a strict cloud, and a clock that can be moved. */
async function startRotating() {
  const directory = mkdtempSync(join(tmpdir(), 'rotation-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { aheadMs: 0 };
  const now = () => new Date(Date.now() + clock.aheadMs);
  const replaceFile = (id: string) => {
    const text = `secretId: ${id}\nsecretKey: key-of-${id}\nsecurityToken: t\n`;
    writeFileSync(join(directory, 'keys.new'), text);
    renameSync(join(directory, 'keys.new'), join(directory, 'keys.yaml'));
  };
  replaceFile('AKIDfile1');
  const cloud = parseLocalCloud(cloudText(now()));
  const simulator = await createSimulator({ cloud, stateDirectory: directory, now, strict: true });
  onTestFinished(() => simulator.close());

  const file = readCredentials(
    { name: 'file', credentials: { from: 'file', path: 'keys.yaml', checkSeconds: 0.05 } },
    { at: '', mode: 'development', source: new Source(join(directory, 'x.yaml'), {}) },
  );
  const fixed = (id: string) => fixedKeys({ secretId: id, secretKey: `key-of-${id}` });
  const sources: Readonly<Record<Tenant, CredentialSettings>> = {
    file,
    sts: { ...OPERATOR, caller: fixed('AKIDmedia'), sessionName: 'sts' },
    metadata: { from: 'metadata', role: 'slim-operator' },
    fixed: fixed('AKIDfixed'),
    stranger: fixed('AKIDstranger'),
  };
  const subAccounts = TENANTS.map((name, index) => ({
    ...{ name, uin: `10000000001${index}`, ownerUin: '100000000001', appId: appIdOf(name) },
    credentials: sources[name],
  }));
  const connect = { host: simulator.host, port: simulator.port };
  const gateway = await startGateway({ connect, now, table: TABLE, subAccounts });
  return { gateway, simulator, clock, replaceFile };
}

/** Two callers for each tenant go on until it is so, and what they were answered, good or not. */
async function callUntil(gateway: RunningGateway, isSo: (rounds: number) => boolean) {
  const answers = new Set<string>();
  const giveUpAt = Date.now() + 30_000;
  const caller = async (tenant: Tenant) => {
    for (let round = 0; !isSo(round) && Date.now() < giveUpAt; round++) {
      const call = { tenant, bucket: bucketOf(tenant) };
      const answer = await (round % 3 === 0
        ? gateway.call('PUT', { ...call, body: { modes: ['API'] } })
        : gateway.call('GET', call));
      answers.add(answer.ok ? 'good' : `${tenant}: ${await answer.text()}`);
    }
  };
  await Promise.all([...TENANTS, ...TENANTS].map(caller));
  return [...answers];
}

/** Whose key signed for each tenant's bucket, by the local cloud's own account. */
function signers(simulator: Simulator): Record<Tenant, string[]> {
  const signersOf = (tenant: Tenant) => [
    ...new Set(
      simulator
        .received()
        .flatMap(({ bucket, secretId }) => (bucket === bucketOf(tenant) ? (secretId ?? '') : [])),
    ),
  ];
  return Object.fromEntries(TENANTS.map((tenant) => [tenant, signersOf(tenant)])) as Record<
    Tenant,
    string[]
  >;
}

test('the keys of every source are rotated under load, and the older ones end: no call fails', async () => {
  const { gateway, simulator, clock, replaceFile } = await startRotating();
  const idOf = (tenant: Tenant) =>
    gateway.services.subAccounts.status().find(({ subAccount }) => subAccount === tenant)?.secretId;
  const first = { sts: idOf('sts'), metadata: idOf('metadata') };
  expect(await callUntil(gateway, (rounds) => rounds > 3)).toEqual(['good']);

  // Two hours are the life of a session: it is now to be renewed, and still good.
  clock.aheadMs += 2 * HOUR - 5 * 60_000;
  replaceFile('AKIDfile2');
  const isRenewed = () =>
    idOf('file') === 'AKIDfile2' &&
    idOf('sts') !== first.sts &&
    idOf('metadata') !== first.metadata;
  expect(await callUntil(gateway, isRenewed)).toEqual(['good']);
  expect(isRenewed()).toBe(true);

  // The older keys end.
  clock.aheadMs += 1.5 * HOUR;
  expect(await callUntil(gateway, (rounds) => rounds > 3)).toEqual(['good']);

  const used = signers(simulator);
  expect(used.file).toEqual(['AKIDfile1', 'AKIDfile2']);
  expect(used.sts.slice(0, 2)).toEqual([first.sts, expect.stringMatching(/^AKID/)]);
  expect(used.metadata.slice(0, 2)).toEqual([first.metadata, expect.stringMatching(/^AKID/)]);
  expect([used.fixed, used.stranger]).toEqual([['AKIDfixed'], ['AKIDstranger']]);
  // Nobody has ever signed with what is another's.
  const all = Object.values(used).flat();
  expect(new Set(all).size).toBe(all.length);
}, 60_000);
