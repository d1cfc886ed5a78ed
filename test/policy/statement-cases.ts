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

/** What a table decides, and why. */
export type StatementCase = readonly [
  why: string,
  rows: readonly TestRow[],
  request: TestRequest,
  reason: string,
];

const ALLOW_E: TestRow = { effect: 'allow', action: [SET, DESCRIBE], resource: `${SH}/${E}/*` };
const SET_E: TestRow = { effect: 'allow', action: SET, resource: `${SH}/${E}/*` };
const READER: TestRow = {
  effect: 'allow',
  action: DESCRIBE,
  resource: `qcs::ci::uid/${APP_ID}:bucket/*`,
};
const EVERYTHING: TestRow = { effect: 'allow', action: 'ci:*', resource: '*' };
const DENY_P: TestRow = { effect: 'deny', action: SET, resource: `${SH}/${P}/*` };
const DENY_ALL: TestRow = { effect: 'deny', action: '*', resource: '*' };
const ANY_DESCRIBE: TestRow = { effect: 'allow', action: 'name/ci:Describe*', resource: '*' };

/** The language without conditions. */
export const RULE_CASES: readonly StatementCase[] = [
  ['an operator may set', [ALLOW_E], {}, 'allowed'],
  [
    'an operator may disable, upstream the same action',
    [ALLOW_E],
    { operation: 'disable' },
    'allowed',
  ],
  ['an operator may describe', [ALLOW_E], { action: DESCRIBE }, 'allowed'],
  ['another bucket is not named', [ALLOW_E], { bucket: P }, 'default-deny'],
  ['another action is not named', [ALLOW_E], { action: 'ci:SetImageGuetzli' }, 'default-deny'],
  ['another region is not named', [ALLOW_E], { region: 'ap-guangzhou' }, 'default-deny'],
  [
    'a reader reads everywhere',
    [READER],
    { action: DESCRIBE, bucket: P, region: 'ap-beijing' },
    'allowed',
  ],
  ['a reader does not write', [READER], {}, 'default-deny'],
  [
    'a reader of one account reads no other’s',
    [READER],
    { action: DESCRIBE, bucket: 'x-1259999999' },
    'other-account',
  ],
  ['a deny wins over a wide allow', [EVERYTHING, DENY_P], { bucket: P }, 'explicit-deny'],
  ['a deny wins when it stands first', [DENY_P, EVERYTHING], { bucket: P }, 'explicit-deny'],
  ['a deny leaves other buckets alone', [EVERYTHING, DENY_P], { bucket: T }, 'allowed'],
  [
    'a deny leaves other actions alone',
    [EVERYTHING, DENY_P],
    { action: DESCRIBE, bucket: P },
    'allowed',
  ],
  ['a deny of everything is one of its own', [EVERYTHING, DENY_ALL], {}, 'explicit-deny'],
  ['a deny without any allow decides as well', [DENY_ALL], {}, 'explicit-deny'],
  ['a prefix of actions covers them', [ANY_DESCRIBE], { action: DESCRIBE }, 'allowed'],
  ['a prefix of actions covers no other', [ANY_DESCRIBE], {}, 'default-deny'],
  [
    'the long name of an action is the short one',
    [{ ...SET_E, action: `name/${SET}` }],
    {},
    'allowed',
  ],
  ['a star is all actions of all services', [{ ...SET_E, action: '*' }], {}, 'allowed'],
  [
    'a statement on another account’s buckets does not apply',
    [{ effect: 'allow', action: SET, resource: 'qcs::ci:ap-shanghai:uid/1259999999:bucket/*' }],
    {},
    'default-deny',
  ],
  [
    'an empty account segment means the owner of the policy',
    [{ ...SET_E, resource: `qcs::ci:ap-shanghai::bucket/${E}/*` }],
    {},
    'allowed',
  ],
  [
    'a main account’s uin names it as well',
    [{ ...SET_E, resource: `qcs::ci::uin/${OWNER_UIN}:bucket/${E}/*` }],
    {},
    'allowed',
  ],
  [
    'another main account’s uin does not',
    [{ ...SET_E, resource: `qcs::ci::uin/100000000002:bucket/${E}/*` }],
    {},
    'default-deny',
  ],
  [
    'without the trailing slash and star a bucket is not matched',
    [{ ...SET_E, resource: `${SH}/${E}` }],
    {},
    'default-deny',
  ],
  [
    'the bucket with its slash is the resource',
    [{ ...SET_E, resource: `${SH}/${E}/` }],
    {},
    'allowed',
  ],
  [
    'one object of a bucket is not the bucket',
    [{ ...SET_E, resource: `${SH}/${E}/a.jpg` }],
    {},
    'default-deny',
  ],
  [
    'a prefix of buckets, behind a hyphen',
    [{ ...SET_E, resource: `${SH}/test-*` }],
    { bucket: T },
    'allowed',
  ],
  [
    'an empty service is every service',
    [{ ...SET_E, resource: `qcs:::ap-shanghai::bucket/${E}/*` }],
    {},
    'allowed',
  ],
  ['stars in all segments', [{ ...SET_E, resource: 'qcs::*:*:*:*' }], {}, 'allowed'],
  [
    'one of several resources',
    [{ ...SET_E, resource: [`${SH}/${P}/*`, `${SH}/${E}/*`] }],
    {},
    'allowed',
  ],
  [
    'another service’s resource beside it',
    [
      {
        effect: 'allow',
        action: [SET, 'cos:GetObject'],
        resource: `qcs::cos:ap-shanghai:uid/${APP_ID}:${E}/*`,
      },
    ],
    {},
    'default-deny',
  ],
  ['without any statement all is denied', [], {}, 'default-deny'],
  ['another tenant’s statement is nobody else’s', [ALLOW_E], { tenant: 'b' }, 'default-deny'],
  ['a tenant outside the table is denied', [EVERYTHING], { tenant: 'zz' }, 'unknown-tenant'],
  ['a prototype’s name is no tenant', [EVERYTHING], { tenant: 'constructor' }, 'unknown-tenant'],
  [
    'a foreign APPID is refused before any statement',
    [EVERYTHING],
    { bucket: 'x-1259999999' },
    'other-account',
  ],
  [
    'a sub-account’s statement holds for its tenants',
    [{ ...ALLOW_E, principal: 'sub-account/media' }],
    { tenant: 'b' },
    'allowed',
  ],
  [
    'and for no other sub-account’s tenants',
    [{ ...ALLOW_E, principal: 'sub-account/media' }],
    { tenant: 'c' },
    'default-deny',
  ],
  [
    'a sub-account’s deny wins over the tenant’s allow',
    [EVERYTHING, { ...DENY_P, principal: 'sub-account/media' }],
    { bucket: P },
    'explicit-deny',
  ],
  [
    'a tenant’s deny wins over the sub-account’s allow',
    [{ ...EVERYTHING, principal: 'sub-account/media' }, DENY_P],
    { bucket: P },
    'explicit-deny',
  ],
  [
    'of two deciding groups the tenant’s own and the sub-account’s both count',
    [
      { ...SET_E, principal: 'tenant/b' },
      { ...SET_E, principal: 'sub-account/media' },
    ],
    { tenant: 'a' },
    'allowed',
  ],
];

const BUCKETS = 'ci:DescribeCIBuckets';

/** Actions that are about no bucket, and actions that no operation of the gateway has. */
export const ACTION_CASES: readonly StatementCase[] = [
  ['an API-level action with the resource `*`', [ANY_DESCRIBE], { action: BUCKETS }, 'allowed'],
  [
    'with a bucket it grants nothing',
    [{ ...ALLOW_E, action: BUCKETS }],
    { action: BUCKETS },
    'default-deny',
  ],
  ['nor does it grant another action', [{ ...ALLOW_E, action: BUCKETS }], {}, 'default-deny'],
  [
    'six segments of stars are not `*`',
    [{ ...ALLOW_E, action: BUCKETS, resource: 'qcs::*:*:*:*' }],
    { action: BUCKETS },
    'default-deny',
  ],
  [
    'a deny of it on a bucket never applies',
    [EVERYTHING, { effect: 'deny', action: BUCKETS, resource: `${SH}/${E}/*` }],
    { action: BUCKETS },
    'allowed',
  ],
  [
    'a deny of it on `*` does',
    [EVERYTHING, { effect: 'deny', action: BUCKETS, resource: '*' }],
    { action: BUCKETS },
    'explicit-deny',
  ],
  [
    'beside another action the bucket counts for that one',
    [{ ...ALLOW_E, action: [BUCKETS, SET] }],
    {},
    'allowed',
  ],
  [
    'risk libraries are about no bucket',
    [{ ...ALLOW_E, action: 'ci:*' }],
    { action: 'ci:DeleteRiskLibText' },
    'default-deny',
  ],
  [
    'other operations’ actions are taken and grant nothing here',
    [{ ...ALLOW_E, action: ['ci:CreateMediaJobs', 'ci:SetImageGuetzli'] }],
    {},
    'default-deny',
  ],
  [
    'other services’ actions as well',
    [{ effect: 'allow', action: ['sts:AssumeRole', 'name/cvm:Describe*'], resource: '*' }],
    {},
    'default-deny',
  ],
];

const UNTIL: TestRow = { ...ALLOW_E, expires: '2026-06-01T12:00:00Z' };
const DENY_UNTIL: TestRow = { ...DENY_ALL, expires: '2026-06-01T12:00:00Z' };

/** Rows that end, and rows that carry a whole policy document. */
export const ROW_CASES: readonly StatementCase[] = [
  ['a row applies until it expires', [UNTIL], { at: '2026-06-01T11:59:59.999Z' }, 'allowed'],
  ['at that moment it does not', [UNTIL], { at: '2026-06-01T12:00:00Z' }, 'default-deny'],
  ['nor ever after', [UNTIL], { at: '2030-01-01T00:00:00Z' }, 'default-deny'],
  ['a deny ends as well', [EVERYTHING, DENY_UNTIL], { at: '2026-06-01T12:00:00Z' }, 'allowed'],
  [
    'and holds until then',
    [EVERYTHING, DENY_UNTIL],
    { at: '2026-06-01T11:00:00Z' },
    'explicit-deny',
  ],
  [
    'an expired deny is past, whatever its condition leaves open',
    [EVERYTHING, { ...DENY_UNTIL, condition: { ip_equal: { 'qcs:ip': '::1' } } }],
    { ip: null, at: '2026-07-01T00:00:00Z' },
    'allowed',
  ],
  [
    'expiry and condition must both hold',
    [{ ...UNTIL, condition: { ip_equal: { 'qcs:ip': '::1' } } }],
    { at: '2026-05-01T00:00:00Z' },
    'default-deny',
  ],
  [
    'a document with one statement, no brackets',
    [{ policy: { version: '2.0', statement: ALLOW_E } }],
    {},
    'allowed',
  ],
  [
    'a document with two',
    [{ policy: { version: '2.0', statement: [EVERYTHING, DENY_P] } }],
    { bucket: P },
    'explicit-deny',
  ],
  [
    'a document’s deny and a row’s allow',
    [EVERYTHING, { policy: { version: '2.0', statement: [DENY_P] } }],
    { bucket: P },
    'explicit-deny',
  ],
  [
    'a document expires as a whole',
    [
      {
        expires: '2026-06-01T12:00:00Z',
        policy: { version: '2.0', statement: [ALLOW_E, EVERYTHING] },
      },
    ],
    {},
    'default-deny',
  ],
  [
    'a document of a sub-account',
    [{ principal: 'sub-account/media', policy: { version: '2.0', statement: ALLOW_E } }],
    { tenant: 'b' },
    'allowed',
  ],
];

const IP_DENY = (operator: string): TestRow[] => [
  EVERYTHING,
  {
    effect: 'deny',
    action: SET,
    resource: '*',
    condition: { [operator]: { 'qcs:ip': '10.0.0.0/8' } },
  },
];
const TAGGED: TestRow[] = [
  {
    effect: 'allow',
    action: SET,
    resource: '*',
    condition: {
      'for_any_value:string_equal': { 'slimgate:claim/tags': ['env&test', 'env&stage'] },
    },
  },
];
const HOST_BITS: TestRow[] = [
  { ...SET_E, condition: { ip_equal: { 'qcs:ip': ['10.217.182.3/24', '192.168.1.1'] } } },
];
const TWO_KEYS: TestRow[] = [
  {
    ...SET_E,
    condition: {
      date_greater_than: { 'qcs:current_time': '2026-01-01T00:00:00Z' },
      date_less_than: { 'qcs:current_time': '2026-02-01T00:00:00Z' },
      string_equal: { 'slimgate:claim/k1': ['a', 'b'], 'slimgate:claim/k2': 'c' },
    },
  },
];
const LIMITED: TestRow[] = [
  { ...SET_E, condition: { date_less_than: { 'qcs:current_time': '2030-01-01T00:00:00Z' } } },
];
const NO_MFA: TestRow[] = [
  { ...SET_E, condition: { null_equal: { 'slimgate:claim/mfa': 'true' } } },
];

/** Worked examples of CAM’s conditions; what CAM does with tags is done here with a claim. */
export const EXAMPLE_CASES: readonly StatementCase[] = [
  ['limited in time, the last second', LIMITED, { at: '2029-12-31T23:59:59Z' }, 'allowed'],
  ['limited in time, over', LIMITED, { at: '2030-01-01T00:00:00Z' }, 'default-deny'],
  ['by tag, one of them', TAGGED, { claims: { tags: ['team&web', 'env&test'] } }, 'allowed'],
  ['by tag, another', TAGGED, { claims: { tags: ['env&prod'] } }, 'default-deny'],
  ['by tag, none at all', TAGGED, {}, 'default-deny'],
  ['by tag, an empty list', TAGGED, { claims: { tags: [] } }, 'default-deny'],
  ['deny outside a network, from inside', IP_DENY('ip_not_equal'), { ip: '10.1.2.3' }, 'allowed'],
  [
    'deny outside a network, from outside',
    IP_DENY('ip_not_equal'),
    { ip: '203.0.113.5' },
    'explicit-deny',
  ],
  [
    'deny outside a network, not known from where: where CAM allows',
    IP_DENY('ip_not_equal'),
    { ip: null },
    'undecidable-deny',
  ],
  ['the robust form, from inside', IP_DENY('ip_not_equal_if_exist'), { ip: '10.1.2.3' }, 'allowed'],
  [
    'the robust form, from outside',
    IP_DENY('ip_not_equal_if_exist'),
    { ip: '203.0.113.5' },
    'explicit-deny',
  ],
  [
    'the robust form, not known from where',
    IP_DENY('ip_not_equal_if_exist'),
    { ip: null },
    'explicit-deny',
  ],
  ['host bits, inside', HOST_BITS, { ip: '10.217.182.200' }, 'allowed'],
  ['host bits, the next block', HOST_BITS, { ip: '10.217.183.1' }, 'default-deny'],
  ['one address', HOST_BITS, { ip: '192.168.1.1' }, 'allowed'],
  ['the address beside it', HOST_BITS, { ip: '192.168.1.2' }, 'default-deny'],
  ['an allow for a network, not known from where', HOST_BITS, { ip: null }, 'default-deny'],
  [
    'two keys and a window',
    TWO_KEYS,
    { at: '2026-01-15T00:00:00Z', claims: { k1: 'b', k2: 'c' } },
    'allowed',
  ],
  [
    'the second key differs',
    TWO_KEYS,
    { at: '2026-01-15T00:00:00Z', claims: { k1: 'b', k2: 'd' } },
    'default-deny',
  ],
  [
    'the window is over',
    TWO_KEYS,
    { at: '2026-03-01T00:00:00Z', claims: { k1: 'b', k2: 'c' } },
    'default-deny',
  ],
  ['a key that must be absent is', NO_MFA, {}, 'allowed'],
  ['a key that must be absent is not', NO_MFA, { claims: { mfa: 'yes' } }, 'default-deny'],
];

const ON_GIF = { 'for_any_value:string_equal': { 'slimgate:suffix': 'gif' } };
const NO_GIF: TestRow = { effect: 'deny', action: SET, resource: '*', condition: ON_GIF };
const NO_GIF_GUARDED: TestRow = {
  ...NO_GIF,
  condition: { ...ON_GIF, string_equal: { 'slimgate:operation': 'enable' } },
};
const NEVER_OFF: TestRow = {
  effect: 'deny',
  action: SET,
  resource: '*',
  condition: { string_equal: { 'slimgate:operation': 'disable' } },
};
const ONLY_PNG: TestRow = {
  effect: 'allow',
  action: SET,
  resource: '*',
  condition: { 'for_all_value:string_equal': { 'slimgate:suffix': 'png' } },
};
const OPEN_DENY: TestRow = {
  effect: 'deny',
  action: 'ci:*',
  resource: '*',
  condition: { string_equal: { 'slimgate:claim/team': 'ads' } },
};

/** What the request would do, and what happens in doubt. */
export const DOUBT_CASES: readonly StatementCase[] = [
  ['never gif', [EVERYTHING, NO_GIF], { suffixes: ['png', 'gif'] }, 'explicit-deny'],
  ['never gif, png is not gif', [EVERYTHING, NO_GIF], { suffixes: ['png'] }, 'allowed'],
  [
    'never gif, API alone has no suffix',
    [EVERYTHING, NO_GIF],
    { modes: ['API'], suffixes: [] },
    'allowed',
  ],
  [
    'never gif says nothing clear of disabling',
    [EVERYTHING, NO_GIF],
    { operation: 'disable' },
    'undecidable-deny',
  ],
  [
    'unless it is about enabling',
    [EVERYTHING, NO_GIF_GUARDED],
    { operation: 'disable' },
    'allowed',
  ],
  ['and then it still bites', [EVERYTHING, NO_GIF_GUARDED], { suffixes: ['gif'] }, 'explicit-deny'],
  ['never off', [EVERYTHING, NEVER_OFF], { operation: 'disable' }, 'explicit-deny'],
  ['never off, but on', [EVERYTHING, NEVER_OFF], {}, 'allowed'],
  ['only png', [ONLY_PNG], { suffixes: ['png'] }, 'allowed'],
  ['only png, not jpg as well', [ONLY_PNG], { suffixes: ['jpg', 'png'] }, 'default-deny'],
  ['only png, so not API alone', [ONLY_PNG], { modes: ['API'], suffixes: [] }, 'default-deny'],
  ['only png, so no disabling', [ONLY_PNG], { operation: 'disable' }, 'default-deny'],
  ['an open deny denies', [EVERYTHING, OPEN_DENY], {}, 'undecidable-deny'],
  ['one that fails does not', [EVERYTHING, OPEN_DENY], { claims: { team: 'web' } }, 'allowed'],
  [
    'one that holds is plain',
    [EVERYTHING, OPEN_DENY],
    { claims: { team: 'ads' } },
    'explicit-deny',
  ],
  [
    'a claim of another type leaves it open',
    [EVERYTHING, OPEN_DENY],
    { claims: { team: ['web'] } },
    'undecidable-deny',
  ],
  [
    'a certain deny is named before an open one',
    [EVERYTHING, OPEN_DENY, DENY_ALL],
    {},
    'explicit-deny',
  ],
  ['an open deny without any allow', [OPEN_DENY], {}, 'undecidable-deny'],
  [
    'an open deny on another bucket is no doubt',
    [EVERYTHING, { ...OPEN_DENY, resource: `${SH}/${P}/*` }],
    {},
    'allowed',
  ],
  [
    'an open deny of another action is no doubt',
    [EVERYTHING, { ...OPEN_DENY, action: DESCRIBE }],
    {},
    'allowed',
  ],
  [
    'another tenant’s open deny is no doubt',
    [EVERYTHING, { ...OPEN_DENY, principal: 'tenant/b' }],
    {},
    'allowed',
  ],
  ['an open allow does not allow', [{ ...OPEN_DENY, effect: 'allow' }], {}, 'default-deny'],
  [
    'an open allow beside a plain one takes nothing away',
    [EVERYTHING, { ...OPEN_DENY, effect: 'allow' }],
    {},
    'allowed',
  ],
];
