import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../middleware/serve.ts';
import { type Configuration, loadConfiguration } from '../config/load.ts';
import { closeServices, createServices, type Services } from '../services.ts';
import { createSimulator, type Simulator } from '../simulator/create-simulator.ts';
import { type LocalCloud, parseLocalCloud } from '../simulator/local-cloud.ts';
import { developmentBanner } from './banner.ts';
import type { ConfigurationOption } from './config.ts';
import { createDevelopmentSecrets } from './development.ts';
import { onStopSignal } from './stop-signal.ts';
import { developmentToken } from './token.ts';

/** Run the gateway until it is told to stop. */
export async function start({ config }: ConfigurationOption): Promise<void> {
  createDevelopmentSecrets(config);
  const configuration = loadConfiguration(config, process.env);
  const { settings, localCloudText, stateDirectory } = configuration;
  const cloud = localCloudText === null ? null : parseLocalCloud(localCloudText);
  const simulator = cloud && (await startSimulator(configuration, cloud));
  const services = await createServices(configuration, simulator ? { connect: simulator } : {});
  const served = await serve(services, settings);

  const { gateway, admin } = served;
  if (settings.mode === 'development') {
    writeDevelopmentTokens(configuration, services);
    const buckets = cloud?.buckets ?? [];
    const places = { gateway, admin, simulator, stateDirectory, buckets };
    process.stdout.write(developmentBanner(places, services));
  }
  services.log.info({ gateway, admin, mode: settings.mode }, 'ready');

  onStopSignal(async () => {
    services.log.info('stopping');
    await served.close();
    await closeServices(services);
    await simulator?.close();
  });
}

function startSimulator(
  { settings, stateDirectory }: Configuration,
  cloud: LocalCloud,
): Promise<Simulator> {
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
