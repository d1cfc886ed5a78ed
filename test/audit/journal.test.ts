import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { MAX_WAITING_RECORDS } from '../../src/audit/batch.ts';
import type { RequestFacts } from '../../src/audit/record.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import {
  faultyFile,
  journalIn,
  linesOf,
  OPENING,
  recordsOf,
  SEGMENT,
  temporaryDirectory,
} from '../support/journal.ts';
import { closing, denial, intent, requestFacts } from '../support/journal-facts.ts';
import { SETTINGS } from '../support/journal-settings.ts';

describe('a journal', () => {
  test('has a record in the file, synced, when its append resolves', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    const syncs = faults.syncs;
    const position = await journal.append(intent());
    expect(faults.syncs).toBe(syncs + 1);
    expect(position.seq).toBe(OPENING + 1);
    expect(journal.status()).toEqual({
      isWritable: true,
      problem: null,
      warning: null,
      head: position,
      lost: 0,
    });
    const { head } = await verifyJournal(directory);
    expect(head).toEqual(position);
  });

  test('records its own opening and closing with the program’s version', async () => {
    const directory = await temporaryDirectory();
    await (await journalIn(directory, { version: '1.2.3' })).close();
    const journal = await journalIn(directory);
    expect(journal.recovery).toEqual({ records: 5, tailBytes: 0, openIntents: [] });
    expect(await recordsOf(directory)).toMatchObject([
      { seq: 1, kind: 'segment-opened', segment: 1, openIntents: [] },
      { seq: 2, kind: 'journal-opened', version: '1.2.3', records: 0 },
      { seq: 3, kind: 'checkpoint', head: { seq: 2 } },
      { seq: 4, kind: 'journal-closed', lost: 0 },
      { seq: 5, kind: 'checkpoint', head: { seq: 4 } },
      { seq: 6, kind: 'journal-opened', version: null, records: 5, tailBytes: 0, openIntents: 0 },
      { seq: 7, kind: 'checkpoint', head: { seq: 6 } },
    ]);
  });

  test('keeps appends and notes in the order in which they came', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory);
    const requests = Array.from({ length: 40 }, () => requestFacts());
    const appended = requests.map((request, index) => {
      journal.note({ kind: 'refusals-skipped', count: index, since: new Date(0) });
      return journal.append(intent(request));
    });
    const positions = await Promise.all(appended);
    expect(positions.map(({ seq }) => seq)).toEqual(
      requests.map((_, index) => OPENING + 2 + 2 * index),
    );
    const records = (await recordsOf(directory)).slice(OPENING);
    requests.forEach(({ requestId }, index) => {
      expect(records[2 * index]).toMatchObject({ kind: 'refusals-skipped', count: index });
      expect(records[1 + 2 * index]).toMatchObject({ requestId });
    });
  });

  test('keeps a record as it was when it came, whatever becomes of its facts', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory);
    const modes = ['API'];
    const facts = requestFacts();
    const operation = { ...facts.operation, modes } as RequestFacts['operation'];
    const appended = journal.append(intent({ ...facts, operation }));
    modes.push('Auto');
    await appended;
    expect((await recordsOf(directory))[OPENING]).toHaveProperty('operation.modes', ['API']);
  });

  test('writes what waits before it closes, and nothing after', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory);
    for (let count = 0; count < 100; count += 1) journal.note(denial());
    await Promise.all([journal.close(), journal.close()]);
    expect(await linesOf(directory)).toHaveLength(OPENING + 102);
    const size = (await readFile(join(directory, SEGMENT))).length;
    journal.note(denial());
    await expect(journal.append(intent())).rejects.toMatchObject({ code: 'audit-unavailable' });
    expect(journal.status()).toMatchObject({ isWritable: false, lost: 1 });
    expect((await readFile(join(directory, SEGMENT))).length).toBe(size);
    expect(await verifyJournal(directory)).toMatchObject({
      isIntact: true,
      records: OPENING + 102,
    });
  });

  test('counts a note that cannot be made into a record, and does not throw', async () => {
    const journal = await journalIn(await temporaryDirectory());
    const broken = { ...requestFacts(), receivedAt: 7n } as unknown as RequestFacts;
    journal.note(closing(broken));
    expect(journal.status().lost).toBe(1);
    await expect(journal.append(closing(broken))).rejects.toThrow(TypeError);
    expect(journal.status().isWritable).toBe(true);
  });
});

describe('group commit', () => {
  test('lets 64 appenders share syncs', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    const syncs = faults.syncs;
    let left = 1920;
    const appender = async () => {
      for (; left > 0; left -= 1) await journal.append(denial());
    };
    await Promise.all(Array.from({ length: 64 }, appender));
    expect(journal.status().head.seq).toBeGreaterThanOrEqual(1920);
    expect(faults.syncs - syncs).toBeLessThan(1920 / 16);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
  });

  test('settles nothing before its own sync, and gathers what comes while one runs', async () => {
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(await temporaryDirectory(), { openFile });
    const syncs = faults.syncs;
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    faults.afterWrite = () => gates[faults.syncs - syncs - 1]?.promise;
    const settled: string[] = [];
    const append = (name: string) => journal.append(denial()).then(() => settled.push(name));
    const first = append('first');
    while (faults.syncs === syncs) await setImmediate();
    const second = [append('second'), append('third')];
    gates[0]?.resolve();
    await first;
    while (faults.syncs < syncs + 2) await setImmediate();
    expect(settled).toEqual(['first']);
    gates[1]?.resolve();
    await Promise.all(second);
    expect(settled).toEqual(['first', 'second', 'third']);
    expect(faults.syncs).toBe(syncs + 2);
  });

  test('leaves the event loop free while the disk is slow', async () => {
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(await temporaryDirectory(), { openFile });
    const gate = Promise.withResolvers<void>();
    faults.afterWrite = () => gate.promise;
    const appended = journal.append(intent());
    let turns = 0;
    while (turns < 1000) {
      await setImmediate();
      turns += 1;
    }
    gate.resolve();
    expect((await appended).seq).toBe(OPENING + 1);
  });

  test('pushes back when too many records wait, and loses none that it has taken', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    const syncs = faults.syncs;
    const gate = Promise.withResolvers<void>();
    faults.afterWrite = () => gate.promise;
    const first = journal.append(intent());
    while (faults.syncs === syncs) await setImmediate();
    const record = { kind: 'refusals-skipped', count: 1, since: new Date(0) } as const;
    const taken = Array.from({ length: MAX_WAITING_RECORDS }, () => journal.append(record));
    await expect(journal.append(intent())).rejects.toMatchObject({
      code: 'audit-unavailable',
      headers: { 'retry-after': '1' },
    });
    journal.note(record);
    expect(journal.status()).toMatchObject({ isWritable: true, lost: 1 });
    gate.resolve();
    await Promise.all([first, ...taken]);
    const { records } = await verifyJournal(directory);
    const checkpoints = Math.floor(MAX_WAITING_RECORDS / SETTINGS.checkpointRecords);
    expect(records).toBe(OPENING + 1 + MAX_WAITING_RECORDS + checkpoints);
  });

  test('writes on where a short write stopped', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    faults.bytesPerWrite = 100;
    await Promise.all([journal.append(intent()), journal.append(intent())]);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, records: OPENING + 2 });
  });
});
