import type { Command } from 'commander';
import { type Configuration, loadConfiguration, readSettings } from '../config/load.ts';
import { beginSqlite } from '../store/begin-sqlite.ts';
import type { SqlConnection } from '../store/sql-connection.ts';
import { type ConfigurationOption, withConfiguration } from './configuration-option.ts';
import { createDevelopmentSecrets } from './development.ts';
import { linkQuickly } from './link-quickly.ts';
import { onStopSignal } from './stop-signal.ts';

export function addStart(command: Command): void {
  withConfiguration(command).action(start);
}

/** Run the gateway until it is told to stop; what was opened is closed in reverse order. */
async function start({ config }: ConfigurationOption): Promise<void> {
  const settings = readSettings(config);
  createDevelopmentSecrets(config, settings);
  const configuration = loadConfiguration(config, process.env, settings);
  const opened = new AsyncDisposableStack();
  try {
    // SQLite's thread opens its file while the gateway is loaded.
    const sqlite = begin(configuration, opened);
    const { openGateway } = await linkQuickly(() => import('./open-gateway.ts'));
    await openGateway({ configuration, sqlite }, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
  onStopSignal(() => opened.disposeAsync());
}

function begin(
  { databaseUrl, stateDirectory }: Configuration,
  opened: AsyncDisposableStack,
): Promise<SqlConnection> | undefined {
  if (databaseUrl !== null) return undefined;
  const sqlite = beginSqlite(stateDirectory);
  // Whoever waits for it is told why it could not be opened.
  const settled = sqlite.catch(() => null);
  opened.defer(async () => (await settled)?.close());
  return sqlite;
}
