import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { journalIn, recordsOf, SEGMENT, temporaryDirectory } from '../support/journal.ts';
import { closing, denial, intent, NOW, requestFacts } from '../support/journal-facts.ts';
import { recordsIn, SECOND, SMALL, segmented, segmentsOf } from './segmented-journal.ts';

describe('a segment', () => {
  test('that has its size is followed by another: the chain and the numbers run on', async () => {
    const directory = await temporaryDirectory();
    await segmented(directory);
    const names = await segmentsOf(directory);
    expect(names.length).toBeGreaterThan(2);
    expect(names.slice(0, 2)).toEqual([SEGMENT, SECOND]);
    const { isIntact, records, openIntents } = await verifyJournal(directory);
    expect({ isIntact, openIntents }).toEqual({ isIntact: true, openIntents: [] });
    expect((await recordsOf(directory)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: records }, (_, index) => index + 1),
    );
    for (const name of names.slice(0, -1)) {
      const { size } = await stat(join(directory, name));
      expect(size).toBeGreaterThanOrEqual(SMALL.segmentBytes);
      expect(size).toBeLessThan(2 * SMALL.segmentBytes);
    }
  });

  test('begins with the journal’s id and its own number, and ends in a checkpoint', async () => {
    const directory = await temporaryDirectory();
    await segmented(directory);
    const ids = new Set<unknown>();
    for (const [index, name] of (await segmentsOf(directory)).entries()) {
      const records = await recordsIn(directory, name);
      expect(records[0]).toMatchObject({ kind: 'segment-opened', segment: index + 1 });
      expect(records.at(-1)).toMatchObject({ kind: 'checkpoint' });
      ids.add(records[0]?.journal);
    }
    expect(ids.size).toBe(1);
    const another = await temporaryDirectory();
    await segmented(another, 0);
    expect(ids).not.toContain((await recordsOf(another))[0]?.journal);
  });

  test('that is old enough is followed by another, and its age outlives a restart', async () => {
    const directory = await temporaryDirectory();
    let hours = 0;
    const options = {
      now: () => new Date(NOW.getTime() + hours * 3_600_000),
      settings: { segmentHours: 24 },
    };
    const first = await journalIn(directory, options);
    hours = 23;
    await first.append(denial());
    await first.close();
    expect(await segmentsOf(directory)).toHaveLength(1);
    hours = 24;
    const second = await journalIn(directory, options);
    await second.append(denial());
    expect(await segmentsOf(directory)).toHaveLength(2);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true });
  });

  test('is ended under load without a record lost or an append refused', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory, { settings: { segmentBytes: 50_000 } });
    const caller = async () => {
      for (let call = 0; call < 20; call += 1) {
        const request = requestFacts();
        await journal.append(intent(request));
        await journal.append(closing(request));
      }
    };
    await Promise.all(Array.from({ length: 32 }, caller));
    expect((await segmentsOf(directory)).length).toBeGreaterThan(5);
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
    const closings = (await recordsOf(directory)).filter(({ kind }) => kind === 'closing');
    expect(closings).toHaveLength(640);
  });
});

test('a journal that is closed where a segment would end, ends in a checkpoint', async () => {
  const directory = await temporaryDirectory();
  const journal = await journalIn(directory, { settings: { segmentBytes: 1 } });
  for (let count = 0; count < 3; count += 1) await journal.append(denial());
  await journal.close();
  expect((await recordsOf(directory)).slice(-2)).toMatchObject([
    { kind: 'journal-closed' },
    { kind: 'checkpoint' },
  ]);
  expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, unsigned: 0 });
});

describe('an intent that is open when its segment ends', () => {
  test('is named by each segment that follows, and closed with its facts after a crash', async () => {
    const [directory, copy] = [await temporaryDirectory(), await temporaryDirectory()];
    const request = requestFacts();
    const journal = await journalIn(directory, { settings: SMALL });
    const { seq } = await journal.append(intent(request));
    while ((await segmentsOf(directory)).length < 3) await journal.append(denial());
    // What a killed process leaves is what stands on the disk now.
    await cp(directory, copy, { recursive: true });
    const carried = { requestId: request.requestId, seq };
    const [header] = await recordsIn(copy, 'segment-00000003.jsonl');
    expect(header).toMatchObject({ kind: 'segment-opened', openIntents: [carried] });

    const recovered = await journalIn(copy, { settings: SMALL });
    expect(recovered.recovery.openIntents).toEqual([request.requestId]);
    await recovered.close();
    const pair = (await recordsOf(copy)).filter(({ requestId }) => requestId === request.requestId);
    expect(pair).toMatchObject([
      { kind: 'intent', seq },
      { kind: 'closing', outcome: 'unknown', code: 'recovered', tenant: { name: 'photos' } },
    ]);
    expect(await verifyJournal(copy)).toMatchObject({ isIntact: true, openIntents: [] });
  });

  test('puts the end off when there are too many of them, and the journal says so', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory, { settings: SMALL });
    const requests = Array.from({ length: 1_100 }, () => requestFacts());
    await Promise.all(requests.map((request) => journal.append(intent(request))));
    await journal.append(denial());
    expect(journal.status()).toMatchObject({ isWritable: true, warning: /1024 intents are open/ });
    expect(await segmentsOf(directory)).toHaveLength(1);
    await Promise.all(requests.map((request) => journal.append(closing(request))));
    while ((await segmentsOf(directory)).length < 2) await journal.append(denial());
    expect(journal.status().warning).toBeNull();
    await journal.close();
    expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, openIntents: [] });
  });
});
