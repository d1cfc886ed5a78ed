import type { Transaction } from 'kysely';
import type { Revocation, RevocationKind } from '../identity/revocation.ts';
import { answered } from './answered.ts';
import type { Database } from './database.ts';
import type { RevocationRow, Tables } from './tables.ts';

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

export function revocations({ query }: Database): Revocations {
  const changed = <Result>(change: (transaction: Transaction<Tables>) => Promise<Result>) =>
    answered(() =>
      query.transaction().execute(async (transaction) => {
        await countChange(transaction);
        return change(transaction);
      }),
    );
  return {
    changeCount: () =>
      answered(async () => {
        const changes = query.selectFrom('revocation_changes').select('count');
        return (await changes.executeTakeFirstOrThrow()).count;
      }),
    list: () =>
      answered(async () => {
        const rows = query.selectFrom('revocations').selectAll();
        return (await rows.orderBy('created_at').orderBy('id').execute()).map(fromRow);
      }),
    add: (revocation, endedBefore) =>
      changed(async (transaction) => {
        const ended = endedBefore.toISOString();
        await transaction.deleteFrom('revocations').where('until', '<', ended).execute();
        await transaction.insertInto('revocations').values(toRow(revocation)).execute();
      }),
    lift: (id) =>
      changed(async (transaction) => {
        const one = transaction.selectFrom('revocations').selectAll().where('id', '=', id);
        const row = await one.executeTakeFirst();
        await transaction.deleteFrom('revocations').where('id', '=', id).execute();
        return row === undefined ? null : fromRow(row);
      }),
  };
}

async function countChange(transaction: Transaction<Tables>): Promise<void> {
  await transaction
    .updateTable('revocation_changes')
    .set(({ eb }) => ({ count: eb('count', '+', 1) }))
    .execute();
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

function toRow({ until, createdAt, ...revocation }: Revocation): RevocationRow {
  return {
    ...revocation,
    until: until?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
}
