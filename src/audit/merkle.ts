import { hash } from 'node:crypto';

/**
 * Hash trees over a few texts, so that one signature vouches for each of them apart: a text is
 * proven by its siblings on the way to the root.
 * Source: RFC 9162, section 2.1.1: leaves and nodes are hashed with different first bytes. Other
 * than there, an odd node goes up as it is, and a sibling carries its side in place of an index.
 */

const LEAF = '\0';
const NODE = '\x01';
/** Of a hash, in bytes. */
const HASH_BYTES = 32;

/** The most siblings of a proof: a tree of 1,024 texts. */
export const MAX_DEPTH = 10;

/** A sibling on the way to the root, and on which side of the hash so far it stands. */
interface Sibling {
  readonly side: 'l' | 'r';
  /** In base64url, as all hashes here: so they stand in a proof. */
  readonly hash: string;
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
  const nodeHash = nodeHasher();
  const levels = [texts.map(leafHash)];
  for (let level = levels[0] ?? []; level.length > 1; levels.push(level)) {
    level = parents(level, nodeHash);
  }
  const [root = ''] = levels.pop() ?? [];
  return { root: hexOf(root), proofs: levels.reduceRight(proofsBelow, ['']) };
}

/** The root that a text and its proof lead to, in hex; null when it is no proof. */
export function rootOf(text: string, proof: string): string | null {
  const siblings = siblingsOf(proof);
  if (siblings === null) return null;
  const nodeHash = nodeHasher();
  const root = siblings.reduce(
    (own, { side, hash: other }) => (side === 'l' ? nodeHash(other, own) : nodeHash(own, other)),
    leafHash(text),
  );
  return hexOf(root);
}

type NodeHash = (left: string, right: string) => string;

function parents(level: readonly string[], nodeHash: NodeHash): string[] {
  return Array.from({ length: Math.ceil(level.length / 2) }, (_, index) => {
    const [left = '', right] = [level[2 * index], level[2 * index + 1]];
    return right === undefined ? left : nodeHash(left, right);
  });
}

/** The proofs of a level: each node's sibling, and then what proves their parent. */
function proofsBelow(above: readonly string[], level: readonly string[]): string[] {
  return level.map((_, index) => {
    const sibling = level[index ^ 1];
    const step = sibling === undefined ? '' : `${index % 2 === 0 ? 'r' : 'l'}${sibling}`;
    return step + above[index >> 1];
  });
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
    siblings.push({ side, hash: text });
  }
  return siblings;
}

function leafHash(text: string): string {
  return hash('sha256', LEAF + text, 'base64url');
}

/** Of hashes in base64url, in one piece of memory for a whole tree. */
function nodeHasher(): NodeHash {
  const bytes = Buffer.alloc(NODE.length + 2 * HASH_BYTES, NODE);
  return (left, right) => {
    bytes.write(left, NODE.length, 'base64url');
    bytes.write(right, NODE.length + HASH_BYTES, 'base64url');
    return hash('sha256', bytes, 'base64url');
  };
}

function hexOf(hashText: string): string {
  return Buffer.from(hashText, 'base64url').toString('hex');
}
