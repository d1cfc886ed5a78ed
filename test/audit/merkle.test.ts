import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashTree, rootOf } from '../../src/audit/merkle.ts';

const sha256 = (...parts: (Uint8Array | string)[]) =>
  parts
    .reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash('sha256'))
    .digest();

/** Root and proofs by recursion over halves that are full trees, on bytes: the plain way. */
function plainTree(texts: readonly string[]): { root: Buffer; proofs: string[] } {
  const [text = ''] = texts;
  if (texts.length === 1) return { root: sha256(Buffer.of(0), text), proofs: [''] };
  const middle = 2 ** Math.ceil(Math.log2(texts.length) - 1);
  const [left, right] = [plainTree(texts.slice(0, middle)), plainTree(texts.slice(middle))];
  return {
    root: sha256(Buffer.of(1), left.root, right.root),
    proofs: [
      ...left.proofs.map((proof) => `${proof}r${right.root.toString('base64url')}`),
      ...right.proofs.map((proof) => `${proof}l${left.root.toString('base64url')}`),
    ],
  };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 31, 33, 100, 1_024])(
  'a tree over %i texts has the root and the proofs of the plain way',
  (count) => {
    const texts = Array.from({ length: count }, (_, index) => `text ${index} with ä`);
    const { root, proofs } = plainTree(texts);
    expect(hashTree(texts)).toEqual({ root: root.toString('hex'), proofs });
    for (const index of [0, count >> 1, count - 1]) {
      expect(rootOf(texts[index] ?? '', proofs[index] ?? '')).toBe(root.toString('hex'));
    }
  },
);

test('a tree is this one', () => {
  // From another implementation of SHA-256.
  expect(hashTree(['a', 'b', 'c'])).toEqual({
    root: '36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1',
    proofs: [
      'rV-s1YV1H807HFMrN9f10YIpejhAnJOgLJLKHwMJ7ajErWX_LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg',
      'lAippeebat6pa5MPl5F9-l3ESp-Y1k4INvsHsc4ok-TwrWX_LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg',
      'lsTeYX_SE-2ANuTEHx3sDZcgNePW0Kd7Q_Zc2HQd5mes',
    ],
  });
});
