import type { Kysely } from 'kysely';

/**
 * What is revoked, and a count of the changes of it: who reads the same count twice knows that
 * nothing has changed between. Changes wait for each other at its one row.
 */
export async function up(query: Kysely<unknown>): Promise<void> {
  await query.schema
    .createTable('revocations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text')
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('until', 'text')
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await query.schema
    .createTable('revocation_changes')
    .addColumn('count', 'integer', (column) => column.notNull())
    .execute();
  // The schema of the row is this migration's own business.
  const changes = query as Kysely<{ revocation_changes: { count: number } }>;
  await changes.insertInto('revocation_changes').values({ count: 0 }).execute();
}
