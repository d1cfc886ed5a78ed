import type { Kysely } from 'kysely';

/** An index of the journals: made again from them at any time, and never the record itself. */
export async function up(query: Kysely<unknown>): Promise<void> {
  await query.schema
    .createTable('audit_records')
    .addColumn('journal', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('tenant', 'text')
    .addColumn('region', 'text')
    .addColumn('bucket', 'text')
    .addColumn('operation', 'text')
    .addColumn('decision', 'text')
    .addColumn('outcome', 'text')
    .addColumn('line', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_records_place', ['journal', 'seq'])
    .execute();
  await query.schema
    .createTable('audit_cursors')
    .addColumn('journal', 'text', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('segment', 'integer', (column) => column.notNull())
    .addColumn('next_byte', 'bigint', (column) => column.notNull())
    .execute();
  for (const columns of SEARCHED) {
    await query.schema
      .createIndex(`audit_records_by_${columns[0]}`)
      .on('audit_records')
      .columns([...columns])
      .execute();
  }
}

/** Each ends in the place, by which pages follow on each other. */
const SEARCHED = [
  ['at', 'journal', 'seq'],
  ['tenant', 'at', 'journal', 'seq'],
  ['bucket', 'at', 'journal', 'seq'],
  ['request_id'],
] as const;
