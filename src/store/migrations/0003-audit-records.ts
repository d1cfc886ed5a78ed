import type { SqlStatements } from '../sql-connection.ts';

/** An index of the journals: made again from them at any time, and never the record itself. */
export async function up({ ask }: SqlStatements): Promise<void> {
  await ask(`create table audit_records (
    journal text not null,
    seq bigint not null,
    at text not null,
    kind text not null,
    request_id text,
    tenant text,
    region text,
    bucket text,
    operation text,
    decision text,
    outcome text,
    line text not null,
    constraint audit_records_place primary key (journal, seq)
  )`);
  await ask(`create table audit_cursors (
    journal text primary key,
    seq bigint not null,
    segment integer not null,
    next_byte bigint not null
  )`);
  // Each ends in the place, by which pages follow on each other.
  await ask('create index audit_records_by_at on audit_records (at, journal, seq)');
  await ask('create index audit_records_by_tenant on audit_records (tenant, at, journal, seq)');
  await ask('create index audit_records_by_bucket on audit_records (bucket, at, journal, seq)');
  await ask('create index audit_records_by_request_id on audit_records (request_id)');
}
