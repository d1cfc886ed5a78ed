import { expect, test } from 'vitest';
import { BUCKET, REGION, type RunningGateway, startGateway, TABLE } from '../support/gateway.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const ENABLE = { operation: 'enable', region: REGION, bucket: BUCKET, ...AUTO };

function ask(gateway: RunningGateway, tenant: string, body: unknown, path = '/v1/decisions') {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.token(tenant)}`,
      'content-type': 'application/json',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('a tenant asks what it would be allowed, and nothing is sent', async () => {
  const gateway = await startGateway();
  const answer = await ask(gateway, 'photos', ENABLE);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    action: 'ci:SetImageSlim',
    resource: `qcs::ci:${REGION}:uid/1250000000:bucket/${BUCKET}/`,
    effect: 'allow',
    reason: 'allowed',
    statements: ['photos-everything'],
    tableVersion: gateway.services.policyTable.current().version,
    open: [],
    nearestMiss: null,
  });
  expect(gateway.simulator.received()).toEqual([]);
});

test('a question is recorded as a read, with what was asked and decided', async () => {
  const gateway = await startGateway();
  const answer = await ask(gateway, 'reports', ENABLE);
  await gateway.close();
  const records = gateway.records().filter(({ kind }) => kind === 'intent' || kind === 'closing');
  expect(records).toMatchObject([
    {
      kind: 'closing',
      requestId: answer.headers.get('x-request-id'),
      method: 'POST',
      path: '/v1/decisions',
      tenant: { name: 'reports' },
      operation: { name: 'enable', bucket: BUCKET, isDryRun: true, ...AUTO },
      decision: { effect: 'deny', reason: 'default-deny', statements: [] },
      outcome: 'not_applied',
      status: 200,
    },
  ]);
});

/** Every kind of question, by everybody: what is answered is what the call would have met. */
const QUESTIONS = ['photos', 'reports', 'intern', 'ghost'].flatMap((tenant) =>
  ['archive-1250000000', 'partner-1250000001'].flatMap((bucket) =>
    [
      { operation: 'enable', method: 'PUT', ...AUTO },
      { operation: 'disable', method: 'DELETE' },
      { operation: 'describe', method: 'GET' },
    ].map(({ method, ...call }) => ({
      tenant,
      method,
      question: { ...call, region: REGION, bucket },
    })),
  ),
);

test('the answer is the decision that the call itself would meet', async () => {
  const gateway = await startGateway();
  const effects = new Set<string>();
  for (const { tenant, method, question } of QUESTIONS) {
    const { bucket, operation } = question;
    const decision = (await (await ask(gateway, tenant, question)).json()) as Record<
      string,
      unknown
    >;
    const real = await gateway.call(method, {
      tenant,
      bucket,
      ...(method === 'PUT' && { body: AUTO }),
    });
    expect([tenant, operation, bucket, decision.effect]).toEqual([
      tenant,
      operation,
      bucket,
      real.status === 403 ? 'deny' : 'allow',
    ]);
    if (real.status === 403) {
      const { reason, statements, nearestMiss } = decision;
      expect(((await real.json()) as Record<string, unknown>).decision).toEqual({
        reason,
        statements,
        ...(nearestMiss !== null && { nearestMiss }),
      });
    }
    effects.add(String(decision.effect));
  }
  expect(effects.size).toBe(2);
});

test('an answer holds nothing of other tenants, and nothing of what a bucket is', async () => {
  const gateway = await startGateway();
  const own: Readonly<Record<string, string[]>> = {
    photos: ['photos-everything', 'no-archive'],
    reports: ['reports-read', 'no-archive'],
    intern: ['intern-everything'],
    ghost: [],
  };
  const ids = [...TABLE.matchAll(/- id: (\S+)/g)].map(([, id]) => String(id));
  for (const { tenant, question } of QUESTIONS) {
    const text = await (await ask(gateway, tenant, question)).text();
    const foreign = ids.filter((id) => text.includes(id) && !own[tenant]?.includes(id));
    expect([tenant, question.bucket, foreign]).toEqual([tenant, question.bucket, []]);
  }
  const [there, absent] = await Promise.all(
    [BUCKET, 'absent-1250000000'].map(async (bucket) => {
      const text = await (await ask(gateway, 'reports', { ...ENABLE, bucket })).text();
      return text.replaceAll(bucket, '(bucket)');
    }),
  );
  expect(there).toBe(absent);
});

const PICKY = `
version: 1
tenants:
  photos: { subAccount: media }
  reports: { subAccount: media }
statements:
  - id: png-only
    principal: tenant/photos
    effect: allow
    action: ci:SetImageSlim
    resource: qcs::ci:ap-shanghai::bucket/*
    note: a secret note
    author: ines
    condition:
      for_all_value:string_equal: { slimgate:suffix: png }
  - id: never-gif
    principal: sub-account/media
    effect: deny
    action: ci:SetImageSlim
    resource: '*'
    condition:
      for_any_value:string_equal: { slimgate:suffix: gif }
`;

test('a denial says which of the caller’s statements came closest, and what of it did not fit', async () => {
  const gateway = await startGateway({ table: PICKY });
  const denied = await gateway.call('PUT', { body: AUTO });
  const nearestMiss = {
    statement: 'png-only',
    misses: [
      {
        element: 'condition',
        operator: 'for_all_value:string_equal',
        key: 'slimgate:suffix',
        wanted: ['png'],
        outcome: 'fails',
      },
    ],
    detail:
      'closest is `png-only`: its condition `for_all_value:string_equal` on `slimgate:suffix` wants `png`, and the request has `["jpg"]`',
  };
  expect(await denied.json()).toMatchObject({
    code: 'policy-denied',
    decision: { reason: 'default-deny', statements: [], nearestMiss },
  });
  const text = await (await ask(gateway, 'photos', ENABLE)).text();
  expect(JSON.parse(text).nearestMiss).toEqual(nearestMiss);
  expect(text).not.toMatch(/secret note|ines/);
  expect((await gateway.call('PUT', { body: { modes: ['Auto'], suffixes: ['png'] } })).status).toBe(
    200,
  );
});

test('what could not be told is told', async () => {
  const gateway = await startGateway({ table: PICKY });
  const answer = await ask(gateway, 'photos', {
    operation: 'disable',
    region: REGION,
    bucket: BUCKET,
  });
  expect(await answer.json()).toMatchObject({
    reason: 'undecidable-deny',
    statements: ['never-gif'],
    open: [
      {
        statement: 'never-gif',
        misses: [{ element: 'condition', key: 'slimgate:suffix', outcome: 'open' }],
      },
    ],
  });
});

const SAVINGS = { operation: 'savings', region: REGION, bucket: BUCKET, keys: ['a.jpg'] };
const READING = `${TABLE}
  - id: photos-public
    principal: tenant/photos
    effect: allow
    action: cos:GetObject
    resource: qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/public/*
  - id: no-drafts
    principal: tenant/photos
    effect: deny
    action: cos:GetObject
    resource: qcs::cos::uid/1250000000:examplebucket-1250000000/public/drafts/*
`;

test('a question for savings is answered for the bucket and for each object, as the call would be', async () => {
  const gateway = await startGateway({ table: READING });
  const answers = [
    { tenant: 'photos', keys: ['public/a.jpg', 'public/b &+名.jpg'] },
    { tenant: 'photos', keys: ['public/a.jpg', 'public/drafts/b.jpg', 'private/c.jpg'] },
    { tenant: 'photos', keys: ['private/c.jpg'] },
    { tenant: 'ghost', keys: ['public/a.jpg'] },
  ].map(async ({ tenant, keys }) => {
    const asked = await ask(gateway, tenant, { ...SAVINGS, keys });
    const query = `/savings?${keys.map((key) => `key=${encodeURIComponent(key)}`).join('&')}`;
    const real = await gateway.call('GET', { tenant, query });
    const told = (await asked.json()) as Record<string, unknown>;
    const { decision } = (await real.json()) as { decision?: unknown };
    const { reason, statements, nearestMiss } = told;
    const wanted = { reason, statements, ...(nearestMiss !== null && { nearestMiss }) };
    expect([asked.status, decision]).toEqual([200, real.status === 403 ? wanted : undefined]);
    return told;
  });
  const object = (key: string, effect: string, ...statements: string[]) => {
    return expect.objectContaining({ key, effect, statements });
  };
  const cos = (key: string) => `qcs::cos:${REGION}:uid/1250000000:${BUCKET}/${key}`;
  const [allowed, denied, unknown, ghost] = await Promise.all(answers);
  expect(allowed).toMatchObject({
    effect: 'allow',
    action: 'ci:DescribeImageSlim',
    objects: [
      object('public/a.jpg', 'allow', 'photos-public'),
      object('public/b &+名.jpg', 'allow', 'photos-public'),
    ],
  });
  expect(denied).toMatchObject({
    reason: 'explicit-deny',
    action: 'cos:GetObject',
    resource: cos('public/drafts/b.jpg'),
    objects: [
      object('public/a.jpg', 'allow', 'photos-public'),
      object('public/drafts/b.jpg', 'deny', 'no-drafts'),
      object('private/c.jpg', 'deny'),
    ],
  });
  expect(unknown).toMatchObject({
    reason: 'default-deny',
    resource: cos('private/c.jpg'),
    nearestMiss: { statement: 'photos-public', misses: [{ element: 'resource' }] },
  });
  expect(ghost).toMatchObject({ reason: 'unknown-tenant', action: 'ci:DescribeImageSlim' });
  await expect
    .poll(() => gateway.records().filter(({ path }) => path === '/v1/decisions'))
    .toContainEqual(
      expect.objectContaining({
        outcome: 'not_applied',
        operation: expect.objectContaining({
          name: 'savings',
          action: 'cos:GetObject',
          resource: cos('private/c.jpg'),
          isDryRun: true,
        }),
      }),
    );
});

/** Bad questions, by what is wrong with them. */
const BAD: Readonly<Record<string, readonly [unknown, number, string]>> = {
  'no operation': [{ region: REGION, bucket: BUCKET }, 422, 'body-invalid'],
  'an action in its place': [{ ...ENABLE, operation: 'ci:SetImageSlim' }, 422, 'body-invalid'],
  'another tenant': [{ ...ENABLE, tenant: 'reports' }, 422, 'body-invalid'],
  'no modes to enable': [
    { operation: 'enable', region: REGION, bucket: BUCKET },
    422,
    'body-invalid',
  ],
  'modes to disable': [{ ...ENABLE, operation: 'disable' }, 422, 'body-invalid'],
  'Auto without suffixes': [{ ...ENABLE, suffixes: undefined }, 422, 'body-invalid'],
  'suffixes without Auto': [{ ...ENABLE, modes: ['API'] }, 422, 'body-invalid'],
  'a member twice': ['{"operation":"disable","operation":"enable"}', 400, 'body-malformed'],
  'an unknown region': [{ ...ENABLE, region: 'nowhere' }, 400, 'bad-target'],
  'a bucket without its APPID': [{ ...ENABLE, bucket: 'examplebucket' }, 400, 'bad-target'],
  'savings without keys': [{ ...SAVINGS, keys: undefined }, 422, 'body-invalid'],
  'savings of nothing': [{ ...SAVINGS, keys: [] }, 422, 'body-invalid'],
  'keys to enable': [{ ...ENABLE, keys: ['a.jpg'] }, 422, 'body-invalid'],
  'modes to measure': [{ ...SAVINGS, modes: ['API'] }, 422, 'body-invalid'],
  'a key twice': [{ ...SAVINGS, keys: ['a.jpg', 'a.jpg'] }, 422, 'body-invalid'],
  'an empty key': [{ ...SAVINGS, keys: [''] }, 422, 'body-invalid'],
  'a way up': [{ ...SAVINGS, keys: ['public/../private/b.jpg'] }, 422, 'body-invalid'],
  'half a character': [{ ...SAVINGS, keys: ['\ud800'] }, 422, 'body-invalid'],
  'more keys than a call may name': [
    { ...SAVINGS, keys: Array.from({ length: 51 }, (_, index) => `${index}.jpg`) },
    422,
    'body-invalid',
  ],
  'a long body': [`{"operation":"${'x'.repeat(17_000)}"}`, 413, 'body-too-large'],
};

test('a bad question is refused, and says what to change', async () => {
  const gateway = await startGateway();
  for (const [name, [body, status, code]] of Object.entries(BAD)) {
    const answer = await ask(gateway, 'photos', body);
    const problem = (await answer.json()) as Record<string, unknown>;
    expect([name, answer.status, problem.code]).toEqual([name, status, code]);
  }
});

test('only POST is taken, without a query, and only of a tenant', async () => {
  const gateway = await startGateway();
  const get = await fetch(`${gateway.url}/v1/decisions`);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await ask(gateway, 'photos', ENABLE, '/v1/decisions?a=b')).status).toBe(400);
  const stranger = await fetch(`${gateway.url}/v1/decisions`, { method: 'POST', body: '{}' });
  expect(stranger.status).toBe(401);
});
