import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JournalPosition } from '../../src/audit/chain.ts';
import type { RecordFacts } from '../../src/audit/record.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { SEGMENT, temporaryDirectory, writeSegment } from '../support/journal.ts';
import {
  APPLIED,
  closing,
  denial,
  intent,
  NOW,
  pairs,
  requestFacts,
  textOf,
  written,
} from '../support/journal-facts.ts';
import { COUNT, edited, JOURNAL, rechained, withMember } from './forged-journal.ts';

async function verified(content: string | Buffer, head?: JournalPosition) {
  const directory = await temporaryDirectory();
  await writeSegment(directory, content);
  return verifyJournal(directory, {
    witnesses: head === undefined ? [] : [{ kind: 'head', head }],
  });
}

describe('verification', () => {
  test('of an untouched journal tells its head and its open intents', async () => {
    const open = requestFacts();
    const { lines, head } = written([...pairs(2), intent(open), denial()]);
    expect(await verified(textOf(lines), head)).toEqual({
      isIntact: true,
      journal: null,
      segments: 1,
      records: 8,
      head,
      firstBad: null,
      pruned: null,
      openIntents: [{ requestId: open.requestId, seq: 7 }],
      checkpoints: 0,
      lastCheckpoint: null,
      unsigned: 8,
      unfinishedBytes: 0,
      witnesses: [{ problem: null }],
    });
  });

  test('takes a known place that the journal has grown beyond', async () => {
    expect(await verified(textOf(JOURNAL.lines), JOURNAL.positions[4])).toMatchObject({
      isIntact: true,
      head: JOURNAL.head,
    });
  });

  test('tells of a line that is being written, and does not take it for damage', async () => {
    const torn = textOf(JOURNAL.lines).slice(0, -100);
    expect(await verified(torn)).toMatchObject({
      isIntact: true,
      records: COUNT - 1,
      unfinishedBytes: Buffer.byteLength(JOURNAL.lines.at(-1) ?? '') - 99,
    });
    expect((await verified(torn, JOURNAL.head)).firstBad).toMatchObject({ seq: COUNT });
  });

  test('names segment, line and record', async () => {
    const report = await verified(edited(5, (line) => withMember(line, 'method', 'DELETE')));
    expect(report.firstBad).toEqual({
      segment: SEGMENT,
      line: 5,
      seq: 5,
      problem: 'not the record that the next one continues',
    });
  });

  test('without a known head does not see a cut tail, a new last record or a chain made anew', async () => {
    const cut = await verified(textOf(JOURNAL.lines.slice(0, -3)));
    const last = await verified(edited(COUNT, (line) => withMember(line, 'status', 299)));
    const anew = await verified(rechained(3));
    expect([cut.isIntact, last.isIntact, anew.isIntact]).toEqual([true, true, true]);
  });

  test.each<{ name: string; records: () => RecordFacts[]; seq: number; problem: string }>([
    {
      name: 'a change without an intent',
      records: () => [denial(), closing()],
      seq: 2,
      problem: 'a change without an intent',
    },
    {
      name: 'a second closing of an intent',
      records: () => {
        const request = requestFacts();
        const again = { ...APPLIED, outcome: 'not_applied' } as const;
        return [intent(request), closing(request), { kind: 'closing', request, closing: again }];
      },
      seq: 3,
      problem: 'of a request that was closed before',
    },
    {
      name: 'an intent of a closed request',
      records: () => {
        const request = requestFacts();
        return [intent(request), closing(request), intent(request)];
      },
      seq: 3,
      problem: 'of a request that was closed before',
    },
    {
      name: 'a second intent of one request',
      records: () => {
        const request = requestFacts();
        return [intent(request), intent(request)];
      },
      seq: 2,
      problem: 'a second intent of one request',
    },
  ])('finds $name', async ({ records, seq, problem }) => {
    const report = await verified(textOf(written(records()).lines));
    expect(report.firstBad).toMatchObject({ seq, problem });
  });

  test('takes closings without an intent where nothing was to change', async () => {
    const operation = requestFacts().operation;
    if (operation === null) throw new Error('an operation is needed');
    const read = requestFacts({ operation: { ...operation, name: 'describe' } });
    const dryRun = requestFacts({ operation: { ...operation, isDryRun: true } });
    const refused = { ...APPLIED, outcome: 'refused', status: 503 } as const;
    const { lines } = written([
      closing(read),
      closing(dryRun),
      { kind: 'closing', request: requestFacts(), closing: refused },
      { kind: 'refusals-skipped', count: 3, since: NOW },
    ]);
    expect(await verified(textOf(lines))).toMatchObject({ isIntact: true, records: 4 });
  });

  test.each<{ name: string; make: (directory: string) => Promise<unknown>; problem: RegExp }>([
    {
      name: 'no directory',
      make: (directory) => rm(directory, { recursive: true }),
      problem: /ENOENT/,
    },
    { name: 'no segment', make: async () => undefined, problem: /it is missing/ },
    {
      name: 'a segment that is a directory',
      make: (directory) => mkdir(join(directory, SEGMENT)),
      problem: /EISDIR/,
    },
    {
      name: 'a gap between segments',
      make: (directory) => writeFile(join(directory, 'segment-00000002.jsonl'), ''),
      problem: /it is missing/,
    },
    {
      name: 'a line without an end',
      make: (directory) => writeSegment(directory, Buffer.alloc(3_000_000, 'x')),
      problem: /not a record/,
    },
    {
      name: 'random bytes',
      make: (directory) => writeSegment(directory, randomBytes(1_000_000)),
      problem: /not a record/,
    },
    {
      name: 'a deeply nested line',
      make: (directory) => writeSegment(directory, `${'['.repeat(200_000)}\n`),
      problem: /not a record/,
    },
    {
      name: 'bytes that are no UTF-8 in the last record',
      make: (directory) =>
        writeSegment(
          directory,
          Buffer.from(
            edited(COUNT, (line) => line.replace('PUT', 'P\u00ffT')),
            'latin1',
          ),
        ),
      problem: /not a record/,
    },
    {
      name: 'a repeated member in the last record',
      make: (directory) =>
        writeSegment(
          directory,
          edited(COUNT, (line) => line.replace('"kind":', '"kind":"intent","kind":')),
        ),
      problem: /not as it is written/,
    },
  ])('of $name is a report, not an error', async ({ make, problem }) => {
    const directory = await temporaryDirectory();
    await make(directory);
    const report = await verifyJournal(directory);
    expect(report.isIntact).toBe(false);
    expect(report.firstBad?.problem).toMatch(problem);
  });

  test('takes no part of a journal for a segment: each begins with a record of its own', async () => {
    const directory = await temporaryDirectory();
    await writeSegment(directory, textOf(JOURNAL.lines.slice(0, 7)));
    await writeFile(join(directory, 'segment-00000002.jsonl'), textOf(JOURNAL.lines.slice(7)));
    expect((await verifyJournal(directory)).firstBad).toEqual({
      segment: 'segment-00000002.jsonl',
      line: 1,
      seq: 8,
      problem: 'not the first record of a segment',
    });
  });
});
