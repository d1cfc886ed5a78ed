import { expect, test } from 'vitest';
import { INVALID_BODIES, MALFORMED_BODIES } from '../support/bodies.ts';
import { BUCKET, REGION, startGateway } from '../support/gateway.ts';
import { requestText, sendRaw } from '../support/raw-client.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const BODY = '{"modes":["API"]}';

async function start() {
  const upstream = await startRawUpstream(replyNormally);
  return { upstream, gateway: await startGateway({ connect: upstream }) };
}

test('a body that is not strict JSON is refused and nothing is sent', async () => {
  const { gateway, upstream } = await start();
  for (const [name, body] of Object.entries(MALFORMED_BODIES)) {
    const answer = await gateway.call('PUT', { body });
    const problem = await answer.json();
    expect(problem, name).toMatchObject({ status: 400, code: 'body-malformed' });
    expect(problem, name).not.toHaveProperty('errors');
  }
  expect(upstream.connectionCount()).toBe(0);
});

test('a body that is no slim configuration is refused with a pointer to the fault', async () => {
  const { gateway, upstream } = await start();
  for (const [name, [body, pointer]] of Object.entries(INVALID_BODIES)) {
    const answer = await gateway.call('PUT', { body });
    const text = await answer.text();
    const { errors, ...problem } = JSON.parse(text);
    expect(problem, name).toMatchObject({ status: 422, code: 'body-invalid' });
    expect(errors.length, name).toBeLessThanOrEqual(16);
    expect(
      errors.map((error: { pointer: string }) => error.pointer),
      name,
    ).toContain(pointer);
    expect(text.length, name).toBeLessThan(4096);
  }
  expect(upstream.connectionCount()).toBe(0);
  expect(({} as { isDryRun?: boolean }).isDryRun).toBeUndefined();
});

test('what a refused body says is in no record and no log; its digest is', async () => {
  const { gateway } = await start();
  await gateway.call('PUT', { body: '{"modes":["canary-value"],"canary-name":1}' });
  await gateway.call('PUT', { body: '{"modes":["canary' });
  await gateway.close();
  const closings = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(closings).toHaveLength(2);
  for (const closing of closings) {
    expect(closing).toMatchObject({ outcome: 'refused' });
    expect(closing.bodySha256).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(JSON.stringify(closings) + gateway.logged()).not.toContain('canary-');
});

const REFUSED_TYPES: Readonly<Record<string, readonly string[]>> = {
  'no type': [],
  'an empty type': ['Content-Type:'],
  text: ['Content-Type: text/plain'],
  'a form': ['Content-Type: application/x-www-form-urlencoded'],
  XML: ['Content-Type: application/xml'],
  'text/json': ['Content-Type: text/json'],
  'a type that begins so': ['Content-Type: application/jsonx'],
  'a type with a suffix': ['Content-Type: application/problem+json'],
  'a merge patch': ['Content-Type: application/merge-patch+json'],
  'JSON lines': ['Content-Type: application/json-seq'],
  'any type': ['Content-Type: */*'],
  'two types in one line': ['Content-Type: application/json, text/plain'],
  'another charset': ['Content-Type: application/json; charset=utf-16'],
  'a charset of old': ['Content-Type: application/json; charset=iso-8859-1'],
  'UTF-7': ['Content-Type: application/json; charset=utf-7'],
  'two charsets': ['Content-Type: application/json; charset=utf-8; charset=utf-16'],
  'half a quote': ['Content-Type: application/json; charset="utf-8'],
  'an empty charset': ['Content-Type: application/json; charset='],
  'another parameter': ['Content-Type: application/json; version=1'],
  'a parameter without an end': ['Content-Type: application/json;'],
  'a type in quotes': ['Content-Type: "application/json"'],
};

const sendTyped = (port: number, token: string, types: readonly string[]) =>
  sendRaw(
    port,
    requestText(
      [
        `PUT /v1/regions/${REGION}/buckets/${BUCKET}/image-slim HTTP/1.1`,
        'Host: a',
        `Authorization: Bearer ${token}`,
        `Content-Length: ${BODY.length}`,
        ...types,
      ],
      BODY,
    ),
  );

test('a body of another type or charset is refused unread', async () => {
  const { gateway, upstream } = await start();
  for (const [name, types] of Object.entries(REFUSED_TYPES)) {
    const answer = await sendTyped(gateway.served.gateway.port, gateway.token('photos'), types);
    expect([answer.status, answer.json?.code], name).toEqual([415, 'unsupported-media-type']);
  }
  expect(upstream.connectionCount()).toBe(0);
});

test('a repeated Content-Type is refused, whichever of them is good', async () => {
  const { gateway, upstream } = await start();
  const good = 'Content-Type: application/json';
  for (const types of [
    [good, 'Content-Type: text/plain'],
    ['Content-Type: text/plain', good],
    [good, 'content-type: application/json'],
  ]) {
    const answer = await sendTyped(gateway.served.gateway.port, gateway.token('photos'), types);
    expect([answer.status, answer.json?.code]).toEqual([400, 'header-repeated']);
  }
  expect(upstream.connectionCount()).toBe(0);
});

test.each([
  'application/json',
  'APPLICATION/JSON',
  ' application/json ',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json ; charset="utf-8"',
])('a body of type `%s` is taken', async (type) => {
  const { gateway } = await start();
  const types = [`Content-Type: ${type}`];
  const answer = await sendTyped(gateway.served.gateway.port, gateway.token('photos'), types);
  expect(answer.status).toBe(200);
});

test('a body is not read before its sender is known', async () => {
  const { gateway } = await start();
  for (const body of ['{', '{"modes":["nonsense"]}', ' '.repeat(9000)]) {
    const answer = await gateway.call('PUT', { body, token: 'none' });
    expect(answer.status).toBe(401);
  }
  await gateway.close();
  const closings = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(
    closings.map(({ bodySha256, tenant }) => [bodySha256, (tenant as { name: null }).name]),
  ).toEqual([
    [null, null],
    [null, null],
    [null, null],
  ]);
});
