import { z } from 'zod';
import type { JournalPosition } from './chain.ts';
import type { RecordBody } from './record.ts';
import { type PublicKeys, type SigningKey, signatureProblem } from './signing-key.ts';

/** A signed statement of a chain's head: it vouches for the record at `seq` and all before it. */
export interface Checkpoint extends JournalPosition {
  /** The journal's id: a checkpoint of another journal vouches for nothing here. */
  readonly journal: string;
  /** ISO 8601. */
  readonly at: string;
  /** At most so many records follow before the next checkpoint: without one, the rest is forged. */
  readonly within: number;
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/**
 * The text that is signed: the version of its form, then each fact on a line of its own.
 * INVARIANT: no fact has a line feed in it, so that a text has one reading.
 */
function statementOf(facts: Omit<Checkpoint, 'signature'>): string {
  const { journal, seq, hash, at, within, keyId } = facts;
  return `${['slimgate-checkpoint/1', journal, seq, hash, at, within, keyId].join('\n')}\n`;
}

/** Sign the head of a chain. */
export function signCheckpoint(
  facts: Omit<Checkpoint, 'signature' | 'keyId'>,
  key: SigningKey,
): Checkpoint {
  const stated = { ...facts, keyId: key.id };
  return { ...stated, signature: key.sign(statementOf(stated)) };
}

/** Why a checkpoint vouches for nothing: null when it does. */
export function checkpointProblem(checkpoint: Checkpoint, keys: PublicKeys): string | null {
  return signatureProblem(statementOf(checkpoint), checkpoint, keys);
}

/** The record of a checkpoint; its time is the record's own. */
export function checkpointBody(checkpoint: Checkpoint): RecordBody {
  const { journal, seq, hash, within, keyId, signature } = checkpoint;
  return { kind: 'checkpoint', journal, head: { seq, hash }, within, keyId, signature };
}

/** A record of kind `checkpoint`, as it is read back. */
export interface CheckpointRecord extends Omit<Checkpoint, 'seq' | 'hash'> {
  readonly head: JournalPosition;
}

/** The checkpoint that a record holds. */
export function checkpointOf(record: CheckpointRecord): Checkpoint {
  const { journal, head, at, within, keyId, signature } = record;
  return { journal, seq: head.seq, hash: head.hash, at, within, keyId, signature };
}

const CHECKPOINT = z.object({
  journal: z.string(),
  seq: z.int().nonnegative(),
  hash: z.string(),
  at: z.string(),
  within: z.int().positive(),
  keyId: z.string(),
  signature: z.string(),
});

const CHECKPOINT_RECORD = CHECKPOINT.omit({ seq: true, hash: true }).extend({
  kind: z.literal('checkpoint'),
  head: CHECKPOINT.pick({ seq: true, hash: true }),
});

/**
 * The checkpoint in a line: of the operator's log, where it is a member, or of a journal; null when
 * there is none. Nothing is verified.
 */
export function parseCheckpoint(line: string): Checkpoint | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const record = CHECKPOINT_RECORD.safeParse(value).data;
  if (record !== undefined) return checkpointOf(record);
  const member = typeof value === 'object' && value !== null ? Object(value).checkpoint : undefined;
  return CHECKPOINT.safeParse(member ?? value).data ?? null;
}
