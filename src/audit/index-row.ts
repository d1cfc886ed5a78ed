import type { IndexedRecord } from '../store/index-writer.ts';
import { readMembers } from './chain.ts';

/** A checkpoint proves, and says nothing that is searched for; a closing says all of its intent. */
const NOT_INDEXED: ReadonlySet<string> = new Set(['checkpoint', 'intent']);

/** Whether the index has records of this kind. */
export function isIndexed(kind: string): boolean {
  return !NOT_INDEXED.has(kind);
}

/** What the journal begins a line with. */
const HEAD = /^\{"v":1,"seq":(\d+),"previous":"[0-9a-f]{64}","at":"([^"\n]+)","kind":"([^"\n]+)"/;
const MAX_HEAD_BYTES = 256;

/** Where a record stands, when it was, and what it is. */
export interface RecordHead extends Pick<IndexedRecord, 'seq' | 'kind'> {
  readonly at: string;
}

/** Read no more of the line that begins at a place than its head; null when it is no record. */
export function readHead(bytes: Buffer, from = 0): RecordHead | null {
  const [, seq, at = '', kind = ''] =
    HEAD.exec(bytes.toString('latin1', from, from + MAX_HEAD_BYTES)) ?? [];
  return seq === undefined ? null : { seq: Number(seq), at, kind };
}

/**
 * A record as the index keeps it; null when the line is none.
 * @param line without its newline
 */
export function indexedRecord({ seq, at, kind }: RecordHead, line: Buffer): IndexedRecord | null {
  const searched = (kind === 'closing' ? pickSearched(line) : null) ?? parseSearched(line);
  if (searched === null) return null;
  const { requestId, tenant, region, bucket, operation, decision, outcome } = searched;
  // Named one by one: to spread them costs several times as much.
  return {
    seq,
    at: Date.parse(at) || 0,
    kind,
    requestId,
    tenant,
    region,
    bucket,
    operation,
    decision,
    outcome,
    line,
  };
}

/** What is searched for besides the kind and the time. */
export type Searched = Omit<IndexedRecord, 'seq' | 'at' | 'kind' | 'line'>;

/** What stands before each value in the text of a closing, in the order of its members. */
const MARKS = [
  ',"requestId":',
  ',"tenant":{"name":',
  ',"operation":{"name":',
  ',"region":',
  ',"bucket":',
  ',"decision":{"effect":',
  ',"outcome":',
] as const;

/**
 * Pick what is searched for out of a closing as the journal writes it, several times as fast as by
 * parsing it; null when a value is no plain text, and has to be read the long way.
 * INVARIANT: a quote inside a JSON text stands behind a backslash, so a mark is never part of a
 * value; and no member in front of one has the same mark inside.
 */
export function pickSearched(line: Buffer): Searched | null {
  // A character for each byte: what is picked is ASCII.
  const text = line.toString('latin1');
  const values: (string | null)[] = [];
  let at = 0;
  for (const mark of MARKS) {
    const found = text.indexOf(mark, at);
    if (found === -1) return null;
    at = found + mark.length;
    const value = plainValue(text, at);
    if (value === undefined) return null;
    values.push(value);
  }
  const [requestId = null, tenant = null, operation = null, region = null] = values;
  const [, , , , bucket = null, decision = null, outcome = null] = values;
  return { requestId, tenant, region, bucket, operation, decision, outcome };
}

/** The text of printable ASCII, or the null, that stands at a place; undefined: another value. */
function plainValue(text: string, at: number): string | null | undefined {
  if (text.startsWith('null', at)) return null;
  if (text[at] !== '"') return undefined;
  const value = text.slice(at + 1, text.indexOf('"', at + 1));
  return NOT_PLAIN.test(value) ? undefined : value;
}

const NOT_PLAIN = /[^ !#-[\]-~]/;

function parseSearched(line: Buffer): Searched | null {
  const members = readMembers(line);
  return members && searchedOf(members);
}

/** What is searched for of a record that was parsed. */
export function searchedOf(members: Readonly<Record<string, unknown>>): Searched {
  const [tenant, operation] = [membersOf(members.tenant), membersOf(members.operation)];
  return {
    requestId: textOf(members.requestId),
    tenant: textOf(tenant.name),
    region: textOf(operation.region),
    bucket: textOf(operation.bucket),
    operation: textOf(operation.name),
    decision: textOf(membersOf(members.decision).effect),
    outcome: textOf(members.outcome ?? members.finding),
  };
}

/** PostgreSQL keeps no NUL, and a record has none: its control characters are escaped. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '') : null;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  // Members of an object are looked at one by one; of anything else there are none.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
