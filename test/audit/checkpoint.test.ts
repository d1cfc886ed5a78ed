import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Checkpoint, checkpointProblem, parseCheckpoint } from '../../src/audit/checkpoint.ts';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import {
  faultyFile,
  journalIn,
  linesOf,
  OPENING,
  recordsOf,
  temporaryDirectory,
  until,
} from '../support/journal.ts';
import { denial, intent } from '../support/journal-facts.ts';

async function checkpointsOf(directory: string): Promise<Checkpoint[]> {
  return (await linesOf(directory)).map(parseCheckpoint).filter((one) => one !== null);
}

describe('a checkpoint', () => {
  test('comes after so many records at most, however many are written at once', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory, { settings: { checkpointRecords: 10 } });
    await Promise.all(Array.from({ length: 95 }, () => journal.append(denial())));
    const kinds = (await recordsOf(directory)).slice(OPENING).map(({ kind }) => kind);
    const ends = kinds.flatMap((kind, index) => (kind === 'checkpoint' ? [index] : []));
    expect(ends).toEqual(Array.from({ length: 9 }, (_, index) => 10 + 11 * index));
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, unsigned: 5 });
  });

  test('comes after so many seconds when there is something new, and not otherwise', async () => {
    const directory = await temporaryDirectory();
    const told: Checkpoint[] = [];
    const journal = await journalIn(directory, {
      settings: { checkpointSeconds: 0.05 },
      onCheckpoint: (checkpoint) => told.push(checkpoint),
    });
    const { seq, hash } = await journal.append(denial());
    await until(() => told.length === 2);
    expect(told[1]).toMatchObject({ seq, hash });
    await setTimeout(200);
    expect(told).toHaveLength(2);
    expect(journal.status().head.seq).toBe(seq + 1);
  });

  test('is told once it is durable: on opening, in between, and as the last record of all', async () => {
    const directory = await temporaryDirectory();
    const told: Checkpoint[] = [];
    const options = {
      settings: { checkpointRecords: 5 },
      onCheckpoint: (checkpoint: Checkpoint) => told.push(checkpoint),
    };
    const journal = await journalIn(directory, options);
    for (let count = 0; count < 12; count += 1) await journal.append(denial());
    await journal.close();
    await (await journalIn(directory, options)).close();
    expect(told).toEqual(await checkpointsOf(directory));
    expect((await recordsOf(directory)).at(-1)).toMatchObject({ kind: 'checkpoint' });
    const keys = parsePublicKeys(await readFile(join(directory, 'audit-signing.pub.pem'), 'utf8'));
    expect(told.map((checkpoint) => checkpointProblem(checkpoint, keys))).toEqual(
      told.map(() => null),
    );
  });

  test('that could not be written is not told, and the next one vouches for what is there', async () => {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const told: Checkpoint[] = [];
    const journal = await journalIn(directory, {
      openFile,
      settings: { checkpointRecords: 1 },
      onCheckpoint: (checkpoint) => told.push(checkpoint),
    });
    const before = told.length;
    faults.afterWrite = () => {
      throw new Error('EIO');
    };
    const refused = [journal.append(intent()), journal.append(intent())];
    for (const { status } of await Promise.allSettled(refused)) expect(status).toBe('rejected');
    expect(told).toHaveLength(before);
    faults.afterWrite = () => undefined;
    await until(() => journal.status().isWritable);
    await journal.append(denial());
    await journal.close();
    expect(told).toEqual(await checkpointsOf(directory));
  });
});
