import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { temporaryDirectory, writeSegment } from '../support/journal.ts';
import { pairs, textOf, written } from '../support/journal-facts.ts';
import { runs } from '../support/runs.ts';
import { COUNT, edited, JOURNAL, rechained, withMember } from './forged-journal.ts';

const OTHER = written(pairs(4));
const anySeq = fc.integer({ min: 1, max: COUNT });

/** What somebody does to the journal, and the record that verification has to name for it. */
interface Mutation {
  readonly content: string | Buffer;
  readonly firstBad: readonly number[];
}

const MUTATIONS: { name: string; mutation: fc.Arbitrary<Mutation> }[] = [
  {
    name: 'a flipped bit',
    mutation: fc.record({ seq: anySeq, at: fc.nat(), bit: fc.nat(7) }).map(({ seq, at, bit }) => {
      const content = Buffer.from(textOf(JOURNAL.lines));
      const start = Buffer.byteLength(textOf(JOURNAL.lines.slice(0, seq - 1)));
      const length = Buffer.byteLength(JOURNAL.lines[seq - 1] ?? '') + 1;
      const place = start + (at % length);
      content[place] = (content[place] ?? 0) ^ (1 << bit);
      return { content, firstBad: [seq] };
    }),
  },
  {
    name: 'a member with another value',
    mutation: fc
      .record({
        seq: anySeq,
        member: fc.constantFrom(
          ['at', '2025-03-01T12:00:01.000Z'],
          ['requestId', 'another'],
          ['previous', 'e'.repeat(64)],
          ['sourceAddress', null],
          ['method', 'DELETE'],
          ['kind', 'closing'],
          ['status', 201],
          ['seq', 1000],
        ),
      })
      .map(({ seq, member: [name, value] }) => ({
        content: edited(seq, (line) => {
          const changed = withMember(line, String(name), value);
          return changed === line ? withMember(line, 'method', 'PATCH') : changed;
        }),
        firstBad: [seq],
      })),
  },
  {
    name: 'removed records',
    mutation: fc
      .record({ seq: anySeq, count: fc.integer({ min: 1, max: 4 }) })
      .map(({ seq, count }) => ({
        content: textOf(JOURNAL.lines.toSpliced(seq - 1, count)),
        firstBad: [seq],
      })),
  },
  {
    name: 'a cut tail',
    mutation: fc.nat(Buffer.byteLength(textOf(JOURNAL.lines)) - 1).map((size) => {
      const content = Buffer.from(textOf(JOURNAL.lines)).subarray(0, size);
      return { content, firstBad: [content.toString().split('\n').length] };
    }),
  },
  {
    name: 'two records that changed places',
    mutation: fc.uniqueArray(anySeq, { minLength: 2, maxLength: 2 }).map((seqs) => {
      const [first = 1, second = 1] = seqs.toSorted((a, b) => a - b);
      const lines = JOURNAL.lines
        .with(first - 1, JOURNAL.lines[second - 1] ?? '')
        .with(second - 1, JOURNAL.lines[first - 1] ?? '');
      return { content: textOf(lines), firstBad: [first] };
    }),
  },
  {
    name: 'a record that stands there twice',
    mutation: fc
      .record({ seq: anySeq, after: fc.integer({ min: 0, max: COUNT }) })
      .map(({ seq, after }) => ({
        content: textOf(JOURNAL.lines.toSpliced(after, 0, JOURNAL.lines[seq - 1] ?? '')),
        // Before the record itself its copy is the good one.
        firstBad: [after === seq - 1 ? seq + 1 : after + 1],
      })),
  },
  {
    name: 'a line that is no record',
    mutation: fc
      .record({
        after: fc.integer({ min: 0, max: COUNT }),
        line: fc.constantFrom('', '{}', 'null', '[]', '{"v":1}', '\u0000', '{"v":1,"seq":', '7'),
      })
      .map(({ after, line }) => ({
        content: textOf(JOURNAL.lines.toSpliced(after, 0, line)),
        firstBad: [after + 1],
      })),
  },
  {
    name: 'a record of another journal',
    mutation: anySeq.map((seq) => ({
      content: edited(seq, () => OTHER.lines[seq - 1] ?? ''),
      firstBad: [seq],
    })),
  },
  {
    name: 'the rest of another journal: the link is found, and one of its sides',
    mutation: anySeq.map((seq) => ({
      content: textOf([...JOURNAL.lines.slice(0, seq - 1), ...OTHER.lines.slice(seq - 1)]),
      firstBad: seq === 1 ? [COUNT] : [seq - 1, seq],
    })),
  },
  {
    name: 'a record written anew with all behind it: found at the known head',
    mutation: anySeq.map((seq) => ({ content: rechained(seq), firstBad: [COUNT] })),
  },
];

describe('verification against a known head finds the first bad place of', () => {
  test.each(MUTATIONS)('$name', async ({ mutation }) => {
    const directory = await temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(mutation, async ({ content, firstBad }) => {
        await writeSegment(directory, content);
        const report = await verifyJournal(directory, {
          witnesses: [{ kind: 'head', head: JOURNAL.head }],
        });
        expect(firstBad).toContain(report.firstBad?.seq);
      }),
      runs(30),
    );
  });
});
