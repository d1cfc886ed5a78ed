import { expect, test } from 'vitest';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { API as API_SETTING } from '../support/slim-settings.ts';

const ALWAYS = { state: '{ readBefore: always }' };
const API = { modes: ['API'] };
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

const etagOfBucket = async (gateway: RunningGateway) =>
  (await gateway.call('GET')).headers.get('etag') ?? '';

test('with If-Match a change is made in the state that it names, and in no other', async () => {
  const gateway = await startGateway(ALWAYS);
  const off = await etagOfBucket(gateway);
  const set = await gateway.call('PUT', { body: AUTO, headers: { 'if-match': off } });
  expect(set.status).toBe(200);
  const on = set.headers.get('etag') ?? '';
  expect(on).toBe(await etagOfBucket(gateway));

  for (const ifMatch of [off, `W/${on}`, '"other"']) {
    for (const [method, body] of [['PUT', API], ['DELETE']] as const) {
      const headers = { 'if-match': ifMatch };
      const refused = await gateway.call(method, { headers, ...(body && { body }) });
      expect([refused.status, await refused.json()]).toMatchObject([
        412,
        { code: 'precondition-failed' },
      ]);
      expect(refused.headers.get('etag')).toBeNull();
    }
  }
  const listed = await gateway.call('DELETE', { headers: { 'if-match': `${off}, ${on}` } });
  expect(listed.status).toBe(204);
  await gateway.close();
  const changes = gateway.simulator.received().filter(({ method }) => method !== 'GET');
  expect(changes.map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
  const refused = gateway.records().filter(({ code }) => code === 'precondition-failed');
  expect(refused).toHaveLength(6);
  expect(refused[0]).toMatchObject({ kind: 'closing', outcome: 'refused', status: 412 });
  expect(refused[0]).toMatchObject({ attempts: 0, stateBefore: { status: 'on' } });
});

test('a change that came from behind the gateway is not overwritten', async () => {
  const gateway = await startGateway(ALWAYS);
  const seen = await etagOfBucket(gateway);
  await gateway.simulator.setState(BUCKET, REGION, API_SETTING);
  const answer = await gateway.call('PUT', { body: AUTO, headers: { 'if-match': seen } });
  expect(answer.status).toBe(412);
  expect(gateway.simulator.stateOf(BUCKET, REGION)).toMatchObject({ status: 'on' });
});

test('several If-Match fields are one list, and a malformed one is refused before anything is asked', async () => {
  const gateway = await startGateway(ALWAYS);
  const etag = await etagOfBucket(gateway);
  const headers = new Headers([
    ['if-match', '"a"'],
    ['if-match', etag],
  ]);
  const listed = await gateway.call('PUT', { body: AUTO, headers: Object.fromEntries(headers) });
  expect(listed.status).toBe(200);
  const asked = gateway.simulator.received().length;
  const refused = await gateway.call('PUT', { body: API, headers: { 'if-match': 'a' } });
  expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'header-invalid' }]);
  expect(gateway.simulator.received()).toHaveLength(asked);
});

test('of racing writers that saw one state exactly one succeeds, in every generation', async () => {
  const writers = 20;
  const gateway = await startGateway({
    ...ALWAYS,
    limits: `changesWaitingPerBucket: ${writers}\nrequestsPerSecondPerTenant: 100000\nturnWaitMs: 30000`,
  });
  const bodies = SLIM_CONFIGURATIONS.map(({ modes, suffixes }) =>
    suffixes.length > 0 ? { modes, suffixes } : { modes },
  );
  for (let generation = 0; generation < 5; generation += 1) {
    const before = JSON.stringify((await (await gateway.call('GET')).json()) as object);
    const etag = await etagOfBucket(gateway);
    // What changes nothing may succeed any number of times.
    const others = bodies.filter(
      (body) => before !== JSON.stringify({ status: 'on', suffixes: [], ...body }),
    );
    const answers = await Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        gateway.call('PUT', {
          body: others[(writer * 7 + generation) % others.length],
          headers: { 'if-match': etag },
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(writers - 1).fill(412)]);
    const won = answers.find(({ status }) => status === 200);
    expect(await etagOfBucket(gateway)).toBe(won?.headers.get('etag'));
  }
  const puts = gateway.simulator.received().filter(({ method }) => method === 'PUT');
  expect(puts).toHaveLength(5);
});

test('who has the state already is answered 304 without a body', async () => {
  const gateway = await startGateway();
  const etag = await etagOfBucket(gateway);
  for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
    const answer = await gateway.call('GET', { headers: { 'if-none-match': known } });
    expect([answer.status, await answer.text()]).toEqual([304, '']);
    expect(answer.headers.get('etag')).toBe(etag);
  }
  for (const stale of ['"a"', etag.slice(1, -1)]) {
    const answer = await gateway.call('GET', { headers: { 'if-none-match': stale } });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'off' }]);
  }
});
