import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInNetwork, parseAddress, parseNetwork } from '../../src/ip-address.ts';
import { addressesAround } from '../../src/policy/address-bounds.ts';
import { bucketNames } from '../../src/policy/bucket-names.ts';
import { textCells, wildcardPattern } from '../../src/policy/text-cells.ts';
import { PATIENCE, runs } from '../support/runs.ts';
import { APP_ID } from './asking.ts';
import { glob } from './naive-glob.ts';

/** Which of some patterns a text is matched by. */
const matched = (patterns: readonly string[], text: string) =>
  patterns.map((pattern) => glob(pattern, text)).join();

test(
  'whatever set of patterns a text is matched by, a representative is',
  () => {
    const pattern = fc.stringMatching(/^[ab*]{0,5}$/);
    const text = fc.stringMatching(/^[abc]{0,8}$/);
    const space = {
      prefix: '',
      suffix: '',
      filler: 'xyz',
      isCharacter: () => true,
      mayBegin: () => true,
      mayEnd: () => true,
      maxLength: 40,
    };
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.array(text), (patterns, texts) => {
        const cells = textCells(
          patterns.map((one) => wildcardPattern(one)),
          space,
        );
        expect(cells.isComplete).toBe(true);
        const found = cells.texts.map((one) => matched(patterns, one));
        expect(new Set(found).size).toBe(found.length);
        for (const one of texts) expect(found).toContain(matched(patterns, one));
      }),
      runs(300),
    );
  },
  PATIENCE,
);

test(
  'whatever set of paths a bucket is covered by, a representative is',
  () => {
    const path = fc
      .stringMatching(/^[ab*-]{0,5}$/)
      .chain((own) =>
        fc.constantFrom(
          `bucket/${own}*`,
          `bucket/${own}-${APP_ID}/*`,
          `bucket/${own}-${APP_ID}/`,
          '*',
        ),
      );
    const name = fc.stringMatching(/^[abc](?:[abc-]{0,5}[abc])?$/);
    fc.assert(
      fc.property(fc.array(path, { maxLength: 4 }), fc.array(name), (paths, names) => {
        const found = bucketNames(paths, APP_ID);
        for (const one of found.names)
          expect(one).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-1250000000$/);
        const sets = found.names.map((one) => matched(paths, `bucket/${one}/`));
        for (const one of names) expect(sets).toContain(matched(paths, `bucket/${one}-${APP_ID}/`));
      }),
      runs(300),
    );
  },
  PATIENCE,
);

test(
  'whatever set of blocks an address is in, a representative is',
  () => {
    const four = fc.tuple(fc.ipV4(), fc.nat({ max: 32 })).map(([ip, bits]) => `${ip}/${bits}`);
    const six = fc.tuple(fc.ipV6(), fc.nat({ max: 128 })).map(([ip, bits]) => `${ip}/${bits}`);
    const inside = (blocks: readonly string[], text: string) => {
      const address = parseAddress(text);
      return blocks.map((block) => {
        const network = parseNetwork(block);
        return address !== null && typeof network !== 'string' && isInNetwork(address, network);
      });
    };
    fc.assert(
      fc.property(
        fc.array(fc.oneof(four, six), { maxLength: 5 }),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6())),
        (blocks, addresses) => {
          const known = blocks.filter((block) => typeof parseNetwork(block) !== 'string');
          const found = addressesAround(known).map((one) => inside(known, one).join());
          for (const one of [...addresses, ...known.map((block) => block.replace(/\/.*/, ''))]) {
            expect(found).toContain(inside(known, one).join());
          }
        },
      ),
      runs(300),
    );
  },
  PATIENCE,
);

test('patterns that overlap in too many ways are told of', () => {
  const letters = 'abcdefghijklm'.split('');
  const { isComplete } = bucketNames(
    letters.map((one) => `bucket/*-${one}-*`),
    APP_ID,
  );
  expect(isComplete).toBe(false);
});
