import { describe, expect, test } from 'vitest';
import { CONDITION_KEYS } from '../../src/policy/condition-key.ts';
import { parsePolicyTable } from '../../src/policy/parse-table.ts';
import { OPERATIONS } from '../../src/slim/operation.ts';
import { SLIM_MODES, SLIM_SUFFIXES } from '../../src/slim/slim-configuration.ts';
import {
  decideOn,
  E,
  P,
  SET,
  SH,
  SUB_ACCOUNTS,
  type TestRequest,
  type TestRow,
  tableOf,
  textOf,
  witness,
} from './asking.ts';
import {
  DATE_CASES,
  IP_CASES,
  NUMBER_CASES,
  OTHER_CASES,
  SET_CASES,
  STRING_CASES,
} from './condition-cases.ts';
import {
  ACTION_CASES,
  DOUBT_CASES,
  EXAMPLE_CASES,
  ROW_CASES,
  RULE_CASES,
} from './statement-cases.ts';

/** The decision, when the witness comes to the same. */
function reasonOf(rows: readonly TestRow[], request: TestRequest): string {
  const { effect, reason } = decideOn(tableOf(rows), request);
  expect(effect).toBe(reason === 'allowed' ? 'allow' : 'deny');
  expect(witness(rows, request)).toBe(reason);
  return reason;
}

describe.for([
  ['the documented rules', RULE_CASES],
  ['actions', ACTION_CASES],
  ['rows', ROW_CASES],
  ['worked examples', EXAMPLE_CASES],
  ['doubt', DOUBT_CASES],
] as const)('%s', ([, cases]) => {
  test.for(cases)('%s', ([, rows, request, reason]) => {
    expect(reasonOf(rows, request)).toBe(reason);
  });
});

const EVERYTHING: TestRow = { effect: 'allow', action: '*', resource: '*' };

describe.for([
  ['texts', STRING_CASES],
  ['numbers', NUMBER_CASES],
  ['dates', DATE_CASES],
  ['addresses', IP_CASES],
  ['sets', SET_CASES],
  ['other operators, and conditions together', OTHER_CASES],
] as const)('%s', ([, cases]) => {
  test.for(cases)('%s', ([, condition, request, truth]) => {
    const allow: TestRow = { ...EVERYTHING, condition };
    const deny: TestRow = { ...allow, effect: 'deny' };
    const denial = { true: 'explicit-deny', false: 'allowed', unknown: 'undecidable-deny' };
    expect(reasonOf([allow], request)).toBe(truth === true ? 'allowed' : 'default-deny');
    expect(reasonOf([EVERYTHING, deny], request)).toBe(denial[`${truth}`]);
  });
});

test('a decision names the statements it rests on, and the table', () => {
  const denyP: TestRow = { effect: 'deny', action: SET, resource: `${SH}/${P}/*` };
  const text = textOf([EVERYTHING, denyP, { ...denyP, resource: '*' }]);
  const decided = (tableText: string) =>
    decideOn(parsePolicyTable(tableText, SUB_ACCOUNTS), { bucket: P });
  expect(decided(text).statements).toEqual(['s1', 's2']);
  expect(decided(text).tableVersion).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(decided(`${text}\n`).tableVersion).not.toBe(decided(text).tableVersion);
});

test('statements of a document are named by their row and their number, from 1', () => {
  const allow = { effect: 'allow', action: 'ci:*', resource: `${SH}/${E}/*` };
  const policy = { version: '2.0', statement: [allow, { ...allow, effect: 'deny', action: SET }] };
  const table = tableOf([
    { id: 'team', policy },
    { id: 'other', ...EVERYTHING },
  ]);
  expect(decideOn(table, { operation: 'describe' }).statements).toEqual(['team/1', 'other']);
  expect(decideOn(table, {}).statements).toEqual(['team/2']);
});

test('a decision names all that may deny when none does for certain', () => {
  const open: TestRow = {
    ...EVERYTHING,
    effect: 'deny',
    condition: { ip_equal: { 'qcs:ip': '::1' } },
  };
  const table = tableOf([EVERYTHING, open, { ...open, resource: `${SH}/${P}/*` }, open]);
  expect(decideOn(table, { ip: null })).toMatchObject({
    effect: 'deny',
    reason: 'undecidable-deny',
    statements: ['s1', 's3'],
  });
});

test('a clock that is not a number allows nothing in time, and lifts no deny', () => {
  const until = { expires: '2026-06-01T12:00:00Z' };
  const before = { date_less_than: { 'qcs:current_time': '2026-06-01T12:00:00Z' } };
  const reasonAt = (row: TestRow, ...others: TestRow[]) =>
    decideOn(tableOf([row, ...others]), { at: 'never' }).reason;
  expect(reasonAt({ ...EVERYTHING, ...until })).toBe('default-deny');
  expect(reasonAt({ ...EVERYTHING, condition: before })).toBe('default-deny');
  expect(reasonAt({ ...EVERYTHING, ...until, effect: 'deny' }, EVERYTHING)).toBe(
    'undecidable-deny',
  );
  expect(reasonAt(EVERYTHING)).toBe('allowed');
});

test('an address that cannot be read is not a missing one', () => {
  const condition = { ip_equal_if_exist: { 'qcs:ip': '10.0.0.0/8' } };
  const table = tableOf([{ ...EVERYTHING, condition }]);
  expect(decideOn(table, { ip: null }).reason).toBe('allowed');
  expect(decideOn(table, { ip: 'somewhere' }).reason).toBe('default-deny');
  expect(decideOn(table, { ip: '10.0.0.1' }).reason).toBe('allowed');
});

test('a link-local address is compared without its zone', () => {
  const table = tableOf([{ ...EVERYTHING, condition: { ip_equal: { 'qcs:ip': 'fe80::/10' } } }]);
  expect(decideOn(table, { ip: 'fe80::1%eth0' }).reason).toBe('allowed');
});

test('the claim `__proto__` is a claim like any other', () => {
  const condition = JSON.parse('{"string_equal":{"slimgate:claim/__proto__":"x"}}');
  const table = tableOf([{ ...EVERYTHING, condition }]);
  expect(decideOn(table, { claims: {} }).reason).toBe('default-deny');
  const claims = Object.defineProperty({}, '__proto__', { value: 'x', enumerable: true });
  expect(decideOn(table, { claims }).reason).toBe('allowed');
});

test('the words of a closed key are those of the domain', () => {
  const wordsOf = (key: string) => new Set(CONDITION_KEYS.get(key)?.words);
  expect(wordsOf('slimgate:operation')).toEqual(new Set(Object.keys(OPERATIONS)));
  expect(wordsOf('slimgate:mode')).toEqual(new Set(SLIM_MODES));
  expect(wordsOf('slimgate:suffix')).toEqual(new Set(SLIM_SUFFIXES));
});
