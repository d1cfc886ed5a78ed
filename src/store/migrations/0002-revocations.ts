import type { SqlStatements } from '../sql-connection.ts';

/**
 * What is revoked, and a count of the changes of it: who reads the same count twice knows that
 * nothing has changed between. Changes wait for each other at its one row.
 */
export async function up({ ask }: SqlStatements): Promise<void> {
  await ask(`create table revocations (
    id text primary key,
    kind text not null,
    issuer text,
    value text not null,
    until text,
    note text not null,
    author text not null,
    created_at text not null
  )`);
  await ask('create table revocation_changes (count integer not null)');
  await ask('insert into revocation_changes (count) values (0)');
}
