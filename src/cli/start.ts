import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { serve } from '../../middleware/serve.ts';
import { type Configuration, loadConfiguration } from '../config/load.ts';
import { closeServices, createServices, type Services } from '../services.ts';
import type { Simulator } from '../simulator/create-simulator.ts';
import type { LocalCloud } from '../simulator/local-cloud.ts';
import { developmentBanner } from './banner.ts';
import { type ConfigurationOption, withConfiguration } from './configuration-option.ts';
import { createDevelopmentSecrets } from './development.ts';
import { onStopSignal } from './stop-signal.ts';
import { developmentToken } from './token-mint.ts';

export function addStart(command: Command): void {
  withConfiguration(command).action(start);
}

/** Run the gateway until it is told to stop; what was opened is closed in reverse order. */
async function start({ config }: ConfigurationOption): Promise<void> {
  createDevelopmentSecrets(config);
  const configuration = loadConfiguration(config, process.env);
  const opened = new AsyncDisposableStack();
  try {
    await open(configuration, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
  onStopSignal(() => opened.disposeAsync());
}

async function open(configuration: Configuration, opened: AsyncDisposableStack): Promise<void> {
  const { settings, localCloudText, stateDirectory } = configuration;
  const cloud = localCloudText === null ? null : await readLocalCloud(localCloudText);
  const simulator = cloud && (await startSimulator(configuration, cloud));
  opened.defer(() => simulator?.close());
  const services = await createServices(configuration, simulator ? { connect: simulator } : {});
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
