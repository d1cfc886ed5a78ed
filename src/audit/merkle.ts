import { hash } from 'node:crypto';

/**
 * Hash trees over a few texts, so that one signature vouches for each of them apart: a text is
 * proven by its siblings on the way to the root.
 * Source: RFC 9162, section 2.1.1: leaves and nodes are hashed with different first bytes. Other
 * than there, an odd node goes up as it is, and a sibling carries its side in place of an index.
 */

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The most siblings of a proof: a tree of 1,024 texts. */
export const MAX_DEPTH = 10;

/** A sibling on the way to the root, and on which side of the hash so far it stands. */
interface Sibling {
  readonly side: 'l' | 'r';
  readonly hash: Buffer;
}

export interface HashTree {
  /** In hex. */
  readonly root: string;
  /** Of each text, as in `proof`. */
  readonly proofs: readonly string[];
}

/**
 * Hash texts into one root.
 * @param texts from 1 to 1,024
 * @returns for each text its proof: `l` or `r` and the 43 base64url digits of a sibling, from the
 *   leaf upwards; empty for a text alone
 */
export function hashTree(texts: readonly string[]): HashTree {
  const proofs = texts.map(() => '');
  let level = texts.map((text, index) => ({ hash: leafHash(text), leaves: [index] }));
  while (level.length > 1) {
    level = pairs(level).map(([left, right]) => {
      if (right === undefined) return left;
      for (const leaf of left.leaves) proofs[leaf] += `r${right.hash.toString('base64url')}`;
      for (const leaf of right.leaves) proofs[leaf] += `l${left.hash.toString('base64url')}`;
      return {
        hash: nodeHash(left.hash, right.hash),
        leaves: [...left.leaves, ...right.leaves],
      };
    });
  }
  return { root: level[0]?.hash.toString('hex') ?? '', proofs };
}

/** The root that a text and its proof lead to, in hex; null when it is no proof. */
export function rootOf(text: string, proof: string): string | null {
  const siblings = siblingsOf(proof);
  if (siblings === null) return null;
  return siblings
    .reduce(
      (own, { side, hash: other }) => (side === 'l' ? nodeHash(other, own) : nodeHash(own, other)),
      leafHash(text),
    )
    .toString('hex');
}

function pairs<T>(items: readonly T[]): [T, T | undefined][] {
  return items.flatMap((item, index) => (index % 2 === 0 ? [[item, items[index + 1]]] : []));
}

const SIBLING_LENGTH = 44;

/** Each sibling has one text: base64url in its canonical form. */
function siblingsOf(proof: string): readonly Sibling[] | null {
  if (proof.length % SIBLING_LENGTH !== 0 || proof.length > MAX_DEPTH * SIBLING_LENGTH) return null;
  const siblings: Sibling[] = [];
  for (let at = 0; at < proof.length; at += SIBLING_LENGTH) {
    const [side, text] = [proof[at], proof.slice(at + 1, at + SIBLING_LENGTH)];
    const bytes = Buffer.from(text, 'base64url');
    if ((side !== 'l' && side !== 'r') || bytes.toString('base64url') !== text) return null;
    siblings.push({ side, hash: bytes });
  }
  return siblings;
}

function leafHash(text: string): Buffer {
  return hash('sha256', Buffer.concat([LEAF, Buffer.from(text)]), 'buffer');
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}
