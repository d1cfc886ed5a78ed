/** A fault, the members that carry it, and the problems that are told of it, without their place. */
export type Fault<Carrier = Readonly<Record<string, unknown>>> = readonly [
  name: string,
  carrier: Carrier,
  ...problems: string[],
];

const EFFECT = 'effect: must be `allow` or `deny`, in lower case';
const INSTANT = 'must be a time in UTC like `2030-01-01T00:00:00Z`';

export const ROW_FAULTS: readonly Fault[] = [
  ['an unknown member', { when: 'now' }, ': unknown member `when`'],
  ['a policy kept in another file', { policyFile: 'x.json' }, ': unknown member `policyFile`'],
  [
    'a principal that is not there',
    { principal: 'tenant/nobody' },
    'principal: there is no tenant `nobody`',
  ],
  [
    'a sub-account that is not there',
    { principal: 'sub-account/nobody' },
    'principal: there is no sub-account `nobody`',
  ],
  [
    'a principal of no kind',
    { principal: 'user/x' },
    'principal: must be `tenant/<name>` or `sub-account/<name>`',
  ],
  [
    'a principal of CAM’s',
    { principal: { qcs: ['qcs::cam::uin/1:uin/2'] } },
    'principal: must be `tenant/<name>` or `sub-account/<name>`',
  ],
  ['an effect with a capital', { effect: 'Allow' }, EFFECT],
  ['no effect', { effect: undefined }, EFFECT],
  [
    'another vendor’s spelling',
    { Effect: 'allow' },
    ': unknown member `Effect`: it is written `effect`',
  ],
  ['no action', { action: undefined }, 'action: must be a text or a non-empty list of texts'],
  ['no resource', { resource: undefined }, 'resource: must be a text or a non-empty list of texts'],
  ['an end that is only a day', { expires: '2030-01-01' }, `expires: ${INSTANT}`],
  ['an end that does not exist', { expires: '2030-02-29T00:00:00Z' }, `expires: ${INSTANT}`],
  ['an end in another zone', { expires: '2030-01-01T00:00:00+08:00' }, `expires: ${INSTANT}`],
  ['an end that is a number', { expires: 1893456000 }, `expires: ${INSTANT}`],
  ['a note that is no text', { note: ['x'] }, 'note: must be a text'],
  ['a note that is too long', { note: 'x'.repeat(1001) }, 'note: must be at most 1000 characters'],
  [
    'an author that is too long',
    { author: 'x'.repeat(257) },
    'author: must be at most 256 characters',
  ],
];

export const ACTION_FAULTS: readonly Fault[] = [
  ['an empty list', { action: [] }, 'action: must be a text or a non-empty list of texts'],
  ['a number', { action: 5 }, 'action: must be a text or a non-empty list of texts'],
  [
    'the wrong case',
    { action: 'ci:setImageSlim' },
    'action: `ci:setImageSlim`: is written `ci:SetImageSlim`',
  ],
  [
    'the wrong case of another service',
    { action: 'cos:getobject' },
    'action: `cos:getobject`: is written `cos:GetObject`',
  ],
  [
    'an invented action',
    { action: 'ci:DeleteImageSlim' },
    'action: `ci:DeleteImageSlim`: matches no known action',
  ],
  [
    'a prefix that no action has',
    { action: 'ci:set*' },
    'action: `ci:set*`: matches no known action',
  ],
  [
    'a star in front',
    { action: 'ci:*Slim' },
    'action: `ci:*Slim`: must be `service:Operation`, and `*` can only stand at its end',
  ],
  [
    'a star in the middle',
    { action: 'ci:Set*Slim' },
    'action: `ci:Set*Slim`: must be `service:Operation`, and `*` can only stand at its end',
  ],
  [
    'a question mark',
    { action: 'ci:SetImageSli?' },
    'action: `ci:SetImageSli?`: must be `service:Operation`, and `*` can only stand at its end',
  ],
  [
    'no service',
    { action: 'SetImageSlim' },
    'action: `SetImageSlim`: must be `service:Operation`, and `*` can only stand at its end',
  ],
  [
    'a service in upper case',
    { action: 'CI:SetImageSlim' },
    'action: `CI:SetImageSlim`: must be `service:Operation`, and `*` can only stand at its end',
  ],
  [
    'a service that is not known',
    { action: 'cl:SetImageSlim' },
    'action: `cl:SetImageSlim`: is of no known service; there are `ci`, `slimgate`, `cos`, `sts`, `cam`, `cvm`',
  ],
  [
    'a feature set',
    { action: ['permid/280649', 'actionName/x'] },
    'action[0]: `permid/280649`: names a feature set, which only generated policies have; name the actions',
    'action[1]: `actionName/x`: names a feature set, which only generated policies have; name the actions',
  ],
];

const resource = (name: string, text: string, fault: string): Fault => [
  name,
  { resource: text },
  `resource: \`${text}\`: ${fault}`,
];

export const RESOURCE_FAULTS: readonly Fault[] = [
  ['an empty list', { resource: [] }, 'resource: must be a text or a non-empty list of texts'],
  resource(
    'five segments',
    'qcs::ci:ap-shanghai:uid/1250000000',
    'must be `*` or have six segments, qcs::service:region:account:resource',
  ),
  resource('a project', 'qcs:7:ci::uid/1250000000:bucket/*', 'must begin with `qcs::`'),
  resource('another first segment', 'arn::ci::uid/1250000000:bucket/*', 'must begin with `qcs::`'),
  resource(
    'the form of cos in a resource of ci',
    'qcs::ci::uid/1250000000:b-1250000000/*',
    'segment 6 of a `ci` resource begins with `bucket/`, or is `*`',
  ),
  resource(
    'a resource of a service that no action is of',
    'qcs::cos:ap-shanghai:uid/1250000000:b-1250000000/*',
    'no action of the statement is of `cos`',
  ),
  resource(
    'an account that is no number',
    'qcs::ci::uid/abc:bucket/*',
    'segment 5 must be `uid/<APPID>`, `uin/<main account>`, or empty for the owner',
  ),
  resource(
    'mixed-up numbers',
    'qcs::ci::uid/1250000000:bucket/b-1259999999/*',
    'the APPID in segment 5 and the one in the bucket’s name differ',
  ),
  resource(
    'a star directly behind a name',
    'qcs::ci::uid/1250000000:bucket/app*',
    'a `*` directly behind a name also covers longer names; put `/` or `-` before it',
  ),
  resource(
    'a region in upper case',
    'qcs::ci:AP-SHANGHAI:uid/1250000000:bucket/*',
    'segment 4 must be a region code, or empty for all',
  ),
  resource('an empty sixth segment', 'qcs::ci::uid/1250000000:', 'segment 6 must not be empty'),
  [
    'mixed-up numbers in the form of cos',
    { action: 'cos:GetObject', resource: 'qcs::cos::uid/1250000000:b-1259999999/*' },
    'resource: `qcs::cos::uid/1250000000:b-1259999999/*`: the APPID in segment 5 and the one in the bucket’s name differ',
  ],
  [
    'one of several',
    { resource: ['*', 'qcs'] },
    'resource[1]: `qcs`: must be `*` or have six segments, qcs::service:region:account:resource',
  ],
];

const NO_KEY =
  'there is no such key; there are `qcs:ip`, `qcs:current_time`, `slimgate:operation`, `slimgate:mode`, `slimgate:suffix`, `slimgate:claim/<name>`';
const NOT_FILLED =
  'CAM knows this key, but the gateway does not fill it: its condition could never be told';
const OPERATORS =
  'there are `string_equal`, `string_not_equal`, `string_equal_ignore_case`, `string_not_equal_ignore_case`, ' +
  '`string_like`, `string_not_like`, `numeric_equal`, `numeric_not_equal`, `numeric_greater_than`, ' +
  '`numeric_greater_than_equal`, `numeric_less_than`, `numeric_less_than_equal`, `date_equal`, `date_not_equal`, ' +
  '`date_greater_than`, `date_greater_than_equal`, `date_less_than`, `date_less_than_equal`, `bool_equal`, ' +
  '`binary_equal`, `ip_equal`, `ip_not_equal`, `null_equal`';

/** One comparison with a fault in its value, its key or its operator. */
const condition = (name: string, operator: string, keys: unknown, ...faults: string[]): Fault => [
  name,
  { condition: { [operator]: keys } },
  ...faults.map((fault) => `condition.${operator}${fault}`),
];

const unfilled = (key: string): Fault =>
  condition(
    `a key that is not filled: ${key}`,
    'string_equal',
    { [key]: 'x' },
    `.${key}: ${NOT_FILLED}`,
  );

const CLAIM = 'slimgate:claim/x';

/** An operator that is not there; what is told of it leaves a suffix that is known away. */
const unknownOperator = (name: string, operator: string, told = operator): Fault =>
  condition(name, operator, { [CLAIM]: 'x' }, `: there is no operator \`${told}\`; ${OPERATORS}`);

const NO_ADDRESSES = [
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '10.0.0.0/08',
  '10.0.0.0/255.0.0.0',
  'localhost',
  'fe80::1%eth0',
  '1::2::3',
  '10.0.0.1 ',
];

export const CONDITION_FAULTS: readonly Fault[] = [
  [
    'a text',
    { condition: 'ip_equal' },
    'condition: must be an object of operators that is not empty',
  ],
  ['a list', { condition: [] }, 'condition: must be an object of operators that is not empty'],
  [
    'nothing in it',
    { condition: {} },
    'condition: must be an object of operators that is not empty',
  ],
  condition(
    'an operator without keys',
    'ip_equal',
    {},
    ': must be an object of condition keys that is not empty',
  ),
  condition(
    'an operator with a text',
    'ip_equal',
    '10.0.0.0/8',
    ': must be an object of condition keys that is not empty',
  ),
  unknownOperator('an unknown operator', 'string_equals'),
  unknownOperator('an operator in upper case', 'String_Equal'),
  unknownOperator('a stray blank', 'string_not_ equal'),
  unknownOperator('another vendor’s suffix', 'string_equal_if_exists'),
  unknownOperator('the suffix twice', 'string_equal_if_exist_if_exist', 'string_equal_if_exist'),
  unknownOperator('a prototype’s member', 'constructor'),
  condition(
    'an unknown qualifier',
    'for_all_values:string_equal',
    { [CLAIM]: 'x' },
    ': there is no qualifier `for_all_values`; there are `for_any_value`, `for_all_value`',
  ),
  condition(
    'an empty qualifier',
    ':string_equal',
    { [CLAIM]: 'x' },
    ': there is no qualifier ``; there are `for_any_value`, `for_all_value`',
  ),
  condition(
    'null_equal with the suffix',
    'null_equal_if_exist',
    { [CLAIM]: true },
    ': `null_equal` takes neither a qualifier nor `_if_exist`',
  ),
  condition(
    'null_equal with a qualifier',
    'for_any_value:null_equal',
    { [CLAIM]: true },
    ': `null_equal` takes neither a qualifier nor `_if_exist`',
  ),
  condition(
    'null_equal with two values',
    'null_equal',
    { [CLAIM]: [true, false] },
    `.${CLAIM}: \`null_equal\` takes one value: what several mean is not documented`,
  ),
  condition(
    'null_equal with a text',
    'null_equal',
    { [CLAIM]: 'yes' },
    `.${CLAIM}: \`yes\`: must be \`true\` or \`false\``,
  ),
  condition(
    'an unknown key',
    'string_equal',
    { 'slimgate:bucket': 'x' },
    `.slimgate:bucket: ${NO_KEY}`,
  ),
  condition('a key in upper case', 'ip_equal', { 'qcs:IP': '::1' }, `.qcs:IP: ${NO_KEY}`),
  condition(
    'a claim without a name',
    'string_equal',
    { 'slimgate:claim/': 'x' },
    `.slimgate:claim/: ${NO_KEY}`,
  ),
  ...[
    'qcs:resource_tag',
    'qcs:request_tag',
    'qcs:tag',
    'qcs:vpc',
    'cos:secure-transport',
    'cos:x-cos-acl',
    'host',
    'tls-version',
  ].map(unfilled),
  condition(
    'a date operator on a text',
    'date_less_than',
    { 'slimgate:operation': '2030-01-01T00:00:00Z' },
    '.slimgate:operation: holds string, and `date_less_than` compares date',
  ),
  condition(
    'a date operator on a claim',
    'date_less_than',
    { [CLAIM]: '2030-01-01T00:00:00Z' },
    `.${CLAIM}: holds string or number or bool or binary, and \`date_less_than\` compares date`,
  ),
  condition(
    'a text operator on an address',
    'string_like',
    { 'qcs:ip': '10.*' },
    '.qcs:ip: holds ip, and `string_like` compares string',
  ),
  condition(
    'an address operator on a time',
    'ip_equal',
    { 'qcs:current_time': '::1' },
    '.qcs:current_time: holds date, and `ip_equal` compares ip',
  ),
  condition(
    'a set without a qualifier',
    'string_equal',
    { 'slimgate:suffix': 'png' },
    '.slimgate:suffix: can hold several values; write `for_any_value:string_equal`, `for_all_value:string_equal`',
  ),
  condition('no value', 'string_equal', { [CLAIM]: [] }, `.${CLAIM}: must not be an empty list`),
  condition(
    'nothing as the value',
    'string_equal',
    { [CLAIM]: null },
    `.${CLAIM}: must be a text; put it in quotes`,
  ),
  condition(
    'a number for a text',
    'string_equal',
    { [CLAIM]: ['a', 5] },
    `.${CLAIM}[1]: must be a text; put it in quotes`,
  ),
  condition(
    'a list in a list',
    'string_equal',
    { [CLAIM]: [['a']] },
    `.${CLAIM}[0]: must be a text; put it in quotes`,
  ),
  ...[
    ['string_not_equal', CLAIM, ['a', 'b']],
    ['string_not_equal_ignore_case', CLAIM, ['a', 'b']],
    ['string_not_like', CLAIM, ['a', 'b']],
    ['numeric_not_equal', CLAIM, [1, 2]],
    ['date_not_equal', 'qcs:current_time', ['2030-01-01T00:00:00Z', '2031-01-01T00:00:00Z']],
    ['ip_not_equal', 'qcs:ip', ['::1', '::2']],
    ['for_all_value:string_not_equal', CLAIM, ['a', 'b']],
  ].map(([operator, key, values]) =>
    condition(
      `several values of a negative operator: ${operator}`,
      String(operator),
      { [String(key)]: values },
      `.${key}: \`${String(operator).replace(/.*:/, '')}\` takes one value: what several mean is not documented`,
    ),
  ),
  condition(
    'a letter beyond ASCII where case is ignored',
    'string_equal_ignore_case',
    { [CLAIM]: 'École' },
    `.${CLAIM}: \`École\`: must be ASCII, because only A to Z have their case ignored`,
  ),
  condition(
    'a question mark in a pattern',
    'string_like',
    { [CLAIM]: 'we?' },
    `.${CLAIM}: \`we?\`: must not contain \`?\`: only \`*\` is documented as a wildcard`,
  ),
  condition(
    'a number that is none',
    'numeric_equal',
    { [CLAIM]: ['5x', '0x5', '1e3', '', ' 5', true] },
    ...['5x', '0x5', '1e3', '', ' 5'].map(
      (text, index) => `.${CLAIM}[${index}]: \`${text}\`: must be a number`,
    ),
    `.${CLAIM}[5]: must be a number`,
  ),
  condition(
    'a number that is not finite',
    'numeric_less_than',
    { [CLAIM]: 1 / 0 },
    `.${CLAIM}: must be a number`,
  ),
  condition(
    'a number that is not exact',
    'numeric_less_than',
    { [CLAIM]: '9007199254740993' },
    `.${CLAIM}: \`9007199254740993\`: must be at most 9007199254740991`,
  ),
  condition(
    'a boolean that is none',
    'bool_equal',
    { [CLAIM]: ['True', 1] },
    `.${CLAIM}[0]: \`True\`: must be \`true\` or \`false\``,
    `.${CLAIM}[1]: must be \`true\` or \`false\``,
  ),
  condition(
    'bytes that are not base64',
    'binary_equal',
    { [CLAIM]: 'aGk' },
    `.${CLAIM}: \`aGk\`: must be bytes in base64, with padding`,
  ),
  condition(
    'times in other forms',
    'date_equal',
    {
      'qcs:current_time': [
        '2022-05-31 00:00:00',
        '2022-05-31',
        '2022-05-31T00:00:00',
        '2022-05-31T00:00:00+00:00',
        '2022-05-31t00:00:00z',
      ],
    },
    ...[
      '2022-05-31 00:00:00',
      '2022-05-31',
      '2022-05-31T00:00:00',
      '2022-05-31T00:00:00+00:00',
      '2022-05-31t00:00:00z',
    ].map((text, index) => `.qcs:current_time[${index}]: \`${text}\`: ${INSTANT}`),
  ),
  condition(
    'times that do not exist',
    'date_equal',
    {
      'qcs:current_time': [
        '2023-02-29T00:00:00Z',
        '2022-13-01T00:00:00Z',
        '2022-01-01T24:00:00Z',
        '2016-12-31T23:59:60Z',
      ],
    },
    ...[
      '2023-02-29T00:00:00Z',
      '2022-13-01T00:00:00Z',
      '2022-01-01T24:00:00Z',
      '2016-12-31T23:59:60Z',
    ].map((text, index) => `.qcs:current_time[${index}]: \`${text}\`: ${INSTANT}`),
  ),
  condition(
    'addresses that are none',
    'ip_equal',
    { 'qcs:ip': NO_ADDRESSES },
    ...NO_ADDRESSES.map(
      (text, index) =>
        `.qcs:ip[${index}]: \`${text}\`: must be an IP address, or a block like \`10.0.0.0/8\``,
    ),
  ),
  condition(
    'masks that are too long',
    'ip_equal',
    { 'qcs:ip': ['10.0.0.0/33', '::/129'] },
    '.qcs:ip[0]: `10.0.0.0/33`: the mask must be at most 32',
    '.qcs:ip[1]: `::/129`: the mask must be at most 128',
  ),
  condition(
    'a mask meant for IPv4',
    'ip_equal',
    { 'qcs:ip': '::ffff:10.0.0.0/8' },
    '.qcs:ip: `::ffff:10.0.0.0/8`: the mask of an IPv4 address in IPv6 form must be at least 96',
  ),
  condition(
    'a suffix that there is not',
    'for_any_value:string_equal',
    { 'slimgate:suffix': ['png', 'jpeg'] },
    '.slimgate:suffix[1]: `jpeg`: is none of `jpg`, `png`, `gif`',
  ),
  condition(
    'a mode in the wrong case',
    'for_any_value:string_equal',
    { 'slimgate:mode': 'auto' },
    '.slimgate:mode: `auto`: is none of `API`, `Auto`',
  ),
  condition(
    'an operation that there is not',
    'string_not_equal',
    { 'slimgate:operation': 'delete' },
    '.slimgate:operation: `delete`: is none of `enable`, `disable`, `describe`, `savings`',
  ),
  condition(
    'a pattern that no operation has',
    'string_like',
    { 'slimgate:operation': 'set*' },
    '.slimgate:operation: `set*`: is none of `enable`, `disable`, `describe`, `savings`',
  ),
];

const STATEMENT = { effect: 'allow', action: 'ci:SetImageSlim', resource: '*' };

export const DOCUMENT_FAULTS: readonly Fault<unknown>[] = [
  ['nothing', null, 'policy: must be an object'],
  ['a text', '{"version":"2.0"}', 'policy: must be an object'],
  [
    'a version that is a number',
    { version: 2, statement: STATEMENT },
    'policy.version: must be the text "2.0", in quotes',
  ],
  [
    'another version',
    { version: '2012-10-17', statement: STATEMENT },
    'policy.version: must be the text "2.0", in quotes',
  ],
  ['no version', { statement: STATEMENT }, 'policy.version: must be the text "2.0", in quotes'],
  ['no statement', { version: '2.0' }, 'policy.statement: is missing'],
  [
    'an empty list of statements',
    { version: '2.0', statement: [] },
    'policy.statement: must not be an empty list',
  ],
  [
    'an unknown member',
    { version: '2.0', statement: STATEMENT, id: 'x' },
    'policy: unknown member `id`',
  ],
  [
    'another vendor’s spelling',
    { Version: '2.0', Statement: [] },
    'policy.version: must be the text "2.0", in quotes',
    'policy.statement: is missing',
    'policy: unknown member `Version`: it is written `version`',
    'policy: unknown member `Statement`: it is written `statement`',
  ],
  [
    'a statement that is no object',
    { version: '2.0', statement: ['x'] },
    'policy.statement[0]: must be an object',
  ],
  [
    'a principal in a statement',
    { version: '2.0', statement: { ...STATEMENT, principal: { qcs: ['*'] } } },
    'policy.statement: unknown member `principal`: the row names the principal',
  ],
  [
    'an unknown member of a statement',
    { version: '2.0', statement: [STATEMENT, { ...STATEMENT, sid: 'x' }] },
    'policy.statement[1]: unknown member `sid`',
  ],
  [
    'a row’s member in a statement',
    { version: '2.0', statement: [{ ...STATEMENT, expires: '2030-01-01T00:00:00Z' }] },
    'policy.statement[0]: unknown member `expires`',
  ],
  [
    'faults in two statements',
    {
      version: '2.0',
      statement: [
        { ...STATEMENT, action: 'ci:x' },
        { ...STATEMENT, condition: { ip_equal: { 'qcs:ip': 5 } } },
      ],
    },
    'policy.statement[0].action: `ci:x`: matches no known action',
    'policy.statement[1].condition.ip_equal.qcs:ip: must be a text; put it in quotes',
  ],
];
