import { rename } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type IndexNews, type IndexThread, startIndexer } from '../../src/audit/indexer.ts';
import { openIndexThread } from '../../src/index-thread.ts';
import { createAuditRecords } from '../../src/store/audit-records.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';
import { journalIn, recordsOf, temporaryDirectory } from '../support/journal.ts';
import { denial } from '../support/journal-facts.ts';

function startedIndexer(
  lastSeq: () => number,
  openThread: (onNews: (news: IndexNews) => void) => IndexThread,
) {
  const problems: (string | null)[] = [];
  const onStateChange = ({ problem }: { problem: string | null }) => problems.push(problem);
  const indexer = startIndexer({ lastSeq, openThread, onStateChange });
  onTestFinished(() => indexer.close());
  return { indexer, problems };
}

test.for(DATABASES)('a thread fills the index on %s while records are written', async (kind) => {
  const directory = await temporaryDirectory();
  const journal = await journalIn(directory);
  const database = await openedDatabase(await freshDatabase(kind));
  const options = { directory, journal: journal.id, database: database.place };
  const lastSeq = () => journal.status().head.seq;
  const { indexer } = startedIndexer(lastSeq, (onNews) => openIndexThread(options, onNews));
  for (let round = 0; round < 3; round += 1) {
    await journal.append(denial());
    await expect.poll(() => indexer.status(), { timeout: 20_000 }).toMatchObject({ behind: 0 });
  }
  const found = await createAuditRecords(database).find({}, { limit: 100, after: null });
  const written = (await recordsOf(directory)).filter(({ kind: of }) => of !== 'checkpoint');
  expect(found.map(({ seq }) => seq)).toEqual(written.map(({ seq }) => seq).reverse());
  expect(found.map(({ line }) => JSON.parse(line))).toEqual(written.reverse());
});

test('a database that is gone is a problem, is not made anew, and the index goes on with it', async () => {
  const directory = await temporaryDirectory();
  const journal = await journalIn(directory);
  const options = await freshDatabase('sqlite');
  const { place } = await openedDatabase(options);
  const path = place.kind === 'sqlite' ? place.path : '';
  await rename(path, `${path}.away`);
  const task = { directory, journal: journal.id, database: place };
  const { indexer, problems } = startedIndexer(
    () => journal.status().head.seq,
    (onNews) => openIndexThread(task, onNews),
  );
  await expect.poll(() => problems, { timeout: 20_000 }).toEqual(['unable to open database file']);
  await rename(`${path}.away`, path);
  await expect.poll(() => indexer.status(), { timeout: 20_000 }).toMatchObject({ behind: 0 });
  expect(problems.at(-1)).toBeNull();
});

test('no turn is given while one is under way, and a failed one is given again', async () => {
  const turns: number[] = [];
  let tell: (news: IndexNews) => void = () => undefined;
  const { indexer } = startedIndexer(
    () => 5,
    (onNews) => {
      tell = onNews;
      return { indexUpTo: (seq) => turns.push(seq), close: async () => undefined };
    },
  );
  await expect.poll(() => turns).toEqual([5]);
  tell({ kind: 'indexed', seq: 3 });
  tell({ kind: 'failed', problem: 'the disk is full' });
  expect(indexer.status()).toEqual({ indexed: 3, behind: 2, problem: 'the disk is full' });
  await expect.poll(() => turns, { timeout: 5_000 }).toEqual([5, 5]);
  tell({ kind: 'indexed', seq: 5 });
  tell({ kind: 'done' });
  expect(indexer.status()).toEqual({ indexed: 5, behind: 0, problem: null });
});
