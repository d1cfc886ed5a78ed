import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexablePieces } from '../../src/audit/indexable.ts';
import { beginningOf } from '../../src/audit/indexing.ts';
import type { AuditCursor } from '../../src/store/audit-records.ts';
import { linesOf, recordsOf, SEGMENT, temporaryDirectory } from '../support/journal.ts';
import { SECOND, segmented } from './segmented-journal.ts';

/** The lines of the records behind a place, and the place behind them; bytes are read over. */
function read(directory: string, from: AuditCursor, upTo = Number.POSITIVE_INFINITY) {
  const lines: string[] = [];
  let end = from;
  for (const piece of indexablePieces(directory, from, upTo)) {
    lines.push(...piece.records.map(({ line }) => line.toString()));
    end = piece.end;
  }
  return { lines, end };
}

/** The lines of the records that the index is given. */
function indexableLines(directory: string, upTo = Number.POSITIVE_INFINITY): string[] {
  return read(directory, beginningOf('j'), upTo).lines;
}

async function searchedLines(directory: string): Promise<string[]> {
  const lines = await linesOf(directory);
  return lines.filter((line) => !/"kind":"(?:checkpoint|intent)"/.test(line));
}

test('every record that is searched for is read once, from one segment into the next', async () => {
  const directory = await temporaryDirectory();
  await segmented(directory, 60);
  expect(indexableLines(directory)).toEqual(await searchedLines(directory));
});

test('read record by record, nothing is missing and nothing comes twice', async () => {
  const directory = await temporaryDirectory();
  await segmented(directory, 60);
  const last = Number((await recordsOf(directory)).at(-1)?.seq);
  const seen: string[] = [];
  let place = beginningOf('j');
  for (let upTo = 1; upTo <= last; upTo += 1) {
    const { lines, end } = read(directory, place, upTo);
    seen.push(...lines);
    expect(end.seq).toBe(upTo);
    place = end;
  }
  expect(seen).toEqual(await searchedLines(directory));
});

test('a line that is still being written is read when it is whole', async () => {
  const directory = await temporaryDirectory();
  await segmented(directory, 0);
  const path = join(directory, SEGMENT);
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, -10));
  const before = read(directory, beginningOf('j'));
  await appendFile(path, whole.subarray(-10));
  const after = read(directory, before.end);
  expect([...before.lines, ...after.lines]).toEqual(await searchedLines(directory));
  expect(after.end.nextByte).toBe(whole.length);
});

test.each([
  { name: 'a pruned segment', change: (directory: string) => rm(join(directory, SEGMENT)) },
  {
    name: 'lines that are no records, however long',
    change: async (directory: string) => {
      const path = join(directory, SECOND);
      const junk = `no record\n{"v":1}\n${'x'.repeat(1_500_000)}\n`;
      await writeFile(path, junk + (await readFile(path, 'utf8')));
    },
  },
])('$name is passed over', async ({ change }) => {
  const directory = await temporaryDirectory();
  await segmented(directory, 60);
  await change(directory);
  const lines = (await searchedLines(directory)).filter((line) => line.startsWith('{"v":1,'));
  expect(indexableLines(directory)).toEqual(lines);
});
