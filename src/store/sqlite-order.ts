import type { SqlValue } from './sql-connection.ts';

/** What SQLite is asked for. */
export interface SqliteOrder {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** One who fulfils orders, in their sequence: in the calling thread, or in one of its own. */
export interface Sqlite {
  /** @throws SqliteFailure what SQLite says */
  fulfil(order: SqliteOrder): Promise<readonly unknown[]>;
  /** Any number of times. */
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
