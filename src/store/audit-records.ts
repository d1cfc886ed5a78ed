import type { Database } from './database.ts';
import { textsOf } from './kept-lines.ts';
import type { LargeNumber, SqlValue } from './sql-connection.ts';

/** How far the index has come in a journal: the last record, and the place behind it. */
export interface AuditCursor {
  readonly journal: string;
  readonly seq: number;
  readonly segment: number;
  readonly nextByte: number;
}

/** What is searched for; what is left out is not looked at. Times are ISO 8601 in UTC. */
export interface AuditQuery {
  readonly tenant?: string | undefined;
  readonly region?: string | undefined;
  readonly bucket?: string | undefined;
  readonly operation?: string | undefined;
  readonly decision?: string | undefined;
  readonly outcome?: string | undefined;
  readonly kind?: string | undefined;
  readonly requestId?: string | undefined;
  /** Inclusive. */
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
}

/** A place among records in the order of a search, newest first. */
export interface AuditPlace {
  readonly at: string;
  readonly journal: string;
  readonly seq: number;
}

/** A record that was found, in the text of its line. */
export interface FoundRecord extends AuditPlace {
  readonly line: string;
}

/** Searches in the index of the journals. */
export interface AuditRecords {
  /** A page of at most `limit` records, newest first, those behind `after`. */
  find(
    query: AuditQuery,
    page: { readonly limit: number; readonly after: AuditPlace | null },
  ): Promise<FoundRecord[]>;
}

interface EntryRow {
  readonly name: string;
  readonly seq: LargeNumber;
  readonly at: LargeNumber;
  readonly lines: LargeNumber;
  readonly nth: number;
}

interface LinesRow {
  readonly id: LargeNumber;
  readonly lines: Uint8Array;
}

export function createAuditRecords({ connection }: Database): AuditRecords {
  return {
    async find(query, { limit, after }) {
      const { clause, values } = matching(query, after);
      const entries = await connection.ask<EntryRow>(
        `select name, seq, at, lines, nth
          from audit_entries join audit_names on audit_names.id = audit_entries.journal
          ${clause} order by at desc, journal desc, seq desc limit ?`,
        [...values, limit],
      );
      const linesOf = await keptLines([...new Set(entries.map(({ lines }) => lines))]);
      return entries.map(({ name, seq, at, lines, nth }) => ({
        at: new Date(Number(at)).toISOString(),
        journal: name,
        seq: Number(seq),
        line: linesOf.get(lines)?.[nth] ?? '',
      }));
    },
  };

  async function keptLines(ids: readonly LargeNumber[]) {
    if (ids.length === 0) return new Map<LargeNumber, string[]>();
    const places = ids.map(() => '?').join(', ');
    const rows = await connection.ask<LinesRow>(
      `select id, lines from audit_lines where id in (${places})`,
      ids,
    );
    return new Map(
      await Promise.all(rows.map(async ({ id, lines }) => [id, await textsOf(lines)] as const)),
    );
  }
}

/** A text that stands for no name has no number, and equals nothing. */
const NUMBER_OF_NAME = '(select id from audit_names where name = ?)';

const asItIs = (text: string): SqlValue => text;

/** How each member is compared, and what is bound to it. */
const CONDITIONS: Readonly<
  Record<keyof AuditQuery, readonly [sql: string, bound: (text: string) => SqlValue]>
> = {
  tenant: [`tenant = ${NUMBER_OF_NAME}`, asItIs],
  region: [`region = ${NUMBER_OF_NAME}`, asItIs],
  bucket: [`bucket = ${NUMBER_OF_NAME}`, asItIs],
  operation: [`operation = ${NUMBER_OF_NAME}`, asItIs],
  decision: [`decision = ${NUMBER_OF_NAME}`, asItIs],
  outcome: [`outcome = ${NUMBER_OF_NAME}`, asItIs],
  kind: [`kind = ${NUMBER_OF_NAME}`, asItIs],
  requestId: ['request_id = ?', asItIs],
  from: ['at >= ?', Date.parse],
  to: ['at < ?', Date.parse],
};

/** A comparison of rows, which both databases answer from an index. */
const BEHIND = `(at, journal, seq) < (?, ${NUMBER_OF_NAME}, ?)`;

/** INVARIANT: what a caller asks for is bound as a value, never a part of the statement. */
function matching(query: AuditQuery, after: AuditPlace | null) {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  for (const [member, [sql, bound]] of Object.entries(CONDITIONS)) {
    // The members are those of the table's type.
    const text = query[member as keyof AuditQuery];
    if (text === undefined) continue;
    conditions.push(sql);
    values.push(bound(text));
  }
  if (after !== null) {
    conditions.push(BEHIND);
    // A text that is no time is no place that was ever told: nothing is behind it.
    values.push(Date.parse(after.at) || 0, after.journal, after.seq);
  }
  const clause = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  return { clause, values };
}
