import { expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { createEndpoint } from '../../src/upstream/endpoint.ts';
import { KNOWN_REGIONS } from '../../src/upstream/regions.ts';

const HOST = '{bucket}.pic.{region}.myqcloud.com';
const objectHostTemplate = '{bucket}.cos.{region}.myqcloud.com';
const TEMPLATES = { hostTemplate: HOST, objectHostTemplate };
const endpoint = createEndpoint({ ...TEMPLATES, additionalRegions: ['me-saudi-arabia'] });
const REGION = 'ap-shanghai';

function codeOf(region: string, bucket: string): string | null {
  try {
    endpoint.parseTarget(region, bucket);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    return (error as GatewayError).code;
  }
}

/** Source: COS documentation, bucket naming and its examples. */
test.each([
  ['a-1250000000', '1250000000'],
  ['1-newproject-1250000000', '1250000000'],
  ['examplebucket-1-1250000000', '1250000000'],
  ['examplebucket-1250000000', '1250000000'],
  ['mybucket123-1250000000', '1250000000'],
  ['9-12500', '12500'],
  ['a--b-1250000000', '1250000000'],
  ['a-125000000000', '125000000000'],
  [`${'a'.repeat(52)}-1250000000`, '1250000000'],
])('a bucket is taken: %s', (bucket, appId) => {
  expect(endpoint.parseTarget(REGION, bucket)).toMatchObject({ region: REGION, bucket, appId });
});

const REFUSED_BUCKETS: Readonly<Record<string, string>> = {
  'a hyphen first': '-a-1250000000',
  'no APPID, two hyphens': 'a--',
  'no APPID, one hyphen': 'a-',
  'no own part': '-1250000000',
  'only an APPID': '1250000000',
  'an upper-case letter': 'A-1250000000',
  'an underscore': 'a_b-1250000000',
  'a dot': 'a.b-1250000000',
  'an APPID that begins with a zero': 'a-0125000000',
  'full-width digits': 'a-１２５０００００００',
  'digits of another script': 'a-١٢٥٠٠٠٠٠٠٠',
  'a look-alike letter': '\u0430-1250000000',
  'a line feed at the end': 'a-1250000000\n',
  'a line break at the end': 'a-1250000000\r\n',
  'a blank at the end': 'a-1250000000 ',
  'a tab first': '\ta-1250000000',
  'a NUL at the end': 'a-1250000000\0',
  'a line separator': 'a-1250000000\u2028',
  'a host behind': 'a-1250000000.evil.example',
  'a user': 'a-1250000000@evil.example',
  'a port': 'a-1250000000:80',
  'a parent segment': 'a-1250000000/..',
  'a query': 'a-1250000000?acl',
  'a fragment': 'a-1250000000#a',
  'an escape': 'a%2d1250000000',
  'a backslash': 'a\\-1250000000',
  'no APPID at all': 'examplebucket',
  'too many digits': 'a-125000000000000',
  'thirteen digits': 'a-1250000000000',
  'too few digits': 'a-1250',
  'a hyphen before the APPID': 'a--1250000000',
  'a letter in the APPID': 'a-125000000a',
  'a sign in the APPID': 'a-+1250000000',
  'a placeholder of the template': '{region}-1250000000',
  'a label of 64 characters': `${'a'.repeat(53)}-1250000000`,
  'ten thousand characters': `${'a'.repeat(10_000)}-1250000000`,
  'many hyphens and no end': `${'-a'.repeat(5000)}!`,
  nothing: '',
  undefined: 'undefined',
  'a prototype’s name': '__proto__',
};

test.each(Object.entries(REFUSED_BUCKETS))('a bucket is refused: %s', (_, bucket) => {
  expect(codeOf(REGION, bucket)).toBe('bad-target');
});

test.each([...KNOWN_REGIONS, 'me-saudi-arabia'])('a region is taken: %s', (region) => {
  const target = endpoint.parseTarget(region, 'a-1250000000');
  expect(target.host).toBe(`a-1250000000.pic.${region}.myqcloud.com`);
});

test.each([
  'accelerate',
  'default',
  'yfb',
  'cos.ap-shanghai',
  'cossh',
  'cosgz',
  'cn-east',
  'cn-south-2',
  'sg',
  'ap-nowhere',
  'AP-SHANGHAI',
  'ap-shanghai ',
  'ap-shanghai\n',
  'ap-shanghai.evil.example',
  'ap-shanghai/..',
  'ap-shanghai@evil.example',
  'ap-shangha\u0456',
  '127.0.0.1',
  'constructor',
  '__proto__',
  '',
])('a region is refused: `%s`', (region) => {
  expect(codeOf(region, 'a-1250000000')).toBe('bad-target');
});

test('a region of configuration that is not written as one is refused all the same', () => {
  const odd = createEndpoint({ ...TEMPLATES, additionalRegions: ['evil.example/'] });
  expect(() => odd.parseTarget('evil.example/', 'a-1250000000')).toThrow(GatewayError);
});

test('a refusal does not repeat what was asked for', () => {
  for (const [region, bucket] of [
    ['canary-region', 'a-1250000000'],
    [REGION, 'canary bucket'],
  ]) {
    expect(() => endpoint.parseTarget(region ?? '', bucket ?? '')).toThrow(
      expect.not.stringContaining('canary'),
    );
  }
});

test('a host longer than a name may be is refused', () => {
  const hostTemplate = `{bucket}.${'long-label.'.repeat(20)}{region}.example`;
  const long = createEndpoint({ ...TEMPLATES, hostTemplate, additionalRegions: [] });
  expect(() => long.parseTarget(REGION, `${'a'.repeat(40)}-1250000000`)).toThrow(GatewayError);
});

test('the host comes from the template alone', () => {
  const local = createEndpoint({
    hostTemplate: '{bucket}.x.{region}.test',
    objectHostTemplate: '{bucket}.y.{region}.test',
    additionalRegions: [],
  });
  const target = local.parseTarget(REGION, 'a-1250000000');
  expect(target.host).toBe('a-1250000000.x.ap-shanghai.test');
  expect(target.objectHost).toBe('a-1250000000.y.ap-shanghai.test');
});
