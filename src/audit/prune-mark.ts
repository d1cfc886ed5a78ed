import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JournalPosition } from './chain.ts';
import { type PublicKeys, type SigningKey, signatureProblem } from './signing-key.ts';

/** Stands in a journal's directory in place of the segments that were taken out. */
export const PRUNE_MARK = 'pruned.json';

/** A signed statement that segments 1 to `segments` were taken out, and where they ended. */
export interface PruneMark extends JournalPosition {
  readonly journal: string;
  readonly segments: number;
  /** What their last checkpoint promised: see `Checkpoint`. */
  readonly within: number;
  /** ISO 8601. */
  readonly at: string;
  readonly keyId: string;
  readonly signature: string;
}

const MARK = z.strictObject({
  journal: z.string(),
  segments: z.int().positive(),
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  within: z.int().positive(),
  at: z.iso.datetime(),
  keyId: z.string(),
  signature: z.string(),
});

/** Set apart from every other use of the key; a fact a line, as in a checkpoint. */
function statementOf(facts: Omit<PruneMark, 'signature'>): string {
  const { journal, segments, seq, hash, within, at, keyId } = facts;
  const lines = ['slimgate-prune/1', journal, segments, seq, hash, within, at, keyId];
  return `${lines.join('\n')}\n`;
}

export function signPruneMark(
  facts: Omit<PruneMark, 'signature' | 'keyId'>,
  key: SigningKey,
): PruneMark {
  const stated = { ...facts, keyId: key.id };
  return { ...stated, signature: key.sign(statementOf(stated)) };
}

/** Why a mark accounts for nothing: null when it does. */
export function pruneMarkProblem(mark: PruneMark, keys: PublicKeys): string | null {
  return signatureProblem(statementOf(mark), mark, keys);
}

/** The mark of a journal; null where nothing was taken out. Its signature is not verified. */
export async function readPruneMark(
  directory: string,
): Promise<PruneMark | null | { readonly problem: string }> {
  let text: string;
  try {
    text = await readFile(join(directory, PRUNE_MARK), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return MARK.parse(JSON.parse(text));
  } catch {
    return { problem: 'not a prune mark' };
  }
}
