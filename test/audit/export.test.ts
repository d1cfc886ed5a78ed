import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExportedRecord, exportRecords } from '../../src/audit/export.ts';
import { CSV_HEADER, csvLine } from '../../src/audit/export-csv.ts';
import { verifyExport } from '../../src/audit/verify-export.ts';
import { temporaryDirectory } from '../support/journal.ts';
import { testKey } from '../support/signed-journal.ts';
import { noon, timedJournal } from './timed-journal.ts';

async function exported(from: Date, to: Date) {
  const { directory, journal, keys } = await timedJournal();
  await journal.close();
  const records: ExportedRecord[] = [];
  for await (const record of exportRecords(directory, { from, to })) records.push(record);
  return { records, lines: records.map(({ text }) => text), keys };
}

async function verified(lines: readonly string[], keys = testKey().keys) {
  const file = join(await temporaryDirectory(), 'export.jsonl');
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  return verifyExport(file, keys);
}

describe('an export', () => {
  test('has the records of its time, the one before and what vouches for them', async () => {
    const { records, lines, keys } = await exported(noon(4), noon(6));
    const inRange = records.filter(({ isInRange }) => isInRange);
    expect(new Set(inRange.map(({ members }) => members.at))).toEqual(
      new Set([noon(4).toISOString(), noon(5).toISOString()]),
    );
    expect(inRange.filter(({ members }) => members.kind === 'intent')).toHaveLength(6);
    expect(records[0]).toMatchObject({ isInRange: false, members: { at: noon(3).toISOString() } });
    expect(records.at(-1)?.members.kind).toBe('checkpoint');
    expect(await verified(lines, keys)).toMatchObject({
      isIntact: true,
      first: records[0]?.members.seq,
      last: records.at(-1)?.members.seq,
      unsigned: 0,
    });
  });

  test('of a time without records is empty, and of all time is the whole journal', async () => {
    expect((await exported(new Date(noon(4).getTime() + 1), noon(5))).lines).toEqual([]);
    const { records, lines, keys } = await exported(new Date(0), noon(30));
    expect(records[0]?.members.seq).toBe(1);
    expect(await verified(lines, keys)).toMatchObject({ isIntact: true, first: 1 });
  });

  test.each<{ name: string; change: (lines: string[]) => string[]; line: number }>([
    { name: 'a removed record', change: (lines) => lines.toSpliced(4, 1), line: 5 },
    { name: 'swapped records', change: (l) => l.with(4, l[5] ?? '').with(5, l[4] ?? ''), line: 5 },
    {
      name: 'an edited record',
      change: (lines) => lines.with(4, (lines[4] ?? '').replace('PUT', 'PAT')),
      line: 6,
    },
    {
      name: 'a repeated record',
      change: (lines) => lines.toSpliced(4, 0, lines[4] ?? ''),
      line: 6,
    },
    {
      name: 'no checkpoint',
      change: (lines) =>
        lines.slice(
          0,
          lines.findIndex((line) => line.includes('"checkpoint"')),
        ),
      line: 0,
    },
    { name: 'nothing', change: () => [], line: 0 },
    { name: 'no record', change: () => ['{}'], line: 1 },
  ])('with $name is found, at its line', async ({ change, line }) => {
    const { lines, keys } = await exported(noon(4), noon(6));
    const report = await verified(change(lines), keys);
    expect(report).toMatchObject({ isIntact: false, firstBad: { line } });
  });

  test('that somebody else has signed is found', async () => {
    const { lines } = await exported(noon(4), noon(6));
    expect((await verified(lines)).firstBad?.problem).toMatch(/key that is not known/);
  });
});

describe('a record as a line of a table', () => {
  const record = (members: object) => ({ segment: '', line: 1, text: '', members: { ...members } });

  test('has a cell for each column, and none is a formula', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r']) {
      const line = csvLine(record({ seq: 7, code: `${start}cmd|' /C calc'!A0` }));
      expect(line).not.toMatch(/(^|,)"?[=+\-@\t\r]/);
      expect(line).toContain(`"'${start}cmd`);
    }
  });

  test('keeps commas, quotes and line ends inside of their cell', () => {
    const line = csvLine(record({ seq: 1, requestId: 'a,"b"\nc', tenant: null }));
    expect(line).toContain('"a,""b""\nc"');
    expect(CSV_HEADER.split(',').length).toBe(line.replace(/".*"/s, '').split(',').length);
  });
});
