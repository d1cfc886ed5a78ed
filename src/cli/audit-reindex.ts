import { join } from 'node:path';
import { reindex } from '../audit/indexing.ts';
import { asKind, firstRecord, segmentNames } from '../audit/segment-files.ts';
import { loadConfiguration } from '../config/load.ts';
import { ConfigurationError } from '../errors.ts';
import { closeDatabase, openDatabase } from '../store/database.ts';
import { openIndexWriter } from '../store/index-writer.ts';
import type { ConfigurationOption } from './configuration-option.ts';

/** Make the index of the gateway's journal anew, beside the gateway or not. */
export async function rebuildIndex({ config }: ConfigurationOption): Promise<void> {
  const { databaseUrl: url, stateDirectory } = loadConfiguration(config, process.env);
  const directory = join(stateDirectory, 'journal');
  const [name = ''] = await segmentNames(directory);
  const journal = asKind(await firstRecord(join(directory, name)), 'segment-opened')?.journal;
  if (journal === undefined) {
    throw new ConfigurationError(directory, ['its first segment does not say which journal it is']);
  }
  const database = await openDatabase({ url, stateDirectory, isInThread: false });
  try {
    await using opened = new AsyncDisposableStack();
    const writer = opened.adopt(await openIndexWriter(database.place), (one) => one.close());
    const count = await reindex(directory, journal, writer);
    process.stdout.write(`journal ${journal} is in the index up to record ${count}\n`);
  } finally {
    await closeDatabase(database);
  }
}
