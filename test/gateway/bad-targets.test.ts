import { expect, test } from 'vitest';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { requestText, sendRaw } from '../support/raw-client.ts';
import { type RawUpstream, replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const pathOf = (region: string, bucket: string) =>
  `/v1/regions/${region}/buckets/${bucket}/image-slim`;
const METHODS = ['PUT', 'GET', 'DELETE'];

async function start(): Promise<{ gateway: RunningGateway; upstream: RawUpstream }> {
  const upstream = await startRawUpstream(replyNormally);
  return { upstream, gateway: await startGateway({ connect: upstream }) };
}

/** Send a head as it is written, with a good token and, for PUT, a good body. */
function send(gateway: RunningGateway, method: string, target: string, extra = ['Host: a']) {
  const body = method === 'PUT' ? '{"modes":["API"]}' : '';
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Authorization: Bearer ${gateway.token('photos')}`,
    ...(body && ['Content-Type: application/json', `Content-Length: ${body.length}`]),
    ...extra,
  ];
  return sendRaw(gateway.served.gateway.port, requestText(lines, body));
}

/** Spellings of a target: each is refused, or nothing is there; it is never a destination. */
const REFUSED_TARGETS: Readonly<Record<string, readonly [target: string, code: string | null]>> = {
  'an encoded letter in the region': [pathOf('%61p-shanghai', BUCKET), 'request-target-invalid'],
  'an encoded hyphen in the bucket': [
    pathOf(REGION, 'examplebucket%2d1250000000'),
    'request-target-invalid',
  ],
  'an encoded letter in the route': [PATH.replace('buckets', '%62uckets'), 'no-such-route'],
  'an encoded slash': [PATH.replace('/buckets/', '%2fbuckets%2f'), 'no-such-route'],
  'an encoded slash in the bucket': [pathOf(REGION, `a%2f${BUCKET}`), 'bad-target'],
  'an encoded slash, twice encoded': [pathOf(REGION, `a%252f${BUCKET}`), 'bad-target'],
  'a NUL': [pathOf(REGION, `${BUCKET}%00`), 'bad-target'],
  'a line break and a header': [pathOf(REGION, `${BUCKET}%0d%0ax-a:%20b`), 'bad-target'],
  'a line feed': [pathOf(`${REGION}%0a`, BUCKET), 'bad-target'],
  'an overlong slash': [pathOf(REGION, `a%c0%af${BUCKET}`), 'bad-target'],
  'a broken escape': [pathOf(REGION, `${BUCKET}%zz`), 'bad-target'],
  'full-width digits': [pathOf(REGION, 'a-%EF%BC%91%EF%BC%92%EF%BC%95%EF%BC%90'), 'bad-target'],
  'a dot segment': [PATH.replace('/buckets', '/./buckets'), 'no-such-route'],
  'a parent segment': [PATH.replace('/regions', '/x/../regions'), 'no-such-route'],
  'an encoded parent segment': [pathOf('%2e%2e', BUCKET), 'bad-target'],
  'a parent as the region': [pathOf('..', BUCKET), 'bad-target'],
  'a parameter in a segment': [PATH.replace('/buckets', ';a=b/buckets'), 'bad-target'],
  'a backslash': [PATH.replace('/buckets', '\\buckets'), 'no-such-route'],
  'an encoded backslash': [pathOf(REGION, `a%5c${BUCKET}`), 'bad-target'],
  'a doubled slash at the start': [`/${PATH}`, 'no-such-route'],
  'a doubled slash in the middle': [PATH.replace('/buckets', '//buckets'), 'no-such-route'],
  'a slash at the end': [`${PATH}/`, 'no-such-route'],
  'an upper-case route': [PATH.replace('v1', 'V1'), 'no-such-route'],
  'an upper-case operation': [PATH.replace('image-slim', 'Image-Slim'), 'no-such-route'],
  'an upper-case region': [pathOf('AP-SHANGHAI', BUCKET), 'bad-target'],
  'an empty region': [pathOf('', BUCKET), 'no-such-route'],
  'an empty bucket': [pathOf(REGION, ''), 'no-such-route'],
  'a host in the region': [pathOf('ap-shanghai.evil.example', BUCKET), 'bad-target'],
  'a host in the bucket': [pathOf(REGION, `${BUCKET}.evil.example`), 'bad-target'],
  'a user in the bucket': [pathOf(REGION, `${BUCKET}@evil.example`), 'bad-target'],
  'a port in the bucket': [pathOf(REGION, `${BUCKET}:80`), 'bad-target'],
  'an address as the region': [pathOf('127.0.0.1', BUCKET), 'bad-target'],
  'global acceleration': [pathOf('accelerate', BUCKET), 'bad-target'],
  'a fragment': [`${PATH}#a`, 'request-target-invalid'],
  'a fragment behind an empty query': [`${PATH}?#dryRun=true`, 'request-target-invalid'],
  'the absolute form': [`http://gateway.test${PATH}`, 'request-target-invalid'],
  'the absolute form of another host': [`https://evil.example${PATH}`, 'request-target-invalid'],
  'the absolute form of the upstream': [
    `http://${BUCKET}.pic.ap-shanghai.myqcloud.com/?image-slim`,
    'no-such-route',
  ],
  'the authority form': ['evil.example:80', null],
  'the asterisk form': ['*', 'no-such-route'],
  'no slash at the start': [PATH.slice(1), null],
  'a space within': [PATH.replace('/buckets', '/ buckets'), null],
  'a tab within': [PATH.replace('/buckets', '/\tbuckets'), null],
  'bytes above ASCII': [pathOf(REGION, 'caf\u00e9-1250000000'), null],
  'the root': ['/', 'no-such-route'],
  'the upstream’s own target': ['/?image-slim', 'no-such-route'],
  'the admin’s path': ['/readyz', 'no-such-route'],
  'a very long path': [`/${'a/'.repeat(3000)}`, 'no-such-route'],
};

test.each(METHODS)('%s: a target in any other spelling leads nowhere', async (method) => {
  const { gateway, upstream } = await start();
  for (const [name, [target, code]] of Object.entries(REFUSED_TARGETS)) {
    const { status, json } = await send(gateway, method, target);
    expect(status, name).toBeOneOf([400, 404]);
    // What the parser refuses is answered plainly; some of it is refused by either.
    expect(json?.code ?? null, name).toBe(code);
  }
  expect(upstream.connectionCount()).toBe(0);
  await gateway.close();
  const said = JSON.stringify(gateway.records()) + gateway.logged();
  expect(said).not.toMatch(/evil\.example|\.\.\/|%0d|x-a:/);
});

test.each(METHODS)('%s: query parameters that are not offered are refused', async (method) => {
  const { gateway, upstream } = await start();
  const queries = [
    'a=b',
    'dryrun=true',
    'dryRun',
    'dryRun=',
    'dryRun=1',
    'dryRun=TRUE',
    'dryRun=true&dryRun=true',
    'dryRun=true&dryRun=false',
    'dryRun=true&',
    '&dryRun=true',
    'dryRun%3Dtrue',
    'dryRun=true%20',
    'dryRun[]=true',
    'dry%52un=true',
    'access_token=canary',
    'image-slim',
    'q-signature=canary',
    '?',
    '__proto__=true',
  ];
  for (const query of queries) {
    const { status, json } = await send(gateway, method, `${PATH}?${query}`);
    expect([status, json?.code], query).toEqual([400, 'query-invalid']);
  }
  expect(upstream.connectionCount()).toBe(0);
  expect(gateway.logged()).not.toContain('canary');
});

test('a dry run is for a change; `false` and an empty query mean a real one', async () => {
  const { gateway, upstream } = await start();
  expect((await send(gateway, 'GET', `${PATH}?dryRun=true`)).json?.code).toBe('query-invalid');
  expect((await send(gateway, 'DELETE', `${PATH}?dryRun=true`)).json?.dryRun).toBe(true);
  expect(upstream.requests).toHaveLength(0);
  expect((await send(gateway, 'DELETE', `${PATH}?dryRun=false`)).status).toBe(204);
  expect((await send(gateway, 'DELETE', `${PATH}?`)).status).toBe(204);
  expect(upstream.requests).toHaveLength(2);
});

test.each(['HEAD', 'OPTIONS', 'POST', 'PATCH', 'TRACE', 'PROPFIND', 'PURGE', 'QUERY'])(
  '%s is answered 405 with what is allowed',
  async (method) => {
    const { gateway, upstream } = await start();
    const extra = ['Host: a', 'X-HTTP-Method-Override: PUT', 'X-Method-Override: DELETE'];
    const text = requestText([
      `${method} ${PATH} HTTP/1.1`,
      `Authorization: Bearer ${gateway.token('photos')}`,
      'Connection: close',
      ...extra,
    ]);
    const answer = await sendRaw(gateway.served.gateway.port, text);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'PUT, GET, DELETE' } });
    if (method !== 'HEAD') expect(answer.json?.code).toBe('method-not-allowed');
    expect(upstream.connectionCount()).toBe(0);
  },
);

test.each(['CONNECT', 'put', 'BREW', 'PUT\t', ''])(
  'a method the parser does not know, or that opens a tunnel, leads nowhere: `%s`',
  async (method) => {
    const { gateway, upstream } = await start();
    const target = method === 'CONNECT' ? 'evil.example:443' : PATH;
    const answer = await send(gateway, method, target).catch(() => null);
    expect(answer?.status ?? 400).toBe(400);
    expect(upstream.connectionCount()).toBe(0);
    expect((await gateway.call('GET')).status).toBe(200);
  },
);

test.each([
  ['no Host', []],
  ['two Hosts', ['Host: a', 'Host: b']],
  ['the same Host twice', ['Host: a', 'host: a']],
])('a request with %s is refused', async (_, hosts) => {
  const { gateway, upstream } = await start();
  for (const method of METHODS) {
    expect((await send(gateway, method, PATH, hosts)).status).toBe(400);
  }
  expect(upstream.connectionCount()).toBe(0);
});

test('a Host names no destination', async () => {
  const { gateway, upstream } = await start();
  for (const host of ['evil.example', '127.0.0.1:1', '', 'a b', `${BUCKET}.pic.x.myqcloud.com`]) {
    await send(gateway, 'GET', PATH, [`Host: ${host}`, 'X-Forwarded-Host: evil.example']);
  }
  for (const { host } of upstream.requests) {
    expect(host).toBe(`${BUCKET}.pic.ap-shanghai.myqcloud.com`);
  }
  expect(upstream.requests.length).toBeGreaterThan(0);
});

test('a repeated Authorization is refused, whichever of them is good', async () => {
  const { gateway, upstream } = await start();
  for (const more of ['Bearer other', `Bearer ${gateway.token('photos')}`, 'Basic YTpi', '']) {
    const answer = await send(gateway, 'GET', PATH, ['Host: a', `authorization: ${more}`]);
    expect([answer.status, answer.json?.code]).toEqual([400, 'header-repeated']);
  }
  expect(upstream.connectionCount()).toBe(0);
});

test.each([
  ['PUT', 'If-Match: "a"'],
  ['DELETE', 'If-Match: *'],
  ['PUT', 'If-None-Match: *'],
  ['DELETE', 'If-None-Match: "a"'],
  ['PUT', 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
])('%s with a precondition is refused, not done without it: %s', async (method, line) => {
  const { gateway, upstream } = await start();
  const answer = await send(gateway, method, PATH, ['Host: a', line]);
  expect([answer.status, answer.json?.code]).toEqual([400, 'header-unsupported']);
  expect(upstream.connectionCount()).toBe(0);
});

test('a GET with If-None-Match is answered in full', async () => {
  const { gateway } = await start();
  const answer = await send(gateway, 'GET', PATH, ['Host: a', 'If-None-Match: "a"']);
  expect([answer.status, answer.json?.status]).toEqual([200, 'on']);
});
