import type { IndexedRecord } from '../store/audit-records.ts';
import type { PlacedRecord } from './reading.ts';

/** A checkpoint proves, and says nothing that is searched for; a closing says all of its intent. */
const NOT_INDEXED: ReadonlySet<string> = new Set(['checkpoint', 'intent']);

/** Whether the index has records of this kind. */
export function isIndexed(kind: string): boolean {
  return !NOT_INDEXED.has(kind);
}

/** A record as the index keeps it. */
export function indexRow(
  journal: string,
  { text, members }: Pick<PlacedRecord, 'text' | 'members'>,
): IndexedRecord {
  const [tenant, operation] = [membersOf(members.tenant), membersOf(members.operation)];
  return {
    journal,
    seq: Number(members.seq),
    at: String(members.at),
    kind: String(members.kind),
    request_id: textOf(members.requestId),
    tenant: textOf(tenant.name),
    region: textOf(operation.region),
    bucket: textOf(operation.bucket),
    operation: textOf(operation.name),
    decision: textOf(membersOf(members.decision).effect),
    outcome: textOf(members.outcome ?? members.finding),
    line: text,
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
