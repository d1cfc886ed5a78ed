import { existsSync } from 'node:fs';
import { access, constants, open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockJournal } from '../../audit/lock.ts';
import { ConfigurationError } from '../../errors.ts';
import { type Finding, fail, ok, warn, wordsOf } from './finding.ts';

const MEGABYTE = 1024 * 1024;
const FEW_MEGABYTES = 1024;
const TOO_FEW_MEGABYTES = 64;
/** Each change waits for at least two of them. */
const SLOW_SYNC_MS = 50;

/** Whether what is written here stays, whether there is room for it, and who writes the journal. */
export async function checkStateDirectory(directory: string): Promise<readonly Finding[]> {
  if (!existsSync(directory)) return [await checkPlace(directory)];
  return [await checkSync(directory), await checkSpace(directory), await checkLock(directory)];
}

/** `slimgate start` makes the directory: it must be able to. */
async function checkPlace(directory: string): Promise<Finding> {
  let parent = dirname(directory);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    await access(parent, constants.W_OK);
    return ok('state directory', `${directory} is not there yet; \`slimgate start\` makes it`);
  } catch {
    return fail(
      'state directory',
      `${directory} is not there, and ${parent} cannot be written`,
      'make it, owned by the user that the gateway runs as',
    );
  }
}

/** As the journal does it: a file and its directory are synced. */
async function checkSync(directory: string): Promise<Finding> {
  const file = join(directory, `.doctor-${process.pid}`);
  try {
    const startedAt = performance.now();
    await writeSynced(file, directory);
    const tookMs = Math.ceil(performance.now() - startedAt);
    const seen = `${directory} keeps what is synced, in ${tookMs} ms`;
    if (tookMs < SLOW_SYNC_MS) return ok('durability', seen);
    return warn('durability', seen, 'each change waits for this: use a faster disk');
  } catch (error) {
    const remedy = 'changes would be refused: give the gateway a directory that it can write';
    return fail('durability', wordsOf(error), remedy);
  } finally {
    await rm(file, { force: true });
  }
}

async function writeSynced(file: string, directory: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile('doctor\n');
    await handle.sync();
  } finally {
    await handle.close();
  }
  const place = await open(directory, 'r');
  try {
    await place.sync();
  } finally {
    await place.close();
  }
}

async function checkSpace(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const megabytes = Math.floor((bavail * bsize) / MEGABYTE);
  const seen = `${megabytes} MiB are free`;
  if (megabytes < TOO_FEW_MEGABYTES) {
    return fail('disk space', seen, 'changes are refused when the disk is full: make room');
  }
  if (megabytes < FEW_MEGABYTES) return warn('disk space', seen, 'make room for the journal');
  return ok('disk space', seen);
}

async function checkLock(directory: string): Promise<Finding> {
  const journal = join(directory, 'journal');
  if (!existsSync(join(journal, 'journal.lock'))) {
    return ok('journal', 'there is none yet; `slimgate start` makes it');
  }
  try {
    (await lockJournal(journal)).release();
    return ok('journal', 'no process writes it');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const holder = /last signed by: (.*)$/.exec(error.problems.join())?.[1] ?? 'not known';
    return ok('journal', `a gateway is running and writes it: ${holder}`);
  }
}
