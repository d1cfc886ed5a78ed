import type { Kysely } from 'kysely';

/**
 * Versions of the policy table. Who is second to follow on a version meets the primary key; who
 * follows on a version that is not there meets the foreign key.
 */
export async function up(query: Kysely<unknown>): Promise<void> {
  await query.schema
    .createTable('policy_versions')
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('parent', 'integer', (column) => column.references('policy_versions.number'))
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull().unique())
    .execute();
}
