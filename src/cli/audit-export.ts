import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type ExportedRecord, exportRecords, type TimeRange } from '../audit/export.ts';
import { CSV_HEADER, csvLine } from '../audit/export-csv.ts';

export interface AuditExportOptions extends TimeRange {
  readonly journal: string;
  readonly format: 'jsonl' | 'csv';
  /** Left out: the standard output. */
  readonly output?: string;
}

const PROOF = '.proof.jsonl';

/** Print the records of a time, with what proves them. */
export async function printExport(options: AuditExportOptions): Promise<void> {
  const { format, output } = options;
  const main = output === undefined ? process.stdout : createWriteStream(output, 'utf8');
  const isTable = format === 'csv' && output !== undefined;
  const proof = isTable ? createWriteStream(output + PROOF, 'utf8') : null;
  const { count, isCovered } = await writeExport(options, main, proof);
  if (output !== undefined) await ended(main);
  if (proof !== null) await ended(proof);
  const open = isCovered || count === 0 ? '' : '; no checkpoint vouches for the last of them yet';
  process.stderr.write(`${count} records of that time${open}\n`);
  if (isTable) process.stderr.write(`their proof: ${output}${PROOF}\n`);
  process.exitCode = count > 0 ? 0 : 1;
}

async function writeExport(
  options: AuditExportOptions,
  main: Writable,
  proof: Writable | null,
): Promise<{ count: number; isCovered: boolean }> {
  if (options.format === 'csv') await write(main, CSV_HEADER);
  let [count, isCovered] = [0, false];
  for await (const record of exportRecords(options.journal, options)) {
    const line = lineOf(record, options.format);
    if (line !== null) await write(main, line);
    if (proof !== null) await write(proof, record.text);
    count += record.isInRange ? 1 : 0;
    isCovered = record.members.kind === 'checkpoint';
  }
  return { count, isCovered };
}

/** A table has what was asked for alone; lines have their proof among them. */
function lineOf(record: ExportedRecord, format: 'jsonl' | 'csv'): string | null {
  if (format === 'jsonl') return record.text;
  return record.isInRange ? csvLine(record) : null;
}

async function write(stream: Writable, line: string): Promise<void> {
  if (!stream.write(`${line}\n`)) await once(stream, 'drain');
}

async function ended(stream: Writable): Promise<void> {
  stream.end();
  await finished(stream);
}
