import { hash } from 'node:crypto';
import { encode, type JournalPosition, type ReadRecord, readRecord } from './chain.ts';
import type { PairedRecord } from './pairing.ts';
import { readPlainLine } from './plain-line.ts';
import { AUDIT_RECORD, type AuditRecord } from './record-shape.ts';

/** A record as far as a walk looks at it. */
export type WalkedRecord = Exclude<AuditRecord, { kind: PairedRecord['kind'] }> | PairedRecord;

/** What a line says, or why it says nothing. */
export type WalkedLine =
  | { readonly link: Link; readonly record: WalkedRecord }
  | { readonly link: Link | null; readonly record: null; readonly problem: string };

/** Its place, and the hash of the record that it says it continues. */
export type Link = Pick<ReadRecord, 'position' | 'previous'>;

export const NOT_A_RECORD = { link: null, record: null, problem: 'not a record' } as const;

/**
 * Read a line and compare it with what the journal would write: shape and text.
 * @param head what it should continue
 */
export function walkedLine(bytes: Buffer, head: JournalPosition): WalkedLine {
  const record = readPlainLine(bytes, head);
  if (record === null) return parsedLine(bytes);
  const position = { seq: record.seq, hash: hash('sha256', bytes) };
  return { link: { position, previous: head.hash }, record };
}

/** The long way, for every line that is not plain; it comes to the same for those that are. */
export function parsedLine(bytes: Buffer): WalkedLine {
  const link = readRecord(bytes);
  if (link === null) return NOT_A_RECORD;
  const shaped = AUDIT_RECORD.safeParse(link.members);
  if (!shaped.success) return { link, record: null, problem: 'not in the shape of its kind' };
  const isAsWritten = encode(shaped.data) === bytes.toString();
  return isAsWritten
    ? { link, record: shaped.data }
    : { link, record: null, problem: 'not as it is written' };
}
