import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AuditCursor,
  type AuditPlace,
  createAuditRecords,
} from '../../src/store/audit-records.ts';
import { type IndexedRecord, openIndexWriter } from '../../src/store/index-writer.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';

const CURSOR = { journal: 'j', seq: 3, segment: 1, nextByte: 700 };

function row(seq: number, other: Partial<IndexedRecord> = {}): IndexedRecord {
  return {
    seq,
    at: Date.parse('2030-01-01T00:00:00.000Z') + (seq % 60) * 1_000,
    kind: 'closing',
    requestId: `r${seq}`,
    tenant: 'photos',
    region: 'ap-shanghai',
    bucket: 'a-1250000000',
    operation: 'enable',
    decision: 'allow',
    outcome: 'applied',
    line: Buffer.from(`{"seq":${seq}}`),
    ...other,
  };
}

describe.for(DATABASES)('the index of the journals on %s', (kind) => {
  const opened = async () => {
    const database = await openedDatabase(await freshDatabase(kind));
    const writer = await openIndexWriter(database.place);
    onTestFinished(() => writer.close());
    const add = (records: readonly IndexedRecord[], end: AuditCursor) =>
      writer.add({ ...end, seq: 0 }, [{ records, end }]);
    return { ...createAuditRecords(database), ...writer, add };
  };
  const seqsOf = (found: readonly AuditPlace[]) => found.map(({ seq }) => seq);

  test('takes records any number of times, and keeps each once', async () => {
    const records = await opened();
    expect(await records.cursorOf('j')).toBeNull();
    await records.add([row(1), row(2)], { ...CURSOR, seq: 2 });
    await records.add([row(1, { line: Buffer.from('another') }), row(2), row(3)], CURSOR);
    expect(await records.cursorOf('j')).toEqual(CURSOR);
    const found = await records.find({}, { limit: 10, after: null });
    expect(found.map(({ line }) => line)).toEqual(['{"seq":3}', '{"seq":2}', '{"seq":1}']);
  });

  test('replaces what it has of a range, and leaves the rest and other journals', async () => {
    const records = await opened();
    await records.add([row(1), row(2), row(3)], CURSOR);
    await records.add([row(2)], { ...CURSOR, journal: 'k' });
    const from = { ...CURSOR, seq: 1 };
    const replaced = [row(3, { line: Buffer.from('new') })];
    await records.replace(from, [{ records: replaced, end: CURSOR }]);
    const found = await records.find({}, { limit: 10, after: null });
    expect(found.map(({ journal, line }) => `${journal} ${line}`)).toEqual([
      'j new',
      'k {"seq":2}',
      'j {"seq":1}',
    ]);
  });

  test('gives every record once over its pages, also those of one moment', async () => {
    const records = await opened();
    const at = Date.parse('2030-01-01T00:00:00.000Z');
    const rows = Array.from({ length: 450 }, (_, index) => row(index + 1, { at }));
    await records.add(rows, CURSOR);
    await records.add(rows, { ...CURSOR, journal: 'k' });
    const seen = new Set<string>();
    let after: AuditPlace | null = null;
    for (let pages = 0; pages < 20; pages += 1) {
      const page: AuditPlace[] = await records.find({}, { limit: 70, after });
      for (const { journal, seq } of page) seen.add(`${journal} ${seq}`);
      after = page.at(-1) ?? null;
      if (page.length < 70) break;
    }
    expect(seen.size).toBe(900);
  });

  test.each([
    { name: 'a tenant', query: { tenant: 'other' }, seqs: [2] },
    { name: 'a bucket', query: { bucket: 'b-1250000000' }, seqs: [3] },
    {
      name: 'an outcome and a decision',
      query: { outcome: 'refused', decision: 'deny' },
      seqs: [4],
    },
    { name: 'a request', query: { requestId: 'r1' }, seqs: [1] },
    {
      name: 'a time, from inclusive, to exclusive',
      query: { from: '2030-01-01T00:00:02.000Z', to: '2030-01-01T00:00:04.000Z' },
      seqs: [3, 2],
    },
    { name: 'letters that would end a text in SQL', query: { tenant: "x' or '1'='1" }, seqs: [] },
    { name: 'a text that is a pattern in SQL', query: { bucket: '%' }, seqs: [] },
  ])('is searched by $name', async ({ query, seqs }) => {
    const records = await opened();
    const rows = [
      row(1),
      row(2, { tenant: 'other' }),
      row(3, { bucket: 'b-1250000000' }),
      row(4, { outcome: 'refused', decision: 'deny' }),
    ];
    await records.add(rows, CURSOR);
    expect(seqsOf(await records.find(query, { limit: 10, after: null }))).toEqual(seqs);
  });
});
