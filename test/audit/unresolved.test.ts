import { describe, expect, test } from 'vitest';
import {
  findingOf,
  type StateFacts,
  type UnknownOutcome,
  unknownOutcomeOf,
} from '../../src/audit/resolution.ts';
import { type Asked, createResolver, type ResolverOptions } from '../../src/audit/resolver.ts';
import { unresolvedOutcomes } from '../../src/audit/unresolved.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { journalIn, temporaryDirectory, until } from '../support/journal.ts';
import { closing, intent, requestFacts } from '../support/journal-facts.ts';

const ON: StateFacts = { status: 'on', modes: ['Auto', 'API'], suffixes: ['jpg'] };
const OFF: StateFacts = { status: 'off', modes: ['API'], suffixes: [] };

function outcome(change: Partial<UnknownOutcome> = {}): UnknownOutcome {
  const { modes, suffixes } = ON;
  const place = { region: 'ap-shanghai', bucket: 'examplebucket-1250000000' };
  return {
    requestId: 'r1',
    tenant: 'photos',
    operation: { name: 'enable', ...place, modes, suffixes },
    subAccount: 'media',
    stateBefore: null,
    ...change,
  };
}

describe('a bucket that is asked', () => {
  const enable = outcome();
  const disable = outcome({ operation: { ...enable.operation, name: 'disable' } });
  test.each<{ name: string; outcome: UnknownOutcome; state: StateFacts; finding: string }>([
    { name: 'is as it was to be', outcome: enable, state: ON, finding: 'matches_intent' },
    {
      name: 'is so in another order',
      outcome: enable,
      state: { ...ON, modes: ['API', 'Auto'] },
      finding: 'matches_intent',
    },
    { name: 'is off as it was to be', outcome: disable, state: OFF, finding: 'matches_intent' },
    {
      name: 'is as it was before',
      outcome: { ...disable, stateBefore: ON },
      state: ON,
      finding: 'matches_before',
    },
    {
      name: 'was as it was to be already',
      outcome: { ...enable, stateBefore: ON },
      state: ON,
      finding: 'matches_intent',
    },
    {
      name: 'is another way',
      outcome: { ...enable, stateBefore: OFF },
      state: { ...ON, suffixes: ['png'] },
      finding: 'matches_neither',
    },
    {
      name: 'is off, and nothing is known',
      outcome: enable,
      state: OFF,
      finding: 'matches_neither',
    },
  ])('$name: $finding', ({ outcome, state, finding }) => {
    expect(findingOf(outcome, state)).toBe(finding);
  });
});

test('an intent that a crash has left is unresolved after the next start, until a record resolves it', async () => {
  const directory = await temporaryDirectory();
  const request = requestFacts();
  const first = await journalIn(directory);
  const known = requestFacts();
  await first.append(intent(known));
  await first.append(closing(known));
  await first.append(intent(request));
  await first.close();
  const second = await journalIn(directory);
  const [found, ...others] = await unresolvedOutcomes(directory);
  expect(others).toEqual([]);
  const stateBefore = { status: 'on', modes: ['API'], suffixes: [] };
  expect(found).toEqual(outcome({ requestId: request.requestId, stateBefore }));
  const facts = { state: null, code: 'upstream-timeout', attempts: 5, orderedBy: null };
  const resolved = (finding: 'not_asked' | 'matches_intent') =>
    ({
      kind: 'resolved',
      outcome: found ?? outcome(),
      resolution: { ...facts, finding },
    }) as const;
  await second.append(resolved('not_asked'));
  expect(await unresolvedOutcomes(directory)).toHaveLength(1);
  await second.append(resolved('matches_intent'));
  expect(await unresolvedOutcomes(directory)).toEqual([]);
  await second.close();
  expect(await verifyJournal(directory)).toMatchObject({ isIntact: true });
});

test('what is no change of unknown outcome is none', () => {
  const members = { kind: 'closing', outcome: 'unknown', requestId: 'r', operation: null };
  expect(unknownOutcomeOf(members)).toBeNull();
  expect(unknownOutcomeOf({ ...members, outcome: 'applied' })).toBeNull();
});

describe('the resolver', () => {
  function resolving(asks: readonly Asked[], other: Partial<ResolverOptions> = {}) {
    const recorded: object[] = [];
    let asked = 0;
    const resolver = createResolver({
      ask: async () => asks[Math.min(asked++, asks.length - 1)] ?? { state: ON },
      record: async (facts) => recorded.push(facts),
      onResolved: () => undefined,
      settleMs: 0,
      retryMs: [1, 1],
      ...other,
    });
    return { resolver, recorded, asked: () => asked };
  }
  const busy: Asked = { code: 'upstream-throttled', isFinal: false };

  test('asks again, and records what it finds once', async () => {
    const { resolver, recorded, asked } = resolving([busy, busy, { state: ON }]);
    resolver.add(outcome(), 'ines');
    resolver.add(outcome());
    await until(() => resolver.pending() === 0);
    expect(asked()).toBe(3);
    expect(recorded).toMatchObject([
      { resolution: { finding: 'matches_intent', attempts: 3, orderedBy: 'ines' } },
    ]);
  });

  test.each<{ name: string; answer: Asked; attempts: number }>([
    { name: 'in the end', answer: busy, attempts: 3 },
    { name: 'at once where it is final', answer: { code: 'gone', isFinal: true }, attempts: 1 },
  ])('records that a bucket cannot be asked $name', async ({ answer, attempts }) => {
    const { resolver, recorded } = resolving([answer]);
    resolver.add(outcome());
    await until(() => resolver.pending() === 0);
    expect(recorded).toMatchObject([{ resolution: { finding: 'not_asked', attempts } }]);
  });

  test('has no more than four buckets asked at once', async () => {
    const gate = Promise.withResolvers<Asked>();
    let atOnce = 0;
    const ask = () => {
      atOnce += 1;
      return gate.promise;
    };
    const { resolver, recorded } = resolving([], { ask });
    for (let count = 0; count < 20; count += 1) resolver.add(outcome({ requestId: `r${count}` }));
    await until(() => atOnce > 0);
    expect(atOnce).toBeLessThanOrEqual(4);
    gate.resolve({ state: ON });
    await until(() => resolver.pending() === 0);
    expect(recorded).toHaveLength(20);
  });

  test('waits for the journal, and gives up what waits when it is closed', async () => {
    let failures = 2;
    const record = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the journal cannot be written');
    };
    const { resolver } = resolving([{ state: ON }], { record });
    resolver.add(outcome());
    await until(() => resolver.pending() === 0);
    expect(failures).toBe(-1);
    const slow = resolving([{ state: ON }], { settleMs: 60_000 });
    slow.resolver.add(outcome());
    await slow.resolver.close();
    expect(slow.asked()).toBe(0);
  });
});
