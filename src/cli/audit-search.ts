import { searchedOf } from '../audit/index-row.ts';
import { recordsBehind } from '../audit/reading.ts';
import { type AdminOptions, askAdmin } from './admin-client.ts';
import { lineOf } from './audit-lines.ts';

export interface AuditSearchOptions {
  readonly journal: string;
  /** The admin listener of a running gateway, to be asked in place of the files. */
  readonly admin?: string;
  readonly tokenFile: string;
  readonly json: boolean;
  readonly tenant?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly operation?: string;
  readonly decision?: string;
  readonly outcome?: string;
  readonly kind?: string;
  readonly requestId?: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** What is compared. */
const NAMES = [
  'tenant',
  'region',
  'bucket',
  'operation',
  'decision',
  'outcome',
  'kind',
  'requestId',
] as const;

/** The records that match: out of the journal's files, or out of a running gateway's index. */
export async function printSearch(options: AuditSearchOptions): Promise<void> {
  const { admin, tokenFile, json } = options;
  const found = admin === undefined ? filed(options) : indexed({ admin, tokenFile }, options);
  let count = 0;
  for await (const { text, members } of found) {
    process.stdout.write(`${json ? text : lineOf({ members })}\n`);
    count += 1;
  }
  process.exitCode = count > 0 ? 0 : 1;
}

interface Found {
  readonly text: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Oldest first; the index is not asked. */
async function* filed(options: AuditSearchOptions): AsyncIterable<Found> {
  for await (const { record } of recordsBehind(options.journal, { number: 1, offset: 0 })) {
    if (isWanted(record.members, options)) yield record;
  }
}

const PAGE = 500;

/** Newest first, page by page. */
async function* indexed(where: AdminOptions, options: AuditSearchOptions): AsyncIterable<Found> {
  const query = queryOf(options);
  for (;;) {
    const { records, next } = await askAdmin<{
      records: readonly Found['members'][];
      next: string | null;
    }>(`/v1/audit/records?${query}`, where);
    for (const members of records) yield { members, text: JSON.stringify(members) };
    if (next === null) return;
    query.set('after', next);
  }
}

function queryOf({ from, to, ...options }: AuditSearchOptions): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE) });
  for (const name of NAMES) {
    const wanted = options[name];
    if (wanted !== undefined) query.set(name, wanted);
  }
  if (from !== undefined) query.set('from', from.toISOString());
  if (to !== undefined) query.set('to', to.toISOString());
  return query;
}

function isWanted(members: Found['members'], options: AuditSearchOptions): boolean {
  const { from, to } = options;
  const [at, kind] = [String(members.at), String(members.kind)];
  const told = { ...searchedOf(members), kind };
  return (
    NAMES.every((name) => options[name] === undefined || told[name] === options[name]) &&
    (from === undefined || at >= from.toISOString()) &&
    (to === undefined || at < to.toISOString())
  );
}
