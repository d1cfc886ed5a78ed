import { hash } from 'node:crypto';
import { answered } from './answered.ts';
import type { Database } from './database.ts';
import type { SqlConnection, SqlStatements } from './sql-connection.ts';
import { SqliteFailure } from './sqlite-order.ts';

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

/** As it is kept; rows are added and never changed. */
interface SummaryRow {
  readonly number: number;
  readonly parent: number | null;
  readonly digest: string;
  readonly author: string;
  readonly note: string;
  /** ISO 8601 in UTC. */
  readonly created_at: string;
  readonly request_id: string;
}

interface VersionRow extends SummaryRow {
  readonly document: string;
}

const LATEST = 'select number, digest from policy_versions order by number desc limit 1';
const LIST = `select number, parent, digest, author, note, created_at, request_id
  from policy_versions where number < ? order by number desc limit ?`;
const INSERT = `insert into policy_versions
  (number, parent, digest, document, author, note, created_at, request_id)
  values (?, ?, ?, ?, ?, ?, ?, ?)`;

export function policyVersions({ connection }: Database): PolicyVersions {
  return {
    latest: () =>
      answered(async () => {
        const [latest] = await connection.ask<Pick<SummaryRow, 'number' | 'digest'>>(LATEST);
        return latest ?? null;
      }),
    read: (number) =>
      answered(async () => {
        const row = await rowOf(connection, number);
        return row === undefined ? null : intact(row);
      }),
    list: ({ before, limit }) =>
      answered(async () => {
        const rows = await connection.ask<SummaryRow>(LIST, [before, limit]);
        return rows.map(summaryOf);
      }),
    add: (version) => answered(() => addVersion(connection, version)),
  };
}

async function addVersion(connection: SqlConnection, version: PolicyVersion): Promise<boolean> {
  const { number, parent, digest, document, author, note, createdAt, requestId } = version;
  const made = createdAt.toISOString();
  try {
    await connection.transaction(async ({ kind, ask }) => {
      await ask(INSERT, [number, parent, digest, document, author, note, made, requestId]);
      if (kind === 'sqlite') return;
      await ask('select pg_notify(?, ?)', [POLICY_CHANNEL, String(number)]);
    });
    return true;
  } catch (error) {
    if (isConstraint(error)) return false;
    // A commit whose answer was lost: the database knows, and is asked once.
    const row = await rowOf(connection, number);
    if (row?.request_id === requestId) return true;
    throw error;
  }
}

async function rowOf({ ask }: SqlStatements, number: number): Promise<VersionRow | undefined> {
  const rows = await ask<VersionRow>('select * from policy_versions where number = ?', [number]);
  return rows[0];
}

/** INVARIANT: no document is used that is not the one its digest was made of. */
function intact(row: VersionRow): PolicyVersion {
  if (hash('sha256', row.document) !== row.digest) {
    throw new Error(`version ${row.number} of the policy table is not what its digest says`);
  }
  return { ...summaryOf(row), document: row.document };
}

function summaryOf(row: SummaryRow): PolicyVersionSummary {
  const { number, parent, digest, author, note, created_at, request_id: requestId } = row;
  return { number, parent, digest, author, note, createdAt: new Date(created_at), requestId };
}

/** Sources: PostgreSQL documentation, "Error Codes", class 23; SQLite, "Result and Error Codes". */
function isConstraint(error: unknown): boolean {
  const SQLITE_CONSTRAINT = 19;
  if (error instanceof SqliteFailure) return ((error.errcode ?? 0) & 0xff) === SQLITE_CONSTRAINT;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^23\d{3}$/.test(code);
}
