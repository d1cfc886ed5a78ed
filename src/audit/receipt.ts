import { z } from 'zod';
import type { JournalPosition } from './chain.ts';
import { type PublicKeys, type SigningKey, signatureProblem } from './signing-key.ts';

/** What a receipt states: the closing of this request stands at this place of this journal. */
export interface Receipt extends JournalPosition {
  readonly journal: string;
  readonly requestId: string;
  /** When it was issued, ISO 8601. */
  readonly at: string;
  readonly keyId: string;
}

const RECEIPT = z.strictObject({
  v: z.literal(1),
  journal: z.string(),
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  requestId: z.string(),
  at: z.iso.datetime(),
  keyId: z.string(),
});

/** `<payload>.<signature>`, both in base64url; the longest that is read, in characters. */
const MAX_RECEIPT = 2_048;

/** Set apart from every other use of the key. */
const statementOf = (payload: string) => `slimgate-receipt/1\n${payload}`;

/** Sign a receipt: one line of less than 512 characters for a header. */
export function signReceipt(facts: Omit<Receipt, 'keyId'>, key: SigningKey): string {
  const { journal, seq, hash, requestId, at } = facts;
  const stated = { v: 1, journal, seq, hash, requestId, at, keyId: key.id };
  const payload = Buffer.from(JSON.stringify(stated)).toString('base64url');
  return `${payload}.${key.sign(statementOf(payload))}`;
}

/** A receipt that its signature vouches for, or why there is none. */
export type VerifiedReceipt = { readonly receipt: Receipt } | { readonly problem: string };

/** Verify what a receipt says of itself: whether it stands in a journal is the journal's answer. */
export function verifyReceipt(text: string, keys: PublicKeys): VerifiedReceipt {
  const [payload = '', signature = '', ...rest] = text.length > MAX_RECEIPT ? [] : text.split('.');
  const stated = rest.length === 0 ? payloadOf(payload) : null;
  if (stated === null) return { problem: 'not a receipt' };
  const { v, ...receipt } = stated;
  const { keyId } = receipt;
  const problem = signatureProblem(statementOf(payload), { keyId, signature }, keys);
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
