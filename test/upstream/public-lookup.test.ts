import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createPublicLookup, isPublicAddress } from '../../src/upstream/public-lookup.ts';

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '43.128.0.1',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '223.255.255.255',
  '2400:da00::1',
  '2606:4700::1111',
])('is public: %s', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.0.23',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:1.1.1.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '100::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
])('is not public: %s', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

/** A resolver that knows one answer. */
const resolving =
  (...addresses: readonly string[]): LookupFunction =>
  (_, options, give) => {
    expect(options.all).toBe(true);
    give(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

function ask(lookup: LookupFunction, all: boolean) {
  return new Promise<unknown>((resolve, reject) => {
    createPublicLookup(lookup)('bucket.test', { all }, (error, found, family) => {
      if (error) reject(error);
      else resolve(all ? found : [found, family]);
    });
  });
}

test('public addresses are handed on as they came', async () => {
  const lookup = resolving('1.1.1.1', '2606:4700::1111');
  const all: LookupAddress[] = [
    { address: '1.1.1.1', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  expect(await ask(lookup, true)).toEqual(all);
  expect(await ask(lookup, false)).toEqual(['1.1.1.1', 4]);
});

test.each([true, false])(
  'one private address among public ones is enough to refuse',
  async (all) => {
    await expect(ask(resolving('1.1.1.1', '10.0.0.1'), all)).rejects.toMatchObject({
      code: 'ERR_PRIVATE_ADDRESS',
      message: '`bucket.test` resolves to 10.0.0.1, which is not public',
    });
  },
);
