import { describe, expect, onTestFinished, test } from 'vitest';
import { createAuditRecords } from '../../src/store/audit-records.ts';
import { closeDatabase, openDatabase } from '../../src/store/database.ts';
import { openIndexWriter } from '../../src/store/index-writer.ts';
import { up as oldTables } from '../../src/store/migrations/0003-audit-records.ts';
import type { SqlConnection } from '../../src/store/sql-connection.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';

/** Make of the tables what they were before, with records of two journals and far apart. */
async function goBack(connection: SqlConnection): Promise<void> {
  const { ask } = connection;
  for (const table of ['audit_entries', 'audit_lines', 'audit_names', 'audit_progress']) {
    await ask(`drop table ${table}`);
  }
  await oldTables(connection);
  await ask("delete from slimgate_migrations where name = '0004-audit-index'");
  const rows = [
    ['j', 3, '2030-01-01T00:00:00.123Z', 'photos', 'a-1', '{"seq":3,"t":"ä"}'],
    ['j', 4_001, '2030-01-01T00:00:01.999Z', 'films', 'a-1', '{"seq":4001}'],
    ['k', 7, '2030-01-01T00:00:02.000Z', null, null, '{"seq":7}'],
  ];
  for (const row of rows) {
    await ask(
      `insert into audit_records (journal, seq, at, kind, request_id, tenant, bucket, line)
        values (?, ?, ?, 'closing', 'r', ?, ?, ?)`,
      row,
    );
  }
  await ask(`insert into audit_cursors (journal, seq, segment, next_byte)
    values ('j', 4002, 2, 5000000000)`);
}

describe.for(DATABASES)('an index from before, on %s', (kind) => {
  test('is carried over with all that it has', async () => {
    const options = await freshDatabase(kind);
    const before = await openDatabase(options);
    await goBack(before.connection);
    await closeDatabase(before);

    const database = await openedDatabase(options);
    const { find } = createAuditRecords(database);
    const page = { limit: 10, after: null };
    expect(await find({}, page)).toEqual([
      { journal: 'k', seq: 7, at: '2030-01-01T00:00:02.000Z', line: '{"seq":7}' },
      { journal: 'j', seq: 4_001, at: '2030-01-01T00:00:01.999Z', line: '{"seq":4001}' },
      { journal: 'j', seq: 3, at: '2030-01-01T00:00:00.123Z', line: '{"seq":3,"t":"ä"}' },
    ]);
    expect(await find({ tenant: 'films', bucket: 'a-1', kind: 'closing' }, page)).toHaveLength(1);
    expect(await find({ requestId: 'r' }, page)).toHaveLength(3);
    const writer = await openIndexWriter(database.place);
    onTestFinished(() => writer.close());
    const cursor = { journal: 'j', seq: 4_002, segment: 2, nextByte: 5_000_000_000 };
    expect(await writer.cursorOf('j')).toEqual(cursor);
    expect(await writer.cursorOf('k')).toBeNull();
  });
});
