import fc from 'fast-check';
import type { TestCondition } from './asking.ts';

/** Values close to each other, so that comparisons come out both ways. */
const TEXTS = ['web', 'Web', 'ads', 'web-eu', '', 'aGk=', '5'];
const PATTERNS = ['*', 'web*', '*e*', 'a*s', 'web', 'aGk='];
const NUMBERS = [5, '5', 4.5, -1, 0];
export const TIMES = [
  '2026-01-01T00:00:00Z',
  '2026-06-01T12:00:00Z',
  '2026-06-01T12:00:00.5Z',
  '2028-02-29T23:59:59Z',
];
const BLOCKS = [
  '10.0.0.0/8',
  '10.1.2.3/24',
  '10.1.2.3',
  '0.0.0.0/0',
  '::/0',
  '2001:db8::/33',
  '2001:db8::1',
  '::ffff:10.1.0.0/112',
];
const CLAIMS = ['team', 'level', 'absent'].map((name) => `slimgate:claim/${name}`);

interface Family {
  readonly positive: readonly string[];
  readonly negative: readonly string[];
  readonly values: readonly unknown[];
  readonly keys: readonly string[];
}

const ORDER = ['greater_than', 'greater_than_equal', 'less_than', 'less_than_equal'];

const FAMILIES: readonly Family[] = [
  {
    positive: ['string_equal', 'string_equal_ignore_case'],
    negative: ['string_not_equal', 'string_not_equal_ignore_case'],
    values: TEXTS,
    keys: CLAIMS,
  },
  { positive: ['string_like'], negative: ['string_not_like'], values: PATTERNS, keys: CLAIMS },
  {
    positive: ['string_equal', 'string_like'],
    negative: ['string_not_equal'],
    values: ['enable', 'disable', 'describe'],
    keys: ['slimgate:operation'],
  },
  {
    positive: ['numeric_equal', ...ORDER.map((name) => `numeric_${name}`)],
    negative: ['numeric_not_equal'],
    values: NUMBERS,
    keys: CLAIMS,
  },
  {
    positive: ['date_equal', ...ORDER.map((name) => `date_${name}`)],
    negative: ['date_not_equal'],
    values: TIMES,
    keys: ['qcs:current_time'],
  },
  { positive: ['ip_equal'], negative: ['ip_not_equal'], values: BLOCKS, keys: ['qcs:ip'] },
  { positive: ['bool_equal'], negative: [], values: [true, 'false'], keys: CLAIMS },
  { positive: ['binary_equal'], negative: [], values: ['aGk=', 'aG8='], keys: CLAIMS },
];

/** Keys that hold a set, which only go with a qualifier. */
const SETS: readonly Family[] = [
  {
    positive: ['string_equal', 'string_equal_ignore_case', 'string_like'],
    negative: ['string_not_equal', 'string_not_like'],
    values: ['jpg', 'png', 'gif'],
    keys: ['slimgate:suffix'],
  },
  {
    positive: ['string_equal', 'string_like'],
    negative: ['string_not_equal'],
    values: ['API', 'Auto'],
    keys: ['slimgate:mode'],
  },
];

const QUALIFIERS = ['for_any_value:', 'for_all_value:'];

const anySuffix = fc.constantFrom('', '_if_exist');

function comparison(
  { positive, negative, values, keys }: Family,
  qualifiers: readonly string[],
): fc.Arbitrary<TestCondition> {
  const parts = [fc.constantFrom(...qualifiers), anySuffix, fc.constantFrom(...keys)] as const;
  const several = fc.tuple(
    ...parts,
    fc.constantFrom(...positive),
    fc.subarray([...values], { minLength: 1 }),
  );
  const one = fc.tuple(
    ...parts,
    fc.constantFrom(...positive, ...negative),
    fc.constantFrom(...values),
  );
  return fc.oneof(several, one).map(([qualifier, suffix, key, name, wanted]) => ({
    [`${qualifier}${name}${suffix}`]: { [key]: wanted },
  }));
}

const presence = fc
  .tuple(fc.constantFrom('qcs:ip', 'slimgate:suffix', ...CLAIMS), fc.constantFrom(true, 'false'))
  .map(([key, wanted]): TestCondition => ({ null_equal: { [key]: wanted } }));

/** Up to three comparisons that must all hold; those of one operator share its member. */
export const randomCondition = fc
  .array(
    fc.oneof(
      presence,
      ...FAMILIES.map((family) => comparison(family, ['', '', ...QUALIFIERS])),
      ...SETS.map((family) => comparison(family, QUALIFIERS)),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => {
    const joined: TestCondition = {};
    for (const [name, keys] of parts.flatMap((part) => Object.entries(part))) {
      joined[name] = { ...joined[name], ...keys };
    }
    return joined;
  });
