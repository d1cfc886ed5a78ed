import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openJournal } from '../../src/audit/journal.ts';
import type { RecordFacts } from '../../src/audit/record.ts';
import { createRecordWriter } from '../../src/audit/record-text.ts';

/** A way to make a record durable. */
export interface Writer {
  /** Resolves when the record would outlive a loss of power. */
  append(record: RecordFacts): Promise<unknown>;
  close(): Promise<void>;
}

const SETTINGS = {
  segmentBytes: 67_108_864,
  segmentHours: 24,
  checkpointRecords: 1_000,
  checkpointSeconds: 60,
};

/** What is compared, a row each; every way writes the same members. */
export const WRITERS: Readonly<Record<string, (directory: string) => Promise<Writer>>> = {
  'the journal': (directory) =>
    openJournal({
      directory: join(directory, 'journal'),
      keyDirectory: directory,
      settings: SETTINGS,
      now: () => new Date(),
    }),

  'one sync for each record': async (directory) => {
    const file = await open(join(directory, 'log.jsonl'), 'a');
    const write = createRecordWriter();
    let last: Promise<unknown> = Promise.resolve();
    return {
      append(record) {
        last = last.then(async () => {
          await file.write(`{${write(record).members.join('')}\n`);
          await file.datasync();
        });
        return last;
      },
      close: () => file.close(),
    };
  },

  '`node:sqlite`, WAL, `synchronous=FULL`': async (directory) => {
    const database = new DatabaseSync(join(directory, 'log.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('CREATE TABLE records (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)');
    const insert = database.prepare('INSERT INTO records (line) VALUES (?)');
    const write = createRecordWriter();
    return {
      append: async (record) => insert.run(`{${write(record).members.join('')}`),
      close: async () => database.close(),
    };
  },
};
