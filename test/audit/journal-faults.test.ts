import { appendFile, copyFile, readFile, rename, rm, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Journal, JournalStatus } from '../../src/audit/journal.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import {
  eventsOf,
  faultyFile,
  journalIn,
  OPENING,
  recordsOf,
  SEGMENT,
  temporaryDirectory,
  until,
} from '../support/journal.ts';
import { closing, denial, intent, NOW, REFUSED, requestFacts } from '../support/journal-facts.ts';

const UNAVAILABLE = {
  name: 'GatewayError',
  code: 'audit-unavailable',
  status: 503,
  headers: { 'retry-after': '1' },
};

async function rejection(journal: Journal): Promise<void> {
  await expect(journal.append(intent())).rejects.toMatchObject(UNAVAILABLE);
}

describe('when the segment is not in its place, nothing is said to be recorded:', () => {
  test.each<{ name: string; damage: (path: string) => Promise<unknown>; problem: RegExp }>([
    { name: 'it was unlinked', damage: unlink, problem: /no longer at its path/ },
    {
      name: 'another file stands there',
      damage: async (path) => {
        await copyFile(path, `${path}.copy`);
        await rename(`${path}.copy`, path);
      },
      problem: /another file/,
    },
    {
      name: 'the whole directory is gone',
      damage: (path) => rm(join(path, '..'), { recursive: true }),
      problem: /no longer at its path/,
    },
    { name: 'it was emptied', damage: (path) => truncate(path), problem: /has 0 bytes/ },
    {
      name: 'somebody wrote into it',
      damage: (path) => appendFile(path, 'x'),
      problem: /bytes in place of/,
    },
  ])('$name', async ({ damage, problem }) => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    const head = await journal.append(intent());
    await damage(join(directory, SEGMENT));
    await rejection(journal);
    expect(journal.status()).toMatchObject({ isWritable: false, head });
    expect(journal.status().problem).toMatch(problem);
    // Trying again does not help as long as the file is not back; the second try ends the first.
    const { opens } = faults;
    await until(() => faults.opens >= opens + 2);
    await rejection(journal);
  });

  test('and when it is put back, the chain goes on without a restart', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, SEGMENT);
    const states: JournalStatus[] = [];
    const journal = await journalIn(directory, { onStateChange: (state) => states.push(state) });
    const { seq } = await journal.append(denial());
    await rename(path, `${path}.moved`);
    await rejection(journal);
    journal.note({ kind: 'refusals-skipped', count: 5, since: NOW });
    await rename(`${path}.moved`, path);
    await until(() => journal.status().isWritable);
    await journal.append(denial());
    expect((await recordsOf(directory)).slice(seq)).toMatchObject([
      { kind: 'journal-recovered', since: NOW.toISOString(), lost: 0 },
      { kind: 'refusals-skipped', count: 5 },
      { kind: 'closing' },
    ]);
    expect(states.map(({ isWritable }) => isWritable)).toEqual([false, true]);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
  });
});

describe('when a sync fails', () => {
  async function failingJournal() {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const states: boolean[] = [];
    const journal = await journalIn(directory, {
      openFile,
      onStateChange: ({ isWritable }) => states.push(isWritable),
    });
    const fail = () => {
      faults.afterWrite = () => {
        throw new Error('EIO: i/o error, fdatasync');
      };
    };
    const heal = () => {
      faults.afterWrite = () => undefined;
    };
    return { directory, journal, faults, states, fail, heal };
  }

  test('all who wait are refused, their intents are not in the journal, closings and notes are', async () => {
    const { directory, journal, fail, heal } = await failingJournal();
    const request = requestFacts();
    const { seq } = await journal.append(intent(request));
    fail();
    const refused = [
      journal.append(intent()),
      journal.append(closing(request)),
      journal.append(intent()),
    ];
    journal.note(denial());
    for (const { reason } of await rejectionsOf(refused)) expect(reason).toMatchObject(UNAVAILABLE);
    expect(journal.status()).toMatchObject({ isWritable: false, problem: /EIO/, head: { seq } });
    await expect(journal.append(denial())).rejects.toMatchObject(UNAVAILABLE);
    heal();
    await until(() => journal.status().isWritable);
    await journal.append(intent());
    expect((await recordsOf(directory)).slice(seq)).toMatchObject([
      { kind: 'journal-recovered', problem: 'EIO: i/o error, fdatasync' },
      { kind: 'closing', requestId: request.requestId, outcome: 'applied' },
      { kind: 'closing', outcome: 'refused' },
      { kind: 'closing', outcome: 'refused' },
      { kind: 'intent' },
    ]);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
  });

  test('the journal is not called writable before a record is durable again', async () => {
    const { directory, journal, faults, states, fail, heal } = await failingJournal();
    fail();
    await rejection(journal);
    const size = (await readFile(join(directory, SEGMENT))).length;
    const { syncs } = faults;
    await until(() => faults.syncs >= syncs + 2);
    expect(journal.status().isWritable).toBe(false);
    heal();
    await until(() => journal.status().isWritable);
    expect((await readFile(join(directory, SEGMENT))).length).toBeLessThan(size);
    expect(states).toEqual([false, true]);
  });

  test('and the journal is closed, what was held is written if it can be', async () => {
    const { directory, journal, fail, heal } = await failingJournal();
    fail();
    journal.note(denial());
    await until(() => !journal.status().isWritable);
    heal();
    await journal.close();
    const kinds = (await eventsOf(directory)).map(({ kind }) => kind);
    expect(kinds).toEqual(['journal-opened', 'journal-recovered', 'closing', 'journal-closed']);
  });

  test('and goes on failing, closing ends all the same and counts what is lost', async () => {
    const { directory, journal, fail } = await failingJournal();
    fail();
    journal.note(denial());
    await until(() => !journal.status().isWritable);
    await journal.close();
    expect(journal.status()).toMatchObject({ isWritable: false, lost: 1 });
    const again = await journalIn(directory);
    expect(again.recovery.openIntents).toEqual([]);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
  });
});

async function rejectionsOf(promises: Promise<unknown>[]): Promise<PromiseRejectedResult[]> {
  const settled = await Promise.allSettled(promises);
  const rejected = settled.filter(({ status }) => status === 'rejected');
  expect(rejected).toHaveLength(promises.length);
  return rejected as PromiseRejectedResult[];
}

describe('when a sync takes too long', () => {
  async function slowJournal() {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile, commitTimeoutMs: 300 });
    const gate = Promise.withResolvers<void>();
    const { syncs } = faults;
    faults.afterWrite = () => (faults.syncs === syncs + 1 ? gate.promise : undefined);
    return { directory, journal, gate };
  }

  test('all who wait are refused while it runs, and it says so until the sync returns', async () => {
    const { directory, journal, gate } = await slowJournal();
    const request = requestFacts();
    const late = journal.append(intent(request));
    await setTimeout(20);
    const behind = journal.append(intent());
    for (const { reason } of await rejectionsOf([late, behind])) {
      expect(reason).toMatchObject(UNAVAILABLE);
    }
    expect(journal.status()).toMatchObject({ isWritable: false, head: { seq: OPENING } });
    await rejection(journal);
    // The gateway closes the request that it has refused: the intent may be on disk.
    journal.note({ kind: 'closing', request, closing: { ...REFUSED, status: 503 } });
    gate.resolve();
    await until(() => journal.status().isWritable);
    await journal.append(denial());
    expect(await eventsOf(directory)).toMatchObject([
      { kind: 'journal-opened' },
      { kind: 'intent', requestId: request.requestId },
      { kind: 'closing', requestId: request.requestId, outcome: 'refused' },
      { kind: 'journal-recovered' },
      { kind: 'closing' },
    ]);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
  });

  test('and fails then, its records are cut off', async () => {
    const { directory, journal, gate } = await slowJournal();
    await rejection(journal);
    gate.reject(new Error('EIO'));
    await until(() => journal.status().isWritable);
    const kinds = (await eventsOf(directory)).map(({ kind }) => kind);
    expect(kinds).toEqual(['journal-opened', 'journal-recovered']);
  });
});
