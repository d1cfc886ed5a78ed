import { printable } from '../audit/chain.ts';
import { indexRow } from '../audit/index-row.ts';
import { recordsBehind } from '../audit/reading.ts';
import { unresolvedOutcomes } from '../audit/unresolved.ts';
import type { IndexedRecord } from '../store/audit-records.ts';
import { lineOf } from './audit-lines.ts';

export interface AuditSearchOptions {
  readonly journal: string;
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

/** What is compared, and with which column of the index. */
const COMPARED = {
  tenant: 'tenant',
  region: 'region',
  bucket: 'bucket',
  operation: 'operation',
  decision: 'decision',
  outcome: 'outcome',
  kind: 'kind',
  requestId: 'request_id',
} as const;

/** The records that match, oldest first, out of the journal's files: the index is not asked. */
export async function printSearch(options: AuditSearchOptions): Promise<void> {
  let count = 0;
  for await (const { record } of recordsBehind(options.journal, { number: 1, offset: 0 })) {
    if (!isWanted(indexRow('', record), options)) continue;
    process.stdout.write(`${options.json ? record.text : lineOf(record)}\n`);
    count += 1;
  }
  process.exitCode = count > 0 ? 0 : 1;
}

function isWanted(row: IndexedRecord, options: AuditSearchOptions): boolean {
  const names = Object.keys(COMPARED) as (keyof typeof COMPARED)[];
  const { from, to } = options;
  return (
    names.every((name) => options[name] === undefined || row[COMPARED[name]] === options[name]) &&
    (from === undefined || row.at >= from.toISOString()) &&
    (to === undefined || row.at < to.toISOString())
  );
}

/** The changes of unknown outcome that nothing resolves; exit 1 when there are some. */
export async function printUnresolved({ journal }: { readonly journal: string }): Promise<void> {
  const found = await unresolvedOutcomes(journal);
  for (const { requestId, tenant, operation } of found) {
    const { name, region, bucket, modes, suffixes } = operation;
    const wanted = [modes, suffixes].map((list) => list.join(',')).join(' ');
    const line = `${requestId}  ${tenant ?? '(nobody)'}  ${name} ${region} ${bucket} ${wanted}`;
    process.stdout.write(`${printable(line.trimEnd())}\n`);
  }
  process.stderr.write(`${found.length} changes of unknown outcome are not resolved\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
