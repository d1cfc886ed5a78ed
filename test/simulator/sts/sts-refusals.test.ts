import { afterAll, expect, test } from 'vitest';
import { STS_ERRORS } from '../../../src/simulator/sts/sts-errors.ts';
import { isStsHost, type StsRequest } from '../../../src/simulator/sts/sts-request.ts';
import {
  OPERATOR_ARN,
  openLocalSts,
  responseOf,
  STS_KEYS,
  STS_NOW,
  type StsCallOptions,
  sessionPolicy,
  stsRequest,
} from '../../support/local-sts.ts';

interface Refusal {
  readonly name: string;
  readonly call?: StsCallOptions;
  readonly change?: Partial<StsRequest>;
  readonly code: string;
}

function assume(parameters: object, options: StsCallOptions = {}): StsCallOptions {
  const all = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway', ...parameters };
  return { action: 'AssumeRole', parameters: all, ...options };
}

function federate(parameters: object, options: StsCallOptions = {}): StsCallOptions {
  const all = { Name: 'gateway', Policy: sessionPolicy('ci:*'), ...parameters };
  return { action: 'GetFederationToken', parameters: all, ...options };
}

function encodedPolicy(statement: object, version = '2.0'): string {
  return encodeURIComponent(JSON.stringify({ version, statement: [statement] }));
}

function reworded(from: string | RegExp, to: string): StsCallOptions {
  const { headers } = stsRequest();
  const [, value = ''] = headers.find(([name]) => name === 'Authorization') ?? [];
  return { headers: { Authorization: value.replace(from, to) } };
}

const INVALID = 'AuthFailure.InvalidAuthorization';
const PARAM = 'InvalidParameter.ParamError';
const TIME = 'InvalidParameter.OverTimeError';
const FORMAT = 'InvalidParameter.StrategyFormatError';
const STRATEGY = 'InvalidParameter.StrategyInvalid';
const ALLOW = { effect: 'allow', action: 'ci:*', resource: '*' };

const FRAME: readonly Refusal[] = [
  { name: 'a GET', change: { method: 'GET' }, code: 'UnsupportedProtocol' },
  {
    name: 'a form',
    call: { contentType: 'application/x-www-form-urlencoded' },
    code: 'UnsupportedProtocol',
  },
  { name: 'a path', change: { path: '/sts' }, code: 'InvalidParameter' },
  { name: 'a query', change: { path: '/?Action=AssumeRole' }, code: 'InvalidParameter' },
];

const AUTHENTICATION: readonly Refusal[] = [
  { name: 'no Authorization', call: { headers: { Authorization: undefined } }, code: INVALID },
  { name: 'another algorithm', call: reworded('SHA256', 'SHA1'), code: INVALID },
  {
    name: 'a signature in capitals',
    call: reworded(/[0-9a-f]{64}$/, 'A'.repeat(64)),
    code: INVALID,
  },
  {
    name: 'a list that is unsorted',
    call: reworded('content-type;host', 'host;content-type'),
    code: INVALID,
  },
  { name: 'a list that repeats', call: reworded(';host;', ';host;host;'), code: INVALID },
  { name: 'a list without host', call: reworded(';host;', ';'), code: INVALID },
  { name: 'a list without content-type', call: reworded('content-type;', ''), code: INVALID },
  {
    name: 'a list that names what is not there',
    call: reworded(';x-tc-action', ';x-tc-no'),
    code: INVALID,
  },
  { name: 'another service', call: reworded('/sts/', '/cvm/'), code: INVALID },
  { name: 'the date of yesterday', call: reworded('2023-11-14', '2023-11-13'), code: INVALID },
  {
    name: 'a timestamp in words',
    call: { headers: { 'X-TC-Timestamp': 'now' } },
    code: 'InvalidParameter',
  },
  {
    name: 'no timestamp',
    call: { headers: { 'X-TC-Timestamp': undefined } },
    code: 'MissingParameter',
  },
  {
    name: 'a clock 301 s behind',
    call: { timestamp: STS_NOW - 301 },
    code: 'AuthFailure.SignatureExpire',
  },
  {
    name: 'a clock 301 s ahead',
    call: { timestamp: STS_NOW + 301 },
    code: 'AuthFailure.SignatureExpire',
  },
  {
    name: 'a SecretId of nobody',
    call: { key: { secretId: 'AKIDnobody', secretKey: 'x' } },
    code: 'AuthFailure.SecretIdNotFound',
  },
  {
    name: 'another’s SecretKey',
    call: { key: { ...STS_KEYS.media, secretKey: STS_KEYS.reader.secretKey } },
    code: 'AuthFailure.SignatureFailure',
  },
  {
    name: 'another payload',
    change: { body: Buffer.from('{"a":1}') },
    code: 'AuthFailure.SignatureFailure',
  },
  {
    name: 'another action than the one signed',
    call: { headers: { 'X-TC-Action': 'AssumeRole' } },
    code: 'AuthFailure.SignatureFailure',
  },
  {
    name: 'a temporary key without its token',
    call: { key: { secretId: 'AKIDwritten', secretKey: 'secret-key-written' } },
    code: 'AuthFailure.TokenFailure',
  },
  {
    name: 'a temporary key with another token',
    call: { key: { ...STS_KEYS.written, token: 'token-writteN' } },
    code: 'AuthFailure.TokenFailure',
  },
  {
    name: 'a permanent key with a token',
    call: { key: { ...STS_KEYS.media, token: 'token' } },
    code: 'AuthFailure.TokenFailure',
  },
  {
    name: 'a permanent key with an empty token',
    call: { key: { ...STS_KEYS.media, token: '' } },
    code: 'AuthFailure.TokenFailure',
  },
];

const CALLS: readonly Refusal[] = [
  {
    name: 'no action',
    call: { isActionSigned: false, headers: { 'X-TC-Action': undefined } },
    code: 'MissingParameter',
  },
  {
    name: 'an action of another service',
    call: { action: 'DescribeInstances' },
    code: 'InvalidAction',
  },
  { name: 'an action in another case', call: { action: 'assumerole' }, code: 'InvalidAction' },
  { name: 'an action that objects have', call: { action: 'constructor' }, code: 'InvalidAction' },
  {
    name: 'no version',
    call: { headers: { 'X-TC-Version': undefined } },
    code: 'MissingParameter',
  },
  {
    name: 'another version',
    call: { headers: { 'X-TC-Version': '2017-03-12' } },
    code: 'NoSuchVersion',
  },
  { name: 'no region', call: { headers: { 'X-TC-Region': undefined } }, code: 'MissingParameter' },
  {
    name: 'no such form of region',
    call: { headers: { 'X-TC-Region': 'Shanghai' } },
    code: 'UnsupportedRegion',
  },
  { name: 'no body', call: { payload: '' }, code: 'InvalidParameter' },
  { name: 'a body that is no JSON', call: { payload: '{"a":1' }, code: 'InvalidParameter' },
  { name: 'a member twice', call: { payload: '{"a":1,"a":1}' }, code: 'InvalidParameter' },
  { name: 'an array', call: { payload: '[]' }, code: 'InvalidParameter' },
  { name: 'null', call: { payload: 'null' }, code: 'InvalidParameter' },
  {
    name: 'a parameter of no action',
    call: { parameters: { Colour: 'red' } },
    code: 'UnknownParameter',
  },
  {
    name: 'a parameter named __proto__',
    call: { payload: '{"__proto__":1}' },
    code: 'UnknownParameter',
  },
  { name: 'a parameter of another action', call: assume({ Name: 'x' }), code: 'UnknownParameter' },
];

const PARAMETERS: readonly Refusal[] = [
  { name: 'no RoleArn', call: assume({ RoleArn: undefined }), code: 'MissingParameter' },
  {
    name: 'a RoleArn of five segments',
    call: assume({ RoleArn: 'qcs::cam:uin/1:role/1' }),
    code: PARAM,
  },
  { name: 'a RoleArn with a path', call: assume({ RoleArn: `${OPERATOR_ARN}/x` }), code: PARAM },
  {
    name: 'no RoleSessionName',
    call: assume({ RoleSessionName: undefined }),
    code: 'MissingParameter',
  },
  { name: 'a RoleSessionName of one', call: assume({ RoleSessionName: 'a' }), code: PARAM },
  {
    name: 'a RoleSessionName of 129',
    call: assume({ RoleSessionName: 'a'.repeat(129) }),
    code: PARAM,
  },
  { name: 'a RoleSessionName with a blank', call: assume({ RoleSessionName: 'a b' }), code: PARAM },
  { name: 'a RoleSessionName with a line', call: assume({ RoleSessionName: 'ab\n' }), code: PARAM },
  {
    name: 'a RoleSessionName that is a number',
    call: assume({ RoleSessionName: 12 }),
    code: 'InvalidParameter',
  },
  { name: 'no seconds', call: assume({ DurationSeconds: 0 }), code: TIME },
  { name: 'too many seconds', call: assume({ DurationSeconds: 43_201 }), code: TIME },
  {
    name: 'more seconds than the role has',
    call: assume({ RoleArn: OPERATOR_ARN.replace('operator', 'short'), DurationSeconds: 601 }),
    code: TIME,
  },
  { name: 'half a second', call: assume({ DurationSeconds: 900.5 }), code: 'InvalidParameter' },
  { name: 'seconds in quotes', call: assume({ DurationSeconds: '900' }), code: 'InvalidParameter' },
  { name: 'a null', call: assume({ DurationSeconds: null }), code: 'InvalidParameter' },
  { name: 'an ExternalId with a blank', call: assume({ ExternalId: 'a b' }), code: PARAM },
  {
    name: 'a tag twice',
    call: assume({
      Tags: [
        { Key: 'a', Value: '' },
        { Key: 'a', Value: 'b' },
      ],
    }),
    code: PARAM,
  },
  {
    name: '51 tags',
    call: assume({ Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' })) }),
    code: PARAM,
  },
  {
    name: 'a tag with more in it',
    call: assume({ Tags: [{ Key: 'a', Value: '', More: '' }] }),
    code: PARAM,
  },
  { name: 'a SourceIdentity in words', call: assume({ SourceIdentity: 'me' }), code: PARAM },
  {
    name: 'MFA',
    call: assume({ SerialNumber: 'x', TokenCode: '1' }),
    code: 'UnsupportedOperation',
  },
  {
    name: 'a role of nobody',
    call: assume({ RoleArn: OPERATOR_ARN.replace('operator', 'x') }),
    code: 'ResourceNotFound.RoleNotFound',
  },
  {
    name: 'a role of no account',
    call: assume({ RoleArn: OPERATOR_ARN.replace('01:', '09:') }),
    code: 'ResourceNotFound.RoleNotFound',
  },
  {
    name: 'a service role',
    call: assume({
      RoleArn: 'qcs::cam::uin/100000000001:role/tencentcloudServiceRoleName/operator',
    }),
    code: 'ResourceNotFound.RoleNotFound',
  },
  { name: 'no Name', call: federate({ Name: undefined }), code: 'MissingParameter' },
  { name: 'a Name with a colon', call: federate({ Name: 'a:b' }), code: PARAM },
  {
    name: 'a federation without Policy',
    call: federate({ Policy: undefined }),
    code: 'MissingParameter',
  },
  { name: 'too long a federation', call: federate({ DurationSeconds: 129_601 }), code: TIME },
  {
    name: 'a federation asked for by a temporary key',
    call: federate({}, { key: STS_KEYS.written }),
    code: 'InvalidParameter.AccessKeyNotSupport',
  },
];

const POLICIES: readonly Refusal[] = [
  {
    name: 'a policy that is not encoded',
    call: federate({ Policy: decodeURIComponent(sessionPolicy('*')) }),
    code: FORMAT,
  },
  {
    name: 'a policy that is encoded twice',
    call: federate({ Policy: encodeURIComponent(sessionPolicy('*')) }),
    code: FORMAT,
  },
  { name: 'a policy of bad percent signs', call: federate({ Policy: '%7B%' }), code: FORMAT },
  { name: 'a policy that is not UTF-8', call: federate({ Policy: '%22%FF%22' }), code: FORMAT },
  { name: 'an empty policy', call: federate({ Policy: '' }), code: FORMAT },
  {
    name: 'a policy with a member twice',
    call: federate({
      Policy: encodeURIComponent('{"version":"2.0","version":"2.0","statement":[]}'),
    }),
    code: FORMAT,
  },
  {
    name: 'a policy that is too long',
    call: federate({ Policy: sessionPolicy('*', Array(2000).fill('*')) }),
    code: 'InvalidParameter.PolicyTooLong',
  },
  { name: 'a policy that is null', call: federate({ Policy: 'null' }), code: STRATEGY },
  {
    name: 'a policy with a principal',
    call: federate({ Policy: encodedPolicy({ ...ALLOW, principal: { qcs: ['*'] } }) }),
    code: STRATEGY,
  },
  {
    name: 'a policy with an empty condition',
    call: federate({ Policy: encodedPolicy({ ...ALLOW, condition: {} }) }),
    code: STRATEGY,
  },
  {
    name: 'a policy of another version',
    call: federate({ Policy: encodedPolicy(ALLOW, '3.0') }),
    code: STRATEGY,
  },
  {
    name: 'a policy of another vendor',
    call: assume({ Policy: encodeURIComponent('{"Version":"2.0","Statement":[]}') }),
    code: STRATEGY,
  },
];

const REFUSALS = [...FRAME, ...AUTHENTICATION, ...CALLS, ...PARAMETERS, ...POLICIES];
const reached = new Set<string>();

test.each(REFUSALS)('$name is refused as $code', async ({ call, change, code }) => {
  const { sts } = await openLocalSts();
  const request = { ...stsRequest(call), ...change };
  const answer = sts.answer(request);
  const { Error: error, RequestId, ...rest } = responseOf(answer);
  expect(error?.Code).toBe(code);
  expect(answer.status).toBe(200);
  expect(answer.verdict.error).toBe(code);
  expect(rest).toEqual({});
  expect(RequestId).toMatch(/^[0-9a-f-]{36}$/);
  // Nothing of a key, a token, a signature or a policy comes back in a message.
  const [, authorization = ''] = request.headers.find(([name]) => name === 'Authorization') ?? [];
  const secrets = [
    ...Object.values(STS_KEYS).flatMap((key) => [key.secretKey, 'token' in key ? key.token : []]),
    ...(/[0-9a-f]{64}/.exec(authorization) ?? []),
    'AKID',
    'effect',
  ].flat();
  for (const secret of secrets) expect(error?.Message).not.toContain(secret);
  reached.add(code);
});

test('a failure of its own is an InternalError, and issues nothing', async () => {
  const { sts, temporaryKeys } = await openLocalSts();
  temporaryKeys.close();
  const answer = sts.answer(stsRequest(assume({})));
  expect(responseOf(answer)).toEqual({
    Error: { Code: 'InternalError', Message: 'The local STS failed.' },
    RequestId: expect.any(String),
  });
  expect(answer.verdict).toMatchObject({ error: 'InternalError', operation: 'AssumeRole' });
  reached.add('InternalError');
});

test('an expired key is refused with its token', async () => {
  const { sts, clock } = await openLocalSts();
  const key = STS_KEYS.written;
  const at = (seconds: number) => {
    clock.seconds = seconds;
    return sts.answer(stsRequest({ key, timestamp: seconds })).verdict.error;
  };
  const end = Date.parse('2023-11-15T00:00:00Z') / 1000;
  expect(at(end - 1)).toBeNull();
  expect(at(end)).toBe('AuthFailure.TokenFailure');
});

test('a clock 300 s off is taken, before and after midnight UTC', async () => {
  const { sts, clock } = await openLocalSts();
  const midnight = Date.parse('2023-11-14T00:00:00Z') / 1000;
  clock.seconds = midnight + 150;
  for (const timestamp of [midnight - 150, midnight - 1, midnight, midnight + 450]) {
    expect(sts.answer(stsRequest({ timestamp })).verdict.error).toBeNull();
  }
});

test.each([
  ['sts.tencentcloudapi.com', true],
  ['sts.intl.tencentcloudapi.com', true],
  ['sts.internal.tencentcloudapi.com', true],
  ['sts.ap-guangzhou.tencentcloudapi.com', true],
  ['sts.ap-shanghai-fsi.tencentcloudapi.com', true],
  ['sts.localhost', true],
  ['sts.tencentcloudapi.com.localhost', true],
  ['sts.tencentcloudapi.com.evil', false],
  ['xsts.tencentcloudapi.com', false],
  ['cvm.tencentcloudapi.com', false],
  ['sts-tencentcloudapi.com', false],
  ['sts.a.b.tencentcloudapi.com', false],
  ['localhost', false],
])('%s as an endpoint: %s', (host, isEndpoint) => {
  expect(isStsHost(host)).toBe(isEndpoint);
});

afterAll(() => {
  expect([...reached].sort(), 'every error is reached by a test').toEqual(
    [...Object.keys(STS_ERRORS)].filter((code) => code !== 'UnauthorizedOperation').sort(),
  );
});
