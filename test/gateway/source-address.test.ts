import { expect, test } from 'vitest';
import { startGateway, TABLE } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

/** Everything, but from one network only. */
const INSIDE = `${TABLE.replace("resource: '*'", "resource: '*'\n    condition: { ip_equal: { qcs:ip: 10.20.0.0/16 } }")}`;

async function start(listen: string) {
  const upstream = await startRawUpstream(replyNormally);
  const gateway = await startGateway({ connect: upstream, table: INSIDE, listen });
  const from = async (forwardedFor: string) => {
    const headers = { 'x-forwarded-for': forwardedFor };
    const answer = await gateway.call('GET', { tenant: 'intern', headers });
    const { code } = (await answer.json()) as { code?: string };
    return `${answer.status} ${code ?? 'ok'}`;
  };
  return { gateway, upstream, from };
}

test.each(['', 'trustedProxies: [192.0.2.0/24]'])(
  'T39: a peer that is no trusted proxy cannot forge `qcs:ip`: %s',
  async (listen) => {
    const { gateway, from, upstream } = await start(listen);
    expect(await from('10.20.0.1')).toBe('403 policy-denied');
    expect(await from('nonsense')).toBe('403 policy-denied');
    expect(upstream.requests).toHaveLength(0);
    await gateway.close();
    expect(gateway.records().filter(({ kind }) => kind === 'closing')).toMatchObject([
      { peerAddress: '127.0.0.1', sourceAddress: '127.0.0.1' },
      { peerAddress: '127.0.0.1', sourceAddress: '127.0.0.1' },
    ]);
  },
);

test('T39: behind a trusted proxy `qcs:ip` is the last address that is none, and both are recorded', async () => {
  const { gateway, from } = await start('trustedProxies: [127.0.0.1, 10.99.0.0/16]');
  expect(await from('10.20.0.1')).toBe('200 ok');
  expect(await from('::ffff:10.20.0.2')).toBe('200 ok');
  expect(await from('203.0.113.9, 10.20.0.3, 10.99.0.1')).toBe('200 ok');
  expect(await from('10.20.0.4, 203.0.113.9')).toBe('403 policy-denied');
  expect(await from('10.20.0.5, unknown')).toBe('400 forwarded-for-invalid');
  await gateway.close();
  const closings = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(closings.map(({ sourceAddress }) => sourceAddress)).toEqual([
    '10.20.0.1',
    '10.20.0.2',
    '10.20.0.3',
    '203.0.113.9',
    null,
  ]);
  expect(new Set(closings.map(({ peerAddress }) => peerAddress))).toEqual(new Set(['127.0.0.1']));
});
