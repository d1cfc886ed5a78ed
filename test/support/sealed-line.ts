import { hash } from 'node:crypto';
import type { JournalPosition, UnsealedRecord } from '../../src/audit/chain.ts';

/** A record's line with its newline, and where it stands. */
export interface SealedLine {
  readonly bytes: Buffer;
  readonly position: JournalPosition;
}

/** Give a record its place behind `previous`, the plain way: what the journal's own is held against. */
export function seal(
  { at, members }: Pick<UnsealedRecord, 'at' | 'members'>,
  previous: JournalPosition,
): SealedLine {
  const seq = previous.seq + 1;
  const line = `{"v":1,"seq":${seq},"previous":"${previous.hash}","at":"${at}",${members.join('')}`;
  return { bytes: Buffer.from(`${line}\n`), position: { seq, hash: hash('sha256', line) } };
}
