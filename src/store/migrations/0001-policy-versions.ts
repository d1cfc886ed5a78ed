import type { SqlStatements } from '../sql-connection.ts';

/**
 * Versions of the policy table. Who is second to follow on a version meets the primary key; who
 * follows on a version that is not there meets the foreign key.
 */
export async function up({ ask }: SqlStatements): Promise<void> {
  await ask(`create table policy_versions (
    number integer primary key,
    parent integer references policy_versions (number),
    digest text not null,
    document text not null,
    author text not null,
    note text not null,
    created_at text not null,
    request_id text not null unique
  )`);
}
