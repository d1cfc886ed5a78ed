/**
 * The tables of the database, as queries see them. Times are ISO 8601 texts in UTC and documents
 * are JSON texts, so that both databases keep the same.
 */
export interface Tables {
  readonly policy_versions: PolicyVersionRow;
  readonly revocations: RevocationRow;
  /** One row. */
  readonly revocation_changes: { readonly count: number };
  readonly audit_entries: AuditEntryRow;
  readonly audit_names: AuditNameRow;
  readonly audit_lines: AuditLinesRow;
  readonly audit_progress: AuditProgressRow;
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

/**
 * A record of a journal, found by its members; texts that come again and again are numbers of
 * `audit_names`. PostgreSQL tells large numbers as texts.
 */
export interface AuditEntryRow {
  /** The number of the journal's id: each replica has its own. */
  readonly journal: BigNumber;
  readonly seq: BigNumber;
  /** Unix milliseconds. */
  readonly at: BigNumber;
  readonly kind: BigNumber;
  readonly request_id: string | null;
  readonly tenant: BigNumber | null;
  readonly region: BigNumber | null;
  readonly bucket: BigNumber | null;
  readonly operation: BigNumber | null;
  readonly decision: BigNumber | null;
  readonly outcome: BigNumber | null;
  /** Where its line is, in `audit_lines`, and which it is there, from 0. */
  readonly lines: BigNumber;
  readonly nth: number;
}

/** Never removed: what has a number keeps it. */
export interface AuditNameRow {
  readonly id: BigNumber;
  readonly name: string;
}

/** Lines as they stand in the journal, those of up to 96 records. */
export interface AuditLinesRow {
  readonly id: BigNumber;
  readonly journal: BigNumber;
  /** Of the last record. */
  readonly last_seq: BigNumber;
  /** Joined by line feeds and compressed with Zstandard; or one line as it is. */
  readonly lines: Uint8Array;
}

/** How far a journal is in the index. */
export interface AuditProgressRow {
  readonly journal: BigNumber;
  readonly seq: BigNumber;
  readonly segment: number;
  readonly next_byte: BigNumber;
}

type BigNumber = number | string;
