import { z } from 'zod';
import type { JournalPosition } from './chain.ts';
import { hashTree, MAX_DEPTH, rootOf } from './merkle.ts';
import { type PublicKeys, type SigningKey, signatureProblem } from './signing-key.ts';

/** What a receipt states: the closing of this request stands at this place of this journal. */
export interface Receipt extends JournalPosition {
  readonly journal: string;
  readonly requestId: string;
  /** When it was signed, ISO 8601. */
  readonly at: string;
  readonly keyId: string;
}

const RECEIPT = z.strictObject({
  v: z.literal(2),
  journal: z.string(),
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  requestId: z.string(),
  at: z.iso.datetime(),
  keyId: z.string(),
});

/** `<payload>.<proof>.<signature>`; the longest that is read, in characters. */
const MAX_RECEIPT = 2_048;
/** The most receipts that one signature vouches for. */
export const MAX_SIGNED_TOGETHER = 2 ** MAX_DEPTH;

/** Set apart from every other use of the key. */
const statementOf = (root: string) => `slimgate-receipt/2\n${root}`;

/**
 * Sign receipts together, each of which holds without the others: the signature is of the root of
 * a hash tree over their payloads.
 * @param all at most MAX_SIGNED_TOGETHER
 * @returns for each one line for a header, of less than 1,024 characters
 */
export function signReceipts(
  all: readonly Omit<Receipt, 'keyId'>[],
  key: SigningKey,
): readonly string[] {
  const payloads = all.map(({ journal, seq, hash, requestId, at }) => {
    const stated = { v: 2, journal, seq, hash, requestId, at, keyId: key.id };
    return Buffer.from(JSON.stringify(stated)).toString('base64url');
  });
  const { root, proofs } = hashTree(payloads);
  const signature = key.sign(statementOf(root));
  return payloads.map((payload, index) => `${payload}.${proofs[index]}.${signature}`);
}

/** A receipt that its signature vouches for, or why there is none. */
export type VerifiedReceipt = { readonly receipt: Receipt } | { readonly problem: string };

/** Verify what a receipt says of itself: whether it stands in a journal is the journal's answer. */
export function verifyReceipt(text: string, keys: PublicKeys): VerifiedReceipt {
  const parts = text.length > MAX_RECEIPT ? [] : text.split('.');
  const [payload = '', proof = '', signature = ''] = parts;
  const stated = parts.length === 3 ? payloadOf(payload) : null;
  const root = rootOf(payload, proof);
  if (stated === null || root === null) return { problem: 'not a receipt' };
  const { v, ...receipt } = stated;
  const { keyId } = receipt;
  const problem = signatureProblem(statementOf(root), { keyId, signature }, keys);
  return problem === null ? { receipt } : { problem };
}

function payloadOf(payload: string): z.infer<typeof RECEIPT> | null {
  try {
    const json = Buffer.from(payload, 'base64url').toString();
    return RECEIPT.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
