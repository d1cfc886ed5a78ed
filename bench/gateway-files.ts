import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewaySetting } from './gateway-setting.ts';
import { WORLD } from './world.ts';

/**
 * Write what a gateway is started from: defaults, but for the upstream's place, limits that callers
 * cannot reach, and changes that are sent although they change nothing.
 * @returns the path of its configuration
 */
export function writeGatewayFiles(
  directory: string,
  upstreamPort: number,
  setting: GatewaySetting,
): string {
  const files = { ...FILES, 'gateway.yaml': gatewayFile(upstreamPort, setting) };
  const all = { ...files, 'issuer.key': setting.verifyingKey };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(directory, name), content);
  return join(directory, 'gateway.yaml');
}

function gatewayFile(upstreamPort: number, setting: GatewaySetting) {
  const { algorithm, rememberedTokens, readBefore, logLevel } = setting;
  const keyFile = algorithm === 'HS256' ? 'secretFile' : 'publicKeyFile';
  return `
mode: development
listen: { port: 0 }
admin: { port: 0 }
stateDirectory: var
logLevel: ${logLevel}
identity:
  rememberedTokens: ${rememberedTokens}
  issuers:
    - issuer: ${WORLD.issuer}
      audiences: [${WORLD.audience}]
      development: ${algorithm === 'HS256'}
      keys: [{ kid: ${WORLD.keyId}, algorithm: ${algorithm}, ${keyFile}: issuer.key }]
subAccounts:
  - name: media
    uin: '${WORLD.subAccountUin}'
    ownerUin: '${WORLD.ownerUin}'
    appId: '${WORLD.appId}'
    credentials: { from: file, path: media.yaml }
policyTableFile: table.yaml
state: { readBefore: ${readBefore}, skipNoOp: false }
upstream: { connect: { host: 127.0.0.1, port: ${upstreamPort} } }
limits:
  requestsPerSecondPerTenant: 100000
  concurrentRequestsPerTenant: 100000
  requestsPerSecondPerSource: 100000
  concurrentRequestsPerSource: 100000
  socketsPerPeer: 100000
`;
}

const FILES = {
  'media.yaml': `secretId: ${WORLD.secretId}\nsecretKey: ${WORLD.secretKey}\n`,
  'table.yaml': `
version: 1
tenants:
  ${WORLD.writer}: { subAccount: media }
  ${WORLD.reader}: { subAccount: media }
statements:
  - id: writer-everything
    principal: tenant/${WORLD.writer}
    effect: allow
    action: ci:*
    resource: qcs::ci::uid/${WORLD.appId}:bucket/*
  - id: reader-looks
    principal: tenant/${WORLD.reader}
    effect: allow
    action: ci:DescribeImageSlim
    resource: qcs::ci::uid/${WORLD.appId}:bucket/*
`,
};
