import { expect, test } from 'vitest';
import { policySchema } from '../../src/simulator/access-policy.ts';
import { isAllowed } from '../../src/simulator/authorize.ts';
import { conditionSchema, holds } from '../../src/simulator/conditions.ts';

type Keys = Readonly<Record<string, string | readonly string[]>>;

interface Case {
  readonly name: string;
  readonly condition: object;
  readonly holds?: readonly Keys[];
  readonly fails?: readonly Keys[];
}

const at = (time: string): Keys => ({ 'qcs:current_time': time });
const from = (ip: string): Keys => ({ 'qcs:ip': ip });
const NOTHING: Keys = {};

/** Those with documented keys are the examples of the CAM documentation, or follow its words. */
const CASES: readonly Case[] = [
  {
    name: 'strictly before a date',
    condition: { date_less_than: at('2030-01-01T00:00:00Z') },
    holds: [at('2029-12-31T23:59:59Z')],
    fails: [at('2030-01-01T00:00:00Z'), NOTHING],
  },
  {
    name: 'dates are moments, whatever their fraction',
    condition: { date_equal: at('2030-01-01T00:00:00.000Z') },
    holds: [at('2030-01-01T00:00:00Z')],
    fails: [at('2030-01-01T00:00:01Z')],
  },
  {
    name: 'not before and not after',
    condition: {
      date_greater_than_equal: at('2026-01-01T00:00:00Z'),
      date_less_than_equal: at('2026-02-01T00:00:00Z'),
      date_not_equal: at('2026-01-15T00:00:00Z'),
    },
    holds: [at('2026-01-01T00:00:00Z'), at('2026-02-01T00:00:00Z')],
    fails: [at('2025-12-31T23:59:59Z'), at('2026-01-15T00:00:00Z')],
  },
  {
    name: 'values are alternatives, keys and operators must all hold',
    condition: {
      date_greater_than: at('2026-01-01T00:00:00Z'),
      string_equal: { k1: ['a', 'b'], k2: 'c' },
    },
    holds: [{ ...at('2026-01-15T00:00:00Z'), k1: 'b', k2: 'c' }],
    fails: [
      { ...at('2026-01-15T00:00:00Z'), k1: 'b', k2: 'd' },
      { ...at('2026-01-15T00:00:00Z'), k1: 'b' },
      { ...at('2025-01-15T00:00:00Z'), k1: 'b', k2: 'c' },
    ],
  },
  {
    name: 'a network whose host bits make no difference, or one address',
    condition: { ip_equal: { 'qcs:ip': ['10.217.182.3/24', '192.168.1.1', 'fd00::1/64'] } },
    holds: [from('10.217.182.200'), from('192.168.1.1'), from('fd00::2')],
    fails: [from('10.217.183.1'), from('192.168.1.2'), from('fd01::1'), from('x'), NOTHING],
  },
  {
    name: 'outside a network: the fragile form',
    condition: { ip_not_equal: { 'qcs:ip': '10.0.0.0/8' } },
    holds: [from('203.0.113.5')],
    fails: [from('10.1.2.3'), NOTHING],
  },
  {
    name: 'outside a network: the robust form',
    condition: { ip_not_equal_if_exist: { 'qcs:ip': '10.0.0.0/8' } },
    holds: [from('203.0.113.5'), NOTHING],
    fails: [from('10.1.2.3')],
  },
  {
    name: 'a negative operator with several values holds as soon as one differs',
    condition: { string_not_equal: { k: ['a', 'b'] } },
    holds: [{ k: 'a' }, { k: 'b' }, { k: 'c' }],
    fails: [NOTHING],
  },
  {
    name: 'any of the request’s values',
    condition: { 'for_any_value:string_equal': { tag: ['env&test', 'env&stage'] } },
    holds: [{ tag: ['team&web', 'env&test'] }],
    fails: [{ tag: ['env&prod'] }, NOTHING],
  },
  {
    name: 'all of the request’s values, of which there is one at least',
    condition: { 'for_all_value:string_equal': { tag: ['a', 'b'] } },
    holds: [{ tag: ['a', 'b'] }, { tag: 'b' }],
    fails: [{ tag: ['a', 'c'] }, NOTHING],
  },
  {
    name: 'all of the request’s values, or none at all',
    condition: { 'for_all_value:string_equal_if_exist': { tag: 'a' } },
    holds: [{ tag: 'a' }, NOTHING],
    fails: [{ tag: ['a', 'c'] }],
  },
  {
    name: 'a key that is not there',
    condition: { null_equal: { mfa: 'true' } },
    holds: [NOTHING],
    fails: [{ mfa: 'x' }],
  },
  {
    name: 'a key that is there',
    condition: { null_equal: { mfa: false } },
    holds: [{ mfa: 'x' }],
    fails: [NOTHING],
  },
  {
    name: 'case counts, unless it is ignored',
    condition: {
      string_equal: { a: 'X' },
      string_equal_ignore_case: { b: 'X' },
      string_not_equal_ignore_case: { c: 'X' },
    },
    holds: [{ a: 'X', b: 'x', c: 'y' }],
    fails: [
      { a: 'x', b: 'x', c: 'y' },
      { a: 'X', b: 'x', c: 'x' },
    ],
  },
  {
    name: 'likeness takes stars and question marks, and all else as it is',
    condition: { string_like: { k: 'a.?c*' }, string_not_like: { other: 'b*' } },
    holds: [
      { k: 'a.bc', other: 'a' },
      { k: 'a.bcd\ne', other: 'ab' },
    ],
    fails: [
      { k: 'axbc', other: 'a' },
      { k: 'a.bc', other: 'bc' },
    ],
  },
  {
    name: 'numbers are compared as numbers',
    condition: {
      numeric_equal: { a: [1, '2.0'] },
      numeric_not_equal: { a: 3 },
      numeric_less_than: { a: 10 },
      numeric_less_than_equal: { a: 2 },
      numeric_greater_than: { a: 0 },
      numeric_greater_than_equal: { a: 1 },
    },
    holds: [{ a: '1' }, { a: '2' }],
    fails: [{ a: '3' }, { a: 'one' }],
  },
  {
    name: 'yes or no',
    condition: { bool_equal: { 'cos:secure-transport': true } },
    holds: [{ 'cos:secure-transport': 'true' }],
    fails: [{ 'cos:secure-transport': 'false' }, NOTHING],
  },
];

const keysOf = (keys: Keys) =>
  new Map(Object.entries(keys).map(([key, value]) => [key, [value].flat()]));

test.for(CASES)('$name', ({ condition, holds: holding = [], fails = [] }) => {
  const parsed = conditionSchema.parse(condition);
  for (const keys of holding) expect(holds(parsed, keysOf(keys)), JSON.stringify(keys)).toBe(true);
  for (const keys of fails) expect(holds(parsed, keysOf(keys)), JSON.stringify(keys)).toBe(false);
});

test('what was parsed parses to the same again', () => {
  for (const { condition } of CASES) {
    const parsed = conditionSchema.parse(condition);
    expect(conditionSchema.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  }
});

const REFUSED: readonly { name: string; condition: unknown; says: RegExp }[] = [
  { name: 'nothing', condition: {}, says: /must name an operator/ },
  { name: 'an operator without keys', condition: { ip_equal: {} }, says: /must name a key/ },
  { name: 'a key without values', condition: { string_equal: { k: [] } }, says: /Too small/ },
  { name: 'an operator that is none', condition: { ip_like: { k: 'a' } }, says: /not an operator/ },
  { name: 'another case', condition: { String_Equal: { k: 'a' } }, says: /not an operator/ },
  { name: 'binary values', condition: { binary_equal: { k: 'a' } }, says: /not an operator/ },
  {
    name: 'a presence if present',
    condition: { null_equal_if_exist: { k: 'true' } },
    says: /not an operator/,
  },
  {
    name: 'another qualifier',
    condition: { 'for_no_value:string_equal': { k: 'a' } },
    says: /not an operator/,
  },
  {
    name: 'a date with a blank',
    condition: { date_equal: { k: '2022-05-31 00:00:00' } },
    says: /must be a date/,
  },
  { name: 'a mask too wide', condition: { ip_equal: { k: '10.0.0.0/33' } }, says: /a network/ },
  { name: 'no address', condition: { ip_equal: { k: '10.0.0' } }, says: /an address/ },
  { name: 'no number', condition: { numeric_equal: { k: 'one' } }, says: /must be a number/ },
  { name: 'neither yes nor no', condition: { bool_equal: { k: 'yes' } }, says: /true or false/ },
];

test.for(REFUSED)('refused: $name', ({ condition, says }) => {
  expect(conditionSchema.safeParse(condition).error?.message).toMatch(says);
});

test('a deny whose key is missing does not apply, and one that may be missing does', () => {
  const deny = (operator: string) => ({
    effect: 'deny',
    action: 'ci:*',
    resource: '*',
    condition: { [operator]: { 'qcs:ip': '10.0.0.0/8' } },
  });
  const allow = { effect: 'allow', action: 'ci:*', resource: '*' };
  const request = {
    action: 'ci:SetImageSlim',
    region: 'ap-shanghai',
    bucket: 'examplebucket-1250000000',
    appId: '1250000000',
    ownerUin: '100000000001',
  };
  const allowed = (operator: string, keys: Keys) =>
    isAllowed([policySchema.parse({ version: '2.0', statement: [allow, deny(operator)] })], {
      ...request,
      keys: keysOf(keys),
    });
  const places = [from('10.1.2.3'), from('203.0.113.5'), NOTHING];
  expect(places.map((keys) => allowed('ip_not_equal', keys))).toEqual([true, false, true]);
  expect(places.map((keys) => allowed('ip_not_equal_if_exist', keys))).toEqual([
    true,
    false,
    false,
  ]);
});
