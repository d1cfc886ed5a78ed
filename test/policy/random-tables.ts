import fc from 'fast-check';
import type { SlimMode, SlimSuffix } from '../../src/slim/slim-configuration.ts';
import {
  APP_ID,
  DESCRIBE,
  E,
  OWNER_UIN,
  P,
  SET,
  SH,
  T,
  type TestRequest,
  type TestRow,
} from './asking.ts';
import { randomCondition, TIMES } from './random-conditions.ts';

const ADDRESSES = [
  '10.1.2.3',
  '10.1.9.9',
  '::ffff:10.1.2.3',
  '192.168.0.1',
  '2001:db8::1',
  '2001:db8:8000::',
  null,
];

const element = {
  effect: fc.constantFrom('allow' as const, 'deny' as const),
  action: fc
    .subarray([SET, DESCRIBE, 'ci:*', 'name/ci:Set*', 'ci:SetImage*', 'ci:DescribeCIBuckets'], {
      minLength: 1,
    })
    .map((actions) => [...actions, 'cos:GetObject']),
  resource: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('*', `${SH}/*`) },
    {
      weight: 1,
      arbitrary: fc.subarray(
        [
          '*',
          `${SH}/${E}/*`,
          `${SH}/${P}/*`,
          `${SH}/test-*`,
          `qcs::ci::uid/${APP_ID}:bucket/${T}/*`,
          `qcs:::ap-beijing:uin/${OWNER_UIN}:bucket/*`,
          'qcs::*:*:*:*',
          'qcs::ci:ap-shanghai::bucket/*/',
          `qcs::cos:ap-shanghai:uid/${APP_ID}:${E}/*`,
        ],
        { minLength: 1, maxLength: 3 },
      ),
    },
  ),
};

const statement = fc.oneof(
  fc.record(element),
  fc.record({ ...element, condition: randomCondition }),
  fc.record({ ...element, condition: randomCondition }),
);

const principal = fc.constantFrom(
  'tenant/a',
  'tenant/a',
  'tenant/b',
  'sub-account/media',
  'sub-account/spare',
);
const expires = fc.constantFrom(...TIMES);

/** A row: a statement, or a document of some; one in four ends. */
const row: fc.Arbitrary<TestRow> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: statement },
      {
        weight: 1,
        arbitrary: fc
          .oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 }))
          .map((statements) => ({ policy: { version: '2.0', statement: statements } })),
      },
    ),
    principal,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: expires.map((at) => ({ expires: at })) },
    ),
  )
  .map(([own, whose, end]) => ({ ...own, ...end, principal: whose }));

export const randomRows: fc.Arbitrary<TestRow[]> = fc.array(row, { maxLength: 7 });

const claim = fc.constantFrom<unknown>(
  'web',
  'Web',
  'ads',
  'web-eu',
  'aGk=',
  '',
  5,
  4.5,
  1 / 0,
  true,
  false,
  null,
  {},
  [],
  ['web'],
  ['ads', 'web-eu'],
  ['web', 5],
);

/** All that a request says beside its operation and its payload. */
export const randomRequest: fc.Arbitrary<TestRequest> = fc.record(
  {
    tenant: fc.constantFrom('a', 'a', 'a', 'b', 'c', 'd'),
    region: fc.constantFrom('ap-shanghai', 'ap-beijing'),
    bucket: fc.constantFrom(E, E, P, T, 'x-1259999999'),
    ip: fc.constantFrom(...ADDRESSES),
    at: fc.constantFrom(...TIMES, '2026-06-01T12:00:00.001Z', '2030-01-01T00:00:00Z'),
    claims: fc.record({ team: claim, level: claim }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

function subsets<Item>(items: readonly Item[]): Item[][] {
  return items.reduce<Item[][]>(
    (found, item) => found.flatMap((one) => [one, [...one, item]]),
    [[]],
  );
}

/**
 * Every operation with every payload: 24 to enable with, of which 9 no body may ask for, describing,
 * disabling, and an action that is about no bucket.
 */
export const CALLS: readonly TestRequest[] = [
  ...subsets<SlimMode>(['API', 'Auto'])
    .filter((modes) => modes.length > 0)
    .flatMap((modes) =>
      subsets<SlimSuffix>(['jpg', 'png', 'gif']).map((suffixes) => ({ modes, suffixes })),
    ),
  { operation: 'describe' },
  { operation: 'disable' },
  { operation: 'describe', action: 'ci:DescribeCIBuckets' },
];
