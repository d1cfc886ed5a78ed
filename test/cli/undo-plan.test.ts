import { expect, test } from 'vitest';
import type { ClosingFacts, StateBefore } from '../../src/audit/record.ts';
import { undoPlan } from '../../src/cli/undo-plan.ts';
import { etagOf, type SlimState } from '../../src/slim/slim-configuration.ts';
import { APPLIED, requestFacts, written } from '../support/journal-facts.ts';

const tag = (state: SlimState) => `"${etagOf(state)}"`;
const ENABLED: SlimState = { status: 'on', modes: ['Auto', 'API'], suffixes: ['jpg'] };
const OFF: StateBefore = { status: 'off', modes: [], suffixes: [], code: null };
const API: StateBefore = { status: 'on', modes: ['API'], suffixes: [], code: null };
const REMEMBERING: StateBefore = { ...API, status: 'off' };

interface Change {
  readonly before?: StateBefore | null;
  readonly name?: 'enable' | 'disable' | 'describe';
  readonly closing?: Partial<ClosingFacts>;
}

/** The records of one change, as they are read back. */
function recordsOf({ before = API, name = 'enable', closing = {} }: Change = {}) {
  const facts = requestFacts({ stateBefore: before });
  const operation = facts.operation && { ...facts.operation, name };
  const isEnable = name === 'enable';
  const asked = operation && { ...operation, ...(!isEnable && { modes: null, suffixes: null }) };
  const request = { ...facts, operation: asked };
  const { lines } = written([
    { kind: 'intent', request },
    { kind: 'closing', request, closing: { ...APPLIED, ...closing } },
  ]);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const TARGET = { region: 'ap-shanghai', bucket: 'examplebucket-1250000000' };

test('enabling is undone by what was set before, in the state that it has set', () => {
  expect(undoPlan(recordsOf(), false)).toEqual({
    target: TARGET,
    configuration: { modes: ['API'], suffixes: [] },
    ifMatch: [tag(ENABLED)],
  });
  expect(undoPlan(recordsOf({ before: OFF }), false)).toMatchObject({ configuration: null });
});

test('disabling is undone whether the bucket remembers what it was or not', () => {
  expect(undoPlan(recordsOf({ name: 'disable' }), false)).toEqual({
    target: TARGET,
    configuration: { modes: ['API'], suffixes: [] },
    ifMatch: [
      tag({ status: 'off', modes: [], suffixes: [] }),
      tag({ status: 'off', modes: ['API'], suffixes: [] }),
    ],
  });
});

test('a change of unknown outcome can be undone: if it was not applied, its state is not met', () => {
  const closing = { outcome: 'unknown', status: 504, code: 'upstream-timeout' } as const;
  expect(undoPlan(recordsOf({ closing }), false).ifMatch).toEqual([tag(ENABLED)]);
});

test('a record out of the index, with its journal’s id, is read as well', () => {
  const records = recordsOf().map((record) => ({ journal: 'a-journal', ...record }));
  expect(undoPlan(records, false).target).toEqual(TARGET);
});

const withoutState = () => recordsOf().map(({ stateBefore, ...record }) => record);

const REFUSED: Readonly<Record<string, readonly [records: object[], why: RegExp]>> = {
  'no record': [[], /no closing record/],
  'an intent alone': [recordsOf().slice(0, 1), /no closing record/],
  'a no-op': [
    recordsOf({ closing: { outcome: 'not_applied', code: 'no-op' } }),
    /changed nothing: not_applied, no-op/,
  ],
  'a refusal': [recordsOf({ closing: { outcome: 'refused' } }), /changed nothing: refused/],
  'a state that was not read': [
    recordsOf({ before: { status: null, modes: null, suffixes: null, code: 'not-asked' } }),
    /not known: not-asked/,
  ],
  'a record from before states were read': [withoutState(), /not known: not-asked/],
  'a state that is not certain': [
    recordsOf({ before: { ...API, code: 'not-certain' } }),
    /something that is not known/,
  ],
  'an off that remembered modes': [recordsOf({ before: REMEMBERING }), /remembered API.*--forget/],
  'an on without a mode': [recordsOf({ before: { ...API, modes: [] } }), /no mode, which cannot/],
  'suffixes without Auto': [
    recordsOf({ before: { ...API, suffixes: ['jpg'] } }),
    /on with API jpg, which cannot be set/,
  ],
};

test.each(Object.entries(REFUSED))('what cannot be undone is refused: %s', (_, [records, why]) => {
  expect(() => undoPlan(records as Readonly<Record<string, unknown>>[], false)).toThrow(why);
});

test('plain off does for an off that remembered modes when that is said', () => {
  expect(undoPlan(recordsOf({ before: REMEMBERING }), true).configuration).toBeNull();
});
