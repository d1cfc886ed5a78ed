import { GENESIS, type JournalPosition, linkProblem, readRecord } from './chain.ts';
import { type Checkpoint, checkpointOf, checkpointProblem } from './checkpoint.ts';
import { type Line, readLineRuns } from './lines.ts';
import type { PublicKeys } from './signing-key.ts';
import { type WalkedRecord, walkedLine } from './walked-line.ts';

/** What the verification of an export found. */
export interface ExportReport {
  /** Unbroken, as it was written, and vouched for by a checkpoint. */
  readonly isIntact: boolean;
  readonly firstBad: { readonly line: number; readonly problem: string } | null;
  /** The first and the last record; null of an empty file. */
  readonly first: number | null;
  readonly last: number | null;
  /** What vouches for all records before it. */
  readonly lastCheckpoint: Checkpoint | null;
  /** Records behind it, for which the chain alone speaks. */
  readonly unsigned: number;
}

/** Verify an exported piece of a journal with the public key alone. */
export async function verifyExport(file: string, keys: PublicKeys): Promise<ExportReport> {
  const piece = new Piece(keys);
  let bad: ExportReport['firstBad'] = null;
  for await (const run of readLineRuns(file)) {
    for (const line of run) {
      const problem = piece.take(line);
      if (problem !== null) bad ??= { line: line.number, problem };
    }
    if (bad !== null) break;
  }
  const { first, head, checkpoint, unsigned } = piece;
  const unvouched = { line: 0, problem: 'no checkpoint vouches for it' };
  const firstBad = bad ?? (checkpoint === null ? unvouched : null);
  const last = first === null ? null : head.seq;
  return {
    isIntact: firstBad === null,
    firstBad,
    first,
    last,
    lastCheckpoint: checkpoint,
    unsigned,
  };
}

class Piece {
  readonly #keys: PublicKeys;
  first: number | null = null;
  head: JournalPosition = GENESIS;
  checkpoint: Checkpoint | null = null;
  unsigned = 0;

  constructor(keys: PublicKeys) {
    this.#keys = keys;
  }

  /** Tells what is wrong with the next line; null when nothing is. */
  take({ bytes }: Line): string | null {
    if (bytes === null) return 'not a record';
    if (this.first === null) this.#begin(bytes);
    const { link, record, ...read } = walkedLine(bytes, this.head);
    if (record === null) return 'problem' in read ? read.problem : 'not a record';
    const problem = linkProblem(link, this.head) ?? this.#vouch(record);
    this.head = link.position;
    return problem;
  }

  /** The first record is taken for the next one of whatever it says it continues. */
  #begin(bytes: Buffer): void {
    const record = readRecord(bytes);
    if (record === null) return;
    this.first = record.position.seq;
    this.head = { seq: record.position.seq - 1, hash: record.previous };
  }

  #vouch(record: WalkedRecord): string | null {
    this.unsigned += 1;
    if (record.kind !== 'checkpoint') return null;
    const { seq, hash } = record.head;
    if (seq !== this.head.seq || hash !== this.head.hash) return 'a checkpoint of other records';
    const checkpoint = checkpointOf(record);
    const problem = checkpointProblem(checkpoint, this.#keys);
    if (problem !== null) return problem;
    // One that stands first vouches for what is not here.
    if (seq >= (this.first ?? 0)) [this.checkpoint, this.unsigned] = [checkpoint, 0];
    return null;
  }
}
