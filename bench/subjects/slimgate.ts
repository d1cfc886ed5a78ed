import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../middleware/serve.ts';
import { type Configuration, loadConfiguration } from '../../src/config/load.ts';
import type { PolicyTable } from '../../src/policy/policy-table.ts';
import { closeServices, createServices, type Services } from '../../src/services.ts';
import { fillJournal } from '../fill-journal.ts';
import { writeGatewayFiles } from '../gateway-files.ts';
import type { GatewaySetting } from '../gateway-setting.ts';
import { largeTable } from '../large-table.ts';
import type { RunningSubject } from './subject.ts';

/** The whole gateway, started from files as `slimgate start` does; it logs to standard output. */
export async function startSlimgate(
  upstreamPort: number,
  setting: GatewaySetting,
): Promise<RunningSubject> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-bench-'));
  const file = writeGatewayFiles(directory, upstreamPort, setting);
  const configuration = loadConfiguration(file, {});
  if (setting.journalRecords > 0) await leaveRecords(configuration, setting.journalRecords);

  const startedAt = performance.now();
  const table = largeTable(setting);
  const opened = await createServices(configuration);
  const services = table === null ? opened : withTable(opened, table);
  const served = await serve(services, configuration.settings);
  return {
    port: served.gateway.port,
    readyMs: performance.now() - startedAt,
    settled: () => indexed(services),
    async close() {
      await served.close();
      await closeServices(services);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The same services, deciding by a table that is in no database. */
function withTable(services: Services, table: PolicyTable): Services {
  const { policyTable } = services;
  return {
    ...services,
    policyTable: {
      current: () => table,
      status: () => policyTable.status(),
      adopt: (version) => policyTable.adopt(version),
      close: () => policyTable.close(),
    },
  };
}

/** A gateway that was here before and has left its journal. */
async function leaveRecords(configuration: Configuration, records: number): Promise<void> {
  const services = await createServices(configuration);
  await fillJournal(services.journal, records);
  await indexed(services);
  await closeServices(services);
}

const LOOK_AGAIN_MS = 10;
const MAX_INDEXING_MS = 120_000;

/** Wait until the database's index has all records of the journal. */
async function indexed({ indexer }: Services): Promise<void> {
  const endsAt = performance.now() + MAX_INDEXING_MS;
  while (indexer.status().behind > 0) {
    if (performance.now() > endsAt) throw new Error('the index does not catch up');
    await sleep(LOOK_AGAIN_MS);
  }
}
