import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

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

/** What is compared as a name. */
const NAMED = [
  'tenant',
  'region',
  'bucket',
  'operation',
  'decision',
  'outcome',
  'kind',
] as const satisfies readonly (keyof AuditQuery)[];

export function createAuditRecords({ query }: Database): AuditRecords {
  return {
    async find(wanted, { limit, after }) {
      const entries = await matching(query.selectFrom('audit_entries'), wanted)
        .$if(after !== null, (select) => select.where(behind(after)))
        .innerJoin('audit_names', 'audit_names.id', 'audit_entries.journal')
        .select(['name', 'seq', 'at', 'lines', 'nth'])
        .orderBy('at', 'desc')
        .orderBy('journal', 'desc')
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      const linesOf = await keptLines([...new Set(entries.map(({ lines }) => lines))]);
      return entries.map(({ name, seq, at, lines, nth }) => ({
        at: new Date(Number(at)).toISOString(),
        journal: name,
        seq: Number(seq),
        line: linesOf.get(lines)?.[nth] ?? '',
      }));
    },
  };

  async function keptLines(ids: readonly (number | string)[]) {
    if (ids.length === 0) return new Map<number | string, string[]>();
    const rows = await query
      .selectFrom('audit_lines')
      .select(['id', 'lines'])
      .where('id', 'in', ids)
      .execute();
    return new Map(
      await Promise.all(rows.map(async ({ id, lines }) => [id, await textsOf(lines)] as const)),
    );
  }
}

const decompress = promisify(zstdDecompress);

/** Source: RFC 8878, section 3.1.1. */
const ZSTANDARD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

async function textsOf(lines: Uint8Array): Promise<string[]> {
  const isCompressed = ZSTANDARD.equals(lines.subarray(0, ZSTANDARD.length));
  const bytes = isCompressed ? await decompress(lines) : Buffer.from(lines);
  return bytes.toString().split('\n');
}

type EntrySelect = SelectQueryBuilder<Tables, 'audit_entries', object>;

/** INVARIANT: what a caller asks for is bound as a parameter, never a part of the statement. */
function matching(select: EntrySelect, wanted: AuditQuery): EntrySelect {
  let narrowed = select;
  for (const name of NAMED) {
    const value = wanted[name];
    if (value !== undefined) narrowed = narrowed.where((by) => by(name, '=', numberOf(by, value)));
  }
  const { requestId, from, to } = wanted;
  if (requestId !== undefined) narrowed = narrowed.where('request_id', '=', requestId);
  if (from !== undefined) narrowed = narrowed.where('at', '>=', Date.parse(from));
  return to === undefined ? narrowed : narrowed.where('at', '<', Date.parse(to));
}

function numberOf({ selectFrom }: ExpressionBuilder<Tables, 'audit_entries'>, name: string) {
  return selectFrom('audit_names').select('audit_names.id').where('name', '=', name);
}

/** A comparison of rows, which both databases answer from an index. */
function behind(place: AuditPlace | null) {
  const { at = '', journal = '', seq = 0 } = place ?? {};
  const number = sql`(select id from audit_names where name = ${journal})`;
  // A text that is no time is no place that was ever told: nothing is behind it.
  return sql<boolean>`(at, journal, seq) < (${Date.parse(at) || 0}, ${number}, ${seq})`;
}
