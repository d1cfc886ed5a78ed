import { parentPort, workerData } from 'node:worker_threads';
import type { IndexNews } from './audit/indexer.ts';
import { beginningOf, indexUpTo } from './audit/indexing.ts';
import type { IndexThreadTask } from './index-thread.ts';
import { Secret } from './secret.ts';
import type { AuditCursor } from './store/audit-records.ts';
import { type IndexWriter, openIndexWriter } from './store/index-writer.ts';

// A thread of its own fills the index: it reads files and waits for the database, and no request
// does. It takes little of the program with it, since each thread has all of its code for itself.

// It was given by openIndexThread.
const { directory, journal, database } = workerData as IndexThreadTask;
const { kind, place } = database;
let writer: IndexWriter | null = null;
let cursor: AuditCursor | null = null;
let isStopped = false;
let working: Promise<void> = Promise.resolve();

parentPort?.on('message', (upTo: number | null) => {
  isStopped = upTo === null;
  working = upTo === null ? working.then(end) : work(upTo);
});

async function work(upTo: number): Promise<void> {
  try {
    const open = writer ?? (await openIndexWriter(databasePlace()));
    writer = open;
    cursor ??= (await open.cursorOf(journal)) ?? beginningOf(journal);
    say({ kind: 'indexed', seq: cursor.seq });
    cursor = await indexUpTo(cursor, {
      directory,
      upTo,
      async put(from, pieces) {
        const end = await open.add(from, pieces);
        say({ kind: 'indexed', seq: end.seq });
        return end;
      },
      isStopped: () => isStopped,
    });
    say({ kind: 'done' });
  } catch (error) {
    // Where the index is then, the database knows.
    cursor = null;
    say({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
  }
}

function databasePlace() {
  if (kind === 'sqlite') return { kind, path: place } as const;
  return { kind, url: new Secret(place) } as const;
}

function say(news: IndexNews): void {
  parentPort?.postMessage(news);
}

async function end(): Promise<void> {
  await writer?.close().catch(() => undefined);
  parentPort?.close();
}
