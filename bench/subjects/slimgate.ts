import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../middleware/serve.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { closeServices, createServices } from '../../src/services.ts';
import { WORLD } from '../world.ts';
import type { RunningSubject } from './subject.ts';

/** The whole gateway, started from files as `slimgate start` does; it logs to standard output. */
export async function startSlimgate(upstreamPort: number): Promise<RunningSubject> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-bench-'));
  const files = { ...FILES, 'gateway.yaml': gatewayFile(upstreamPort) };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, name), content);
  }
  const configuration = loadConfiguration(join(directory, 'gateway.yaml'), {});
  const services = await createServices(configuration);
  const served = await serve(services, configuration.settings);
  return {
    port: served.gateway.port,
    async close() {
      await served.close();
      await closeServices(services);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Defaults, but for the upstream's place and limits that callers cannot reach. */
const gatewayFile = (upstreamPort: number) => `
mode: development
listen: { port: 0 }
admin: { port: 0 }
stateDirectory: var
identity:
  issuers:
    - issuer: ${WORLD.issuer}
      audiences: [${WORLD.audience}]
      development: true
      keys: [{ kid: ${WORLD.keyId}, algorithm: HS256, secretFile: issuer.secret }]
subAccounts:
  - name: media
    uin: '${WORLD.subAccountUin}'
    ownerUin: '${WORLD.ownerUin}'
    appId: '${WORLD.appId}'
    credentials: { from: file, path: media.yaml }
policyTableFile: table.yaml
upstream: { connect: { host: 127.0.0.1, port: ${upstreamPort} } }
limits:
  requestsPerSecondPerTenant: 100000
  concurrentRequestsPerTenant: 100000
  requestsPerSecondPerSource: 100000
  concurrentRequestsPerSource: 100000
  socketsPerPeer: 100000
`;

const FILES = {
  'issuer.secret': WORLD.issuerSecret,
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
