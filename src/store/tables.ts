/**
 * The tables of the database, as queries see them. Times are ISO 8601 texts in UTC and documents
 * are JSON texts, so that both databases keep the same.
 */
export interface Tables {
  readonly policy_versions: PolicyVersionRow;
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
