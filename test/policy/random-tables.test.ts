import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchWildcard } from '../../src/policy/wildcard.ts';
import { runs } from '../support/runs.ts';
import { decideOn, type TestRequest, type TestRow, tableOf, witness } from './asking.ts';
import { glob } from './naive-glob.ts';
import { CALLS, randomRequest, randomRows } from './random-tables.ts';

const withIds = (rows: readonly TestRow[]) =>
  rows.map((row, index) => ({ id: `s${index}`, ...row }));

function decisionOf(rows: readonly TestRow[], request: TestRequest) {
  const { reason, statements } = decideOn(tableOf(rows), request);
  return { reason, statements: new Set(statements) };
}

test('random tables decide as the naive evaluator does, on every operation and payload', () => {
  const reasons = new Map<string, number>();
  fc.assert(
    fc.property(randomRows, randomRequest, (rows, request) => {
      const table = tableOf(rows);
      for (const call of CALLS) {
        const asked = { ...request, ...call };
        const { reason } = decideOn(table, asked);
        if (reason !== witness(rows, asked))
          expect([asked, reason]).toEqual([asked, witness(rows, asked)]);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }),
    runs(250),
  );
  expect(CALLS).toHaveLength(27);
  // Random tables are worth something only when they decide in every way.
  for (const reason of ['allowed', 'default-deny', 'explicit-deny', 'undecidable-deny']) {
    expect(reasons.get(reason)).toBeGreaterThan(200);
  }
});

const call = fc.constantFrom(...CALLS);

test('the order of statements never matters', () => {
  const shuffled = randomRows
    .map(withIds)
    .chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, randomRequest, call, ([rows, others], request, own) => {
      const asked = { ...request, ...own };
      expect(decisionOf(others, asked)).toEqual(decisionOf(rows, asked));
    }),
    runs(120),
  );
});

test('without the statements it rests on, a decision comes out otherwise', () => {
  const strength = ['explicit-deny', 'undecidable-deny', 'allowed', 'default-deny'];
  fc.assert(
    fc.property(randomRows.map(withIds), randomRequest, call, (rows, request, own) => {
      const asked = { ...request, ...own };
      const { reason, statements } = decisionOf(rows, asked);
      if (statements.size === 0) return;
      const rowsOf = new Set([...statements].map((id) => id.split('/')[0]));
      const after = decisionOf(
        rows.filter(({ id }) => !rowsOf.has(id)),
        asked,
      );
      expect(strength.indexOf(after.reason)).toBeGreaterThan(strength.indexOf(reason));
    }),
    runs(120),
  );
});

test('without all that it does not rest on, a decision stays', () => {
  fc.assert(
    fc.property(randomRows.map(withIds), randomRequest, call, (rows, request, own) => {
      const asked = { ...request, ...own };
      const decision = decisionOf(rows, asked);
      const rowsOf = new Set([...decision.statements].map((id) => id.split('/')[0]));
      const kept = rows.filter(({ id }) => rowsOf.has(id));
      expect(decisionOf(kept, asked)).toEqual(decision);
    }),
    runs(120),
  );
});

test('one more allow denies nothing, and one more deny allows nothing', () => {
  fc.assert(
    fc.property(randomRows, randomRows, randomRequest, call, (rows, more, request, own) => {
      const asked = { ...request, ...own };
      const isAllowed = (all: readonly TestRow[]) => decisionOf(all, asked).reason === 'allowed';
      const effect = (wanted: string) => more.filter((row) => row.effect === wanted);
      if (isAllowed(rows)) expect(isAllowed([...rows, ...effect('allow')])).toBe(true);
      else expect(isAllowed([...rows, ...effect('deny')])).toBe(false);
    }),
    runs(120),
  );
});

test('a statement decides the same in a row and in a policy document', () => {
  fc.assert(
    fc.property(randomRows, randomRequest, call, (rows, request, own) => {
      const asked = { ...request, ...own };
      const documents = rows.map((row) => {
        const { principal, expires, policy, ...statement } = row;
        const ends = expires === undefined ? {} : { expires };
        return policy
          ? row
          : { principal: principal ?? '', ...ends, policy: { version: '2.0', statement } };
      });
      expect(decisionOf(documents, asked).reason).toBe(decisionOf(rows, asked).reason);
    }),
    runs(120),
  );
});

test('wildcards match as a character by character comparison does', () => {
  const part = fc.stringMatching(/^[ab*./-]{0,8}$/);
  fc.assert(
    fc.property(part, fc.stringMatching(/^[ab./-]{0,10}$/), (pattern, text) => {
      expect(matchWildcard(pattern, text)).toBe(glob(pattern, text));
    }),
    runs(2_000),
  );
});

test('letters that mean something in regular expressions mean themselves', () => {
  expect(matchWildcard('a.b', 'axb')).toBe(false);
  expect(matchWildcard('(a+)+$', 'aaaa')).toBe(false);
  expect(matchWildcard('(a+)+$', '(a+)+$')).toBe(true);
});
