import type { Revocation, RevocationKind } from '../identity/revocation.ts';
import { answered } from './answered.ts';
import type { Database } from './database.ts';
import type { SqlStatements } from './sql-connection.ts';

/** What is revoked. Every method throws GatewayError `store-unavailable`. */
export interface Revocations {
  /** A number that is another one after each change. */
  changeCount(): Promise<number>;
  /** Oldest first; those that have ended may be among them. */
  list(): Promise<Revocation[]>;
  /** Durable when this resolves; what ended before `endedBefore` is let go of. */
  add(revocation: Revocation, endedBefore: Date): Promise<void>;
  /** @returns what was lifted; null when there is none of that id */
  lift(id: string): Promise<Revocation | null>;
}

/** As it is kept; times are ISO 8601 in UTC. */
interface RevocationRow {
  readonly id: string;
  readonly kind: string;
  readonly issuer: string | null;
  readonly value: string;
  readonly until: string | null;
  readonly note: string;
  readonly author: string;
  readonly created_at: string;
}

const INSERT = `insert into revocations
  (id, kind, issuer, value, until, note, author, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)`;

export function revocations({ connection }: Database): Revocations {
  const changed = <Result>(change: (inside: SqlStatements) => Promise<Result>) =>
    answered(() =>
      connection.transaction(async (inside) => {
        await inside.ask('update revocation_changes set count = count + 1');
        return change(inside);
      }),
    );
  return {
    changeCount: () =>
      answered(async () => {
        const rows = await connection.ask<{ count: number }>(
          'select count from revocation_changes',
        );
        if (rows[0] === undefined) throw new Error('changes of revocations are not counted');
        return rows[0].count;
      }),
    list: () =>
      answered(async () => {
        const rows = await connection.ask<RevocationRow>(
          'select * from revocations order by created_at, id',
        );
        return rows.map(fromRow);
      }),
    add: ({ until, createdAt, ...revocation }, endedBefore) =>
      changed(async ({ ask }) => {
        const { id, kind, issuer, value, note, author } = revocation;
        const ends = until?.toISOString() ?? null;
        const made = createdAt.toISOString();
        await ask('delete from revocations where until < ?', [endedBefore.toISOString()]);
        await ask(INSERT, [id, kind, issuer, value, ends, note, author, made]);
      }),
    lift: (id) =>
      changed(async ({ ask }) => {
        const [row] = await ask<RevocationRow>('delete from revocations where id = ? returning *', [
          id,
        ]);
        return row === undefined ? null : fromRow(row);
      }),
  };
}

function fromRow({ kind, until, created_at, ...row }: RevocationRow): Revocation {
  return {
    ...row,
    // Written by this file alone.
    kind: kind as RevocationKind,
    until: until === null ? null : new Date(until),
    createdAt: new Date(created_at),
  };
}
