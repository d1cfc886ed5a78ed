export type SqlValue = null | number | string | Uint8Array;

/** A number of 64 bits in a row: PostgreSQL tells it as a text. */
export type LargeNumber = number | string;

/** Rows that are inserted. */
export interface SqlRows {
  /** A statement with `values ?` in place of them. */
  readonly sql: string;
  readonly columns: number;
  /** Of one row behind the other. */
  readonly values: readonly SqlValue[];
}

/**
 * What statements are asked of. INVARIANT: a statement is a text of this room; what a caller asks
 * for is among its values, which are written in it as `?`.
 */
export interface SqlStatements {
  readonly kind: 'sqlite' | 'postgres';
  /** It is for who writes the statement to know the type of its rows. */
  ask<Row>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Insert any number of rows. */
  insert(rows: SqlRows): Promise<void>;
}

/** A database that is open: SQLite in the calling thread or in one of its own, or PostgreSQL. */
export interface SqlConnection extends SqlStatements {
  /** All of it or nothing. On SQLite, what is asked beside it waits for its end. */
  transaction<Result>(work: (inside: SqlStatements) => Promise<Result>): Promise<Result>;
  /** Any number of times. */
  close(): Promise<void>;
}

/** How many rows are inserted at once while there are so many, and of those that are left. */
export interface RowsAtOnce {
  readonly most: number;
  readonly left: number;
}

/** What has to be run to insert rows. */
export function* insertions(
  { sql, columns, values }: SqlRows,
  { most, left }: RowsAtOnce,
): Generator<readonly [sql: string, values: readonly SqlValue[]]> {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  const size = (from: number) => (values.length - from >= most * columns ? most : left);
  for (let from = 0; from < values.length; from += size(from) * columns) {
    const some = values.slice(from, from + size(from) * columns);
    const rows = Array(some.length / columns).fill(row);
    yield [sql.replace('values ?', `values ${rows.join(', ')}`), some];
  }
}
