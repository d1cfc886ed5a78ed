import type { PlacedRecord } from './reading.ts';

/** The columns of a table of records: their names, and the paths to the members. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  seq: ['seq'],
  at: ['at'],
  kind: ['kind'],
  requestId: ['requestId'],
  traceId: ['traceId'],
  tenant: ['tenant', 'name'],
  subject: ['tenant', 'subject'],
  sourceAddress: ['sourceAddress'],
  operation: ['operation', 'name'],
  region: ['operation', 'region'],
  bucket: ['operation', 'bucket'],
  modes: ['operation', 'modes'],
  suffixes: ['operation', 'suffixes'],
  isDryRun: ['operation', 'isDryRun'],
  decision: ['decision', 'effect'],
  reason: ['decision', 'reason'],
  statements: ['decision', 'statements'],
  tableVersion: ['decision', 'tableVersion'],
  subAccount: ['subAccount', 'name'],
  outcome: ['outcome'],
  status: ['status'],
  code: ['code'],
  upstreamStatus: ['upstreamStatus'],
  upstreamCode: ['upstreamCode'],
  upstreamRequestId: ['upstreamRequestId'],
  attempts: ['attempts'],
  durationMs: ['durationMs'],
};

/** The first line of a CSV. */
export const CSV_HEADER = Object.keys(COLUMNS).map(csvCell).join(',');

/** A record as a line of CSV. Source: RFC 4180. */
export function csvLine({ members }: PlacedRecord): string {
  return Object.values(COLUMNS)
    .map((path) => csvCell(textAt(members, path)))
    .join(',');
}

/** What a table program would take for a formula is made a text. Source: OWASP, "CSV Injection". */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function textAt(members: unknown, path: readonly string[]): string {
  let value: unknown = members;
  // Members of anything but an object are undefined.
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return Array.isArray(value) ? value.join(' ') : String(value ?? '');
}
