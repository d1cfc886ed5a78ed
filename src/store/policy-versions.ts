import { hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { answered } from './answered.ts';
import type { Database } from './database.ts';
import { SqliteFailure } from './sqlite-order.ts';
import type { PolicyVersionRow, Tables } from './tables.ts';

/** A version of the policy table: made once, never changed. */
export interface PolicyVersion {
  /** Counts from 1 without a gap. */
  readonly number: number;
  /** The version it was made from; null for the first. */
  readonly parent: number | null;
  /** SHA-256 of the document, in hex. */
  readonly digest: string;
  /** Canonical JSON. */
  readonly document: string;
  readonly author: string;
  readonly note: string;
  readonly createdAt: Date;
  /** Of the request that made it. */
  readonly requestId: string;
}

export type PolicyVersionSummary = Omit<PolicyVersion, 'document'>;

/** The history of the policy table. Every method throws GatewayError `store-unavailable`. */
export interface PolicyVersions {
  /** Null while there is none. */
  latest(): Promise<{ readonly number: number; readonly digest: string } | null>;
  read(number: number): Promise<PolicyVersion | null>;
  /** Newest first. */
  list(page: { readonly before: number; readonly limit: number }): Promise<PolicyVersionSummary[]>;
  /**
   * Add a version whose parent is the latest; durable when this resolves.
   * @returns false when another was first
   */
  add(version: PolicyVersion): Promise<boolean>;
}

/** What PostgreSQL tells its listeners on when there is a new version. */
export const POLICY_CHANNEL = 'slimgate_policy';

export function policyVersions(database: Database): PolicyVersions {
  const { query } = database;
  return {
    latest: () =>
      answered(async () => {
        const latest = query.selectFrom('policy_versions').select(['number', 'digest']);
        return (await latest.orderBy('number', 'desc').limit(1).executeTakeFirst()) ?? null;
      }),
    read: (number) =>
      answered(async () => {
        const row = await rowOf(query, number);
        return row === undefined ? null : intact(row);
      }),
    list: ({ before, limit }) =>
      answered(async () => {
        const rows = await query
          .selectFrom('policy_versions')
          .select(['number', 'parent', 'digest', 'author', 'note', 'created_at', 'request_id'])
          .where('number', '<', before)
          .orderBy('number', 'desc')
          .limit(limit)
          .execute();
        return rows.map(summaryOf);
      }),
    add: (version) => answered(() => addVersion(database, version)),
  };
}

async function addVersion({ kind, query }: Database, version: PolicyVersion): Promise<boolean> {
  try {
    await query.transaction().execute(async (transaction) => {
      await transaction.insertInto('policy_versions').values(toRow(version)).execute();
      if (kind === 'sqlite') return;
      const number = String(version.number);
      await sql`select pg_notify(${POLICY_CHANNEL}, ${number})`.execute(transaction);
    });
    return true;
  } catch (error) {
    if (isConstraint(error)) return false;
    // A commit whose answer was lost: the database knows, and is asked once.
    const row = await rowOf(query, version.number);
    if (row?.request_id === version.requestId) return true;
    throw error;
  }
}

function rowOf(query: Kysely<Tables>, number: number): Promise<PolicyVersionRow | undefined> {
  return query
    .selectFrom('policy_versions')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirst();
}

/** INVARIANT: no document is used that is not the one its digest was made of. */
function intact(row: PolicyVersionRow): PolicyVersion {
  if (hash('sha256', row.document) !== row.digest) {
    throw new Error(`version ${row.number} of the policy table is not what its digest says`);
  }
  return { ...summaryOf(row), document: row.document };
}

function summaryOf(row: Omit<PolicyVersionRow, 'document'>): PolicyVersionSummary {
  const { number, parent, digest, author, note, created_at, request_id: requestId } = row;
  return { number, parent, digest, author, note, createdAt: new Date(created_at), requestId };
}

function toRow({ createdAt, requestId, ...version }: PolicyVersion): PolicyVersionRow {
  return { ...version, created_at: createdAt.toISOString(), request_id: requestId };
}

/** Sources: PostgreSQL documentation, "Error Codes", class 23; SQLite, "Result and Error Codes". */
function isConstraint(error: unknown): boolean {
  const SQLITE_CONSTRAINT = 19;
  if (error instanceof SqliteFailure) return ((error.errcode ?? 0) & 0xff) === SQLITE_CONSTRAINT;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^23\d{3}$/.test(code);
}
