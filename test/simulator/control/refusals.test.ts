import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { control, NEW_BUCKET_PATH } from '../../support/control.ts';
import { startLocalCloud } from '../../support/local-cloud.ts';

interface Refusal {
  readonly name: string;
  readonly call: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly change: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { name: 'no such call', call: 'GET /_control/x', status: 404, change: /POST \/_control\/reset/ },
  { name: 'another method', call: 'GET /_control/reset', status: 405, change: /^POST [^,]*reset$/ },
  {
    name: 'a body that is no JSON',
    call: 'PUT /_control/misbehaviour',
    body: '{',
    status: 400,
    change: /not well-formed/,
  },
  {
    name: 'a kind that is none',
    call: 'PUT /_control/misbehaviour',
    body: [{ kind: 'drip' }, { kind: 'mischief' }],
    status: 422,
    change: /^1\.kind: must be one of delay/,
  },
  { name: 'no body where one is', call: 'PUT /_control/misbehaviour', status: 422, change: /0: / },
  {
    name: 'no region',
    call: 'PUT /_control/buckets/fresh-1250000000',
    status: 422,
    change: /^region: must be a region/,
  },
  {
    name: 'a name without an APPID',
    call: 'PUT /_control/buckets/fresh?region=ap-beijing',
    status: 422,
    change: /^name: must be `<BucketName-APPID>`/,
  },
  {
    name: 'an account that is not here',
    call: 'PUT /_control/buckets/fresh-1259999999?region=ap-beijing',
    status: 422,
    change: /APPID of an account: 1250000000, 1250000001/,
  },
  {
    name: 'a setting that is none',
    call: `PUT ${NEW_BUCKET_PATH}`,
    body: { slim: { status: 'on', mode: 'Auto' } },
    status: 422,
    change: /^slim\.suffixes: /,
  },
  {
    name: 'an unknown member',
    call: `PUT ${NEW_BUCKET_PATH}`,
    body: { b: 1 },
    status: 422,
    change: /"b"/,
  },
  {
    name: 'a bucket that is not there',
    call: `DELETE ${NEW_BUCKET_PATH}`,
    status: 404,
    change: /lists/,
  },
  {
    name: 'a place that is none',
    call: 'GET /_control/witness?since=x',
    status: 422,
    change: /0$/,
  },
  {
    name: 'a body that is too long',
    call: 'PUT /_control/misbehaviour',
    body: ' '.repeat(70_000),
    status: 400,
    change: /64 KiB/,
  },
  {
    name: 'a page in a browser',
    call: 'POST /_control/reset',
    headers: { Origin: 'http://localhost' },
    status: 403,
    change: /neither Origin/,
  },
];

test.for(REFUSALS)('refused with what to change: $name', async (refusal) => {
  const { call, body, headers = {}, status, change } = refusal;
  const simulator = await startLocalCloud({ control: true });
  const before = (await control(simulator, 'GET /_control/buckets')).json;
  const answer = await control(simulator, call, { body, headers });
  expect([answer.status, Object.keys(answer.json ?? {})]).toEqual([status, ['problem', 'change']]);
  expect(String((answer.json as { change: string[] }).change)).toMatch(change);
  expect((await control(simulator, 'GET /_control/buckets')).json).toEqual(before);
});

const OUTSIDE = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test.skipIf(OUTSIDE === undefined)(
  'another machine is refused, whatever host it names',
  async () => {
    const simulator = await startLocalCloud({ control: true, host: '0.0.0.0' });
    const url = `http://${OUTSIDE}:${simulator.port}`;
    const headers = { Host: 'control.localhost' };
    const answer = await control({ url }, 'GET /_control/buckets', { headers });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('for this machine alone');
  },
);
