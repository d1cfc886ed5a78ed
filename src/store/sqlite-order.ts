/** A value that goes into, or comes out of, a query. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** What SQLite is asked for. */
export interface SqliteOrder {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

/** What it answers: rows, or how many it has changed. */
export interface SqliteResult {
  readonly rows: unknown[];
  readonly changes: number;
}

/** A connection to SQLite; orders are fulfilled in their sequence. */
export interface SqliteConnection {
  /** @throws SqliteFailure what SQLite says */
  ask(order: SqliteOrder): Promise<SqliteResult>;
  close(): Promise<void>;
}

/** What SQLite said. */
export class SqliteFailure extends Error {
  override readonly name = 'SqliteFailure';
  /** Source: SQLite documentation, "Result and Error Codes", the extended code; null: another reason. */
  readonly errcode: number | null;

  constructor(message: string, errcode: number | null) {
    super(message);
    this.errcode = errcode;
  }
}
