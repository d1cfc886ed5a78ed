import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../middleware/serve.ts';
import type { Configuration } from '../config/load.ts';
import { closeServices, createServices, type Services } from '../services.ts';
import type { Simulator } from '../simulator/create-simulator.ts';
import type { LocalCloud } from '../simulator/local-cloud.ts';
import type { SqlConnection } from '../store/sql-connection.ts';
import { developmentBanner } from './banner.ts';
import { developmentToken } from './token-mint.ts';

export interface GatewayParts {
  readonly configuration: Configuration;
  /** Begun already; undefined: the database is another. */
  readonly sqlite: Promise<SqlConnection> | undefined;
}

/** Bring a gateway into service; what has to be closed again is deferred on `opened`. */
export async function openGateway(
  { configuration, sqlite }: GatewayParts,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { settings, localCloudText, stateDirectory } = configuration;
  const cloud = localCloudText === null ? null : await readLocalCloud(localCloudText);
  const simulator = cloud && (await startSimulator(configuration, cloud));
  opened.defer(() => simulator?.close());
  const services = await createServices(configuration, {
    sqlite,
    ...(simulator && { connect: simulator }),
  });
  opened.defer(() => closeServices(services));
  const served = await serve(services, settings);
  opened.defer(() => served.close());

  const { gateway, admin } = served;
  if (settings.mode === 'development') {
    writeDevelopmentTokens(configuration, services);
    const buckets = cloud?.buckets ?? [];
    const places = { gateway, admin, simulator, stateDirectory, buckets };
    process.stdout.write(developmentBanner(places, services));
  }
  services.log.info({ gateway, admin, mode: settings.mode }, 'ready');
  opened.defer(() => services.log.info('stopping'));
}

// A gateway before the real cloud loads nothing of the local one.

async function readLocalCloud(text: string): Promise<LocalCloud> {
  const { parseLocalCloud } = await import('../simulator/local-cloud.ts');
  return parseLocalCloud(text);
}

async function startSimulator(
  { settings, stateDirectory }: Configuration,
  cloud: LocalCloud,
): Promise<Simulator> {
  const { createSimulator } = await import('../simulator/create-simulator.ts');
  return createSimulator({
    ...settings.simulator,
    cloud,
    stateDirectory: join(stateDirectory, 'cloud-infinite'),
  });
}

const TOKEN_LIFETIME_SECONDS = 12 * 60 * 60;

/** A token for each tenant, in files for their owner alone, so that none has to be printed. */
function writeDevelopmentTokens(configuration: Configuration, { policyTable }: Services): void {
  const directory = join(configuration.stateDirectory, 'tokens');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const tenant of policyTable.current().subAccountOf.keys()) {
    const token = developmentToken(configuration, tenant, TOKEN_LIFETIME_SECONDS);
    writeFileSync(join(directory, `${tenant}.jwt`), token, { mode: 0o600 });
  }
}
