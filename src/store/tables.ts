import type { ColumnType } from 'kysely';

/**
 * The tables of the database, as queries see them. Times are ISO 8601 texts in UTC and documents
 * are JSON texts, so that both databases keep the same.
 */
export interface Tables {
  readonly policy_versions: PolicyVersionRow;
  readonly revocations: RevocationRow;
  /** One row. */
  readonly revocation_changes: { readonly count: number };
  readonly audit_records: AuditRecordRow;
  readonly audit_cursors: AuditCursorRow;
}

/** Something that is revoked. */
export interface RevocationRow {
  readonly id: string;
  /** `token`, `subject` or `tenant`. */
  readonly kind: string;
  /** Null for a tenant. */
  readonly issuer: string | null;
  readonly value: string;
  /** Null: for good. */
  readonly until: string | null;
  readonly note: string;
  readonly author: string;
  readonly created_at: string;
}

/** A version of the policy table; rows are added and never changed. */
export interface PolicyVersionRow {
  /** Counts from 1 without a gap: a version's number is its parent's and one. */
  readonly number: number;
  /** Null for the first. */
  readonly parent: number | null;
  /** SHA-256 of `document`, in hex. */
  readonly digest: string;
  readonly document: string;
  readonly author: string;
  readonly note: string;
  readonly created_at: string;
  /** Of the change that made it: tells whether a commit of unknown outcome came to be. */
  readonly request_id: string;
}

/** A record of a journal, found by its members. PostgreSQL tells large numbers as texts. */
export interface AuditRecordRow {
  /** The journal's id: each replica has its own. */
  readonly journal: string;
  readonly seq: ColumnType<number | string, number, never>;
  readonly at: string;
  readonly kind: string;
  readonly request_id: string | null;
  readonly tenant: string | null;
  readonly region: string | null;
  readonly bucket: string | null;
  readonly operation: string | null;
  readonly decision: string | null;
  readonly outcome: string | null;
  /** As it stands in the journal. */
  readonly line: string;
}

/** How far a journal is in the index. */
export interface AuditCursorRow {
  readonly journal: string;
  readonly seq: ColumnType<number | string, number, number>;
  readonly segment: number;
  readonly next_byte: ColumnType<number | string, number, number>;
}
