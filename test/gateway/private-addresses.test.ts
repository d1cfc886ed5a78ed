import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

/** A resolver that knows no name at first, and then one address: as rebinding does it. */
function flippingTo(address: string) {
  const asked: string[] = [];
  const lookup: LookupFunction = (host, _, give) => {
    asked.push(host);
    if (asked.length === 1) give(Object.assign(new Error('no name'), { code: 'ENOTFOUND' }), []);
    else give(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return { asked, lookup };
}

test.each(['127.0.0.1', '10.0.0.8', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1'])(
  'an upstream whose name leads to %s is not connected to',
  async (address) => {
    const { asked, lookup } = flippingTo(address);
    const gateway = await startGateway({ lookup });
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const answer = await gateway.call(
        method,
        method === 'PUT' ? { body: { modes: ['API'] } } : {},
      );
      const problem = (await answer.json()) as { detail: string };
      expect(problem).toMatchObject({ status: 502, code: 'upstream-unreachable' });
      expect(problem.detail).toMatch(/nothing was sent/);
      expect(problem.detail).not.toContain(address);
    }
    expect(new Set(asked)).toEqual(
      new Set(['examplebucket-1250000000.pic.ap-shanghai.myqcloud.com']),
    );
    expect(gateway.logged()).toContain('"cause":"ERR_PRIVATE_ADDRESS"');
    await gateway.close();
    const outcomes = gateway.records().filter(({ kind }) => kind === 'closing');
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(3).fill('not_applied'));
  },
);

test('a private address is connected to where the configuration allows it', async () => {
  const { lookup } = flippingTo('127.0.0.1');
  const gateway = await startGateway({ lookup, upstream: 'allowPrivateAddresses: true' });
  await gateway.call('GET');
  await gateway.call('GET');
  expect(gateway.logged()).not.toContain('ERR_PRIVATE_ADDRESS');
  // Nobody listens there: that a connection is tried is all there is to see.
  expect(gateway.logged()).toContain('"cause":"ECONNREFUSED"');
});
