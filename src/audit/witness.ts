import type { JournalPosition } from './chain.ts';
import { type Checkpoint, checkpointProblem } from './checkpoint.ts';
import { verifyReceipt } from './receipt.ts';
import type { PublicKeys } from './signing-key.ts';

/** Something from outside of the journal that says what stands in it. */
export type Witness =
  | { readonly kind: 'head'; readonly head: JournalPosition }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'receipt'; readonly text: string };

/** A place that a witness knows of, or why it is not believed. */
export type Statement =
  | (JournalPosition & { readonly requestId?: string })
  | { readonly problem: string };

/**
 * What a witness states of the journal with this id.
 * @param keys without them only a head is believed: its word is the auditor's own
 */
export function statementOf(
  witness: Witness,
  journal: string | null,
  keys: PublicKeys = new Map(),
): Statement {
  if (witness.kind === 'head') return witness.head;
  if (witness.kind === 'checkpoint') {
    const { checkpoint } = witness;
    const { seq, hash } = checkpoint;
    const problem = checkpointProblem(checkpoint, keys);
    return problem === null ? ofJournal(checkpoint.journal, journal, { seq, hash }) : { problem };
  }
  const verified = verifyReceipt(witness.text, keys);
  if ('problem' in verified) return verified;
  const { seq, hash, requestId } = verified.receipt;
  return ofJournal(verified.receipt.journal, journal, { seq, hash, requestId });
}

function ofJournal(stated: string, journal: string | null, place: Statement): Statement {
  return stated === journal ? place : { problem: `of another journal (${stated})` };
}
