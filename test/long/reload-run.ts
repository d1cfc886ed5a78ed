import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../../middleware/serve.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import { operatorsLog } from '../../src/operators-log.ts';
import type { Secret } from '../../src/secret.ts';
import { closeServices, createServices } from '../../src/services.ts';
import { openDatabase } from '../../src/store/database.ts';
import { ADMIN_TABLE } from '../support/admin.ts';
import { readJournal, writeFiles } from '../support/gateway.ts';
import { postgresServer } from '../support/postgres-server.ts';
import { NO_LIMITS, type ReloadNode, reloadRun } from '../support/reload-run.ts';

/** `npm run reload-run -- --changes 1000 --database postgres`: change the table under load. */
const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '1000' },
    database: { type: 'string', default: 'postgres' },
  },
});
const upstream = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1');
await once(upstream, 'listening');
const { port } = upstream.address() as AddressInfo; // It listens on TCP.
const shared = mkdtempSync(join(tmpdir(), 'slimgate-reload-'));
const url =
  values.database === 'postgres' ? (await (await postgresServer()).createDatabase()).url : null;
const nodes = [await startNode('first', url), await startNode('second', url)] as const;
const report = await reloadRun(nodes, {
  changes: Number(values.changes),
  callsPerSecond: 200,
  pauseMs: 40,
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const isKept = report.mixed + report.unnamed + report.strange === 0 && report.latestMs <= 1_000;
for (const { close } of nodes) await close();
rmSync(shared, { recursive: true, force: true });
process.exit(isKept ? 0 : 1);

async function startNode(
  name: string,
  databaseUrl: Secret | null,
): Promise<ReloadNode & { close(): Promise<void> }> {
  const directory = mkdtempSync(join(shared, name));
  writeFiles(directory, { table: ADMIN_TABLE, limits: NO_LIMITS });
  const configuration = loadConfiguration(join(directory, 'gateway.yaml'), {});
  const services = await createServices(configuration, {
    log: operatorsLog('error'),
    connect: { host: '127.0.0.1', port },
    database: await openDatabase({ url: databaseUrl, stateDirectory: shared }),
  });
  const served = await serve(services, configuration.settings);
  const [issuer] = configuration.issuers;
  if (issuer === undefined) throw new Error('the configuration has an issuer');
  return {
    url: `http://127.0.0.1:${served.gateway.port}`,
    adminUrl: `http://127.0.0.1:${served.admin.port}`,
    token: (tenant) =>
      mintToken(issuer, { tenant, lifetimeSeconds: 3600, now: new Date(), tokenId: 'reload-run' }),
    records: () => readJournal(join(directory, 'var', 'journal')),
    async close() {
      await served.close();
      await closeServices(services);
    },
  };
}
