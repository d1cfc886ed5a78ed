import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ISSUER_SECRET } from './gateway.ts';

/** Everything that a run of rotations starts from: a cloud, a configuration, files of keys. */

/** A source each, and somebody else's account with a key that stays. */
export const TENANTS = ['file', 'sts', 'metadata', 'environment', 'stranger'] as const;
export type Tenant = (typeof TENANTS)[number];

const BUCKETS_EACH = 4;
/** How often the gateway looks at the file. */
export const CHECK_MS = 100;

const appIdOf = (tenant: Tenant) => (tenant === 'stranger' ? '1250000001' : '1250000000');

export function bucketsOf(tenant: Tenant): readonly string[] {
  return Array.from({ length: BUCKETS_EACH }, (_, n) => `${tenant}-${n}-${appIdOf(tenant)}`);
}

/** Keys that are put into the file: temporary ones, so that the older ones end. */
export interface Generation {
  readonly secretId: string;
  readonly expires: Date;
}

const secretsOf = (id: string) => ({ secretKey: `key-of-${id}`, securityToken: `token-of-${id}` });

export function keysText({ secretId }: Generation): string {
  const { secretKey, securityToken } = secretsOf(secretId);
  return `secretId: ${secretId}\nsecretKey: ${secretKey}\nsecurityToken: ${securityToken}\n`;
}

/** As one should: beside it, and then in its place. */
export function replaceKeys(directory: string, generation: Generation): void {
  writeFileSync(join(directory, 'keys.new'), keysText(generation));
  renameSync(join(directory, 'keys.new'), join(directory, 'keys.yaml'));
}

const allowing = (action: string) =>
  `[{ version: '2.0', statement: { effect: allow, action: '${action}', resource: '*' } }]`;

/** Write the cloud's document; its path. */
export function writeCloud(
  directory: string,
  generations: readonly Generation[],
  sessionSeconds: number,
): string {
  const keys = generations.map(({ secretId, expires }) => {
    const { secretKey, securityToken } = secretsOf(secretId);
    return `{ secretId: ${secretId}, secretKey: ${secretKey}, token: ${securityToken}, expires: ${expires.toISOString()} }`;
  });
  const buckets = TENANTS.flatMap((tenant) =>
    bucketsOf(tenant).map((name) => `  - { name: ${name}, region: ap-shanghai, bound: true }`),
  );
  const path = join(directory, 'cloud.yaml');
  writeFileSync(
    path,
    `
accounts:
  - appId: '1250000000'
    uin: '100000000001'
    subAccounts:
      - { name: file, uin: '100000000011', policies: ${allowing('ci:*')}, keys: [${keys.join(', ')}] }
      - { name: asker, uin: '100000000012', keys: [{ secretId: AKIDasker, secretKey: a }] }
      - name: environment
        uin: '100000000013'
        policies: ${allowing('ci:*')}
        keys: [{ secretId: AKIDenvironment0, secretKey: e }, { secretId: AKIDenvironment1, secretKey: e }]
    roles:
      - { name: operator, trusts: [asker, cvm], maxSessionSeconds: ${sessionSeconds}, policies: ${allowing('*')} }
    instance: { role: operator }
  - appId: '1250000001'
    uin: '100000000002'
    subAccounts:
      - name: stranger
        uin: '100000000021'
        policies: ${allowing('ci:*')}
        keys: [{ secretId: AKIDstranger, secretKey: s }]
buckets:
${buckets.join('\n')}
`,
  );
  return path;
}

/** What a gateway of a run has in its environment: the second one has other keys. */
export function environmentOf(gateway: number): Record<string, string> {
  return {
    ASKER_SECRET_ID: 'AKIDasker',
    ASKER_SECRET_KEY: 'a',
    OWN_SECRET_ID: `AKIDenvironment${gateway}`,
    OWN_SECRET_KEY: 'e',
  };
}

export interface GatewayPlace {
  readonly directory: string;
  /** Which of the two. */
  readonly gateway: number;
  /** The local cloud's. */
  readonly port: string;
  readonly sessionSeconds: number;
}

/** Write a gateway's configuration and what it names; its path. */
export function writeGateway({ directory, gateway, port, sessionSeconds }: GatewayPlace): string {
  const credentials: Readonly<Record<Tenant, string>> = {
    file: `{ from: file, path: keys.yaml, checkSeconds: ${CHECK_MS / 1000} }`,
    sts: `{ from: sts, roleArn: 'qcs::cam::uin/100000000001:roleName/operator', durationSeconds: ${sessionSeconds}, caller: { from: environment, prefix: ASKER } }`,
    metadata: '{ from: metadata, role: operator }',
    environment: '{ from: environment, prefix: OWN }',
    stranger: '{ from: file, path: stranger.yaml }',
  };
  const subAccounts = TENANTS.map(
    (tenant, index) =>
      `  - { name: ${tenant}, uin: '10000000001${index}', ownerUin: '100000000001', appId: '${appIdOf(tenant)}', credentials: ${credentials[tenant]} }`,
  );
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write('issuer.secret', ISSUER_SECRET);
  write('stranger.yaml', 'secretId: AKIDstranger\nsecretKey: s\n');
  write('table.yaml', tableText());
  write(
    `gateway-${gateway}.yaml`,
    `
mode: development
listen: { port: 0 }
admin: { port: 0 }
stateDirectory: var-${gateway}
identity:
  issuers:
    - issuer: https://issuer.test
      audiences: [slimgate]
      development: true
      keys: [{ kid: k1, algorithm: HS256, secretFile: issuer.secret }]
subAccounts:
${subAccounts.join('\n')}
policyTableFile: table.yaml
upstream: { connect: { host: 127.0.0.1, port: ${port} } }
limits: { concurrentRequestsPerTenant: 1000 }
`,
  );
  return join(directory, `gateway-${gateway}.yaml`);
}

function tableText(): string {
  const tenants = TENANTS.map((tenant) => `  ${tenant}: { subAccount: ${tenant} }\n`);
  const statements = TENANTS.map(
    (tenant) =>
      `  - { id: ${tenant}, principal: tenant/${tenant}, effect: allow, action: 'ci:*', resource: '*' }\n`,
  );
  return `version: 1\ntenants:\n${tenants.join('')}statements:\n${statements.join('')}`;
}
