import { expect, test } from 'vitest';
import { createSourceAddresses, sourceKey } from '../../src/admission/source-address.ts';

const PROXIES = ['10.0.0.0/8', '2001:db8:f::/48', '192.0.2.7'];
const { addressOf, isTrusted } = createSourceAddresses(PROXIES);

const PEERS: readonly (readonly [
  what: string,
  peer: string | null,
  field: string | undefined,
  source: string | null,
])[] = [
  ['a stranger', '198.51.100.9', undefined, '198.51.100.9'],
  ['a stranger who names another', '198.51.100.9', '10.1.1.1', '198.51.100.9'],
  ['a stranger who writes nonsense', '198.51.100.9', 'unknown', '198.51.100.9'],
  ['a neighbour of a proxy', '192.0.2.8', '10.1.1.1', '192.0.2.8'],
  ['a proxy that names nobody', '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy that names one', '10.0.0.1', '203.0.113.5', '203.0.113.5'],
  ['a proxy behind which one forges', '10.0.0.1', '10.9.9.9, 203.0.113.5', '203.0.113.5'],
  ['nonsense before the last one', '10.0.0.1', 'unknown, <x>, 203.0.113.5', '203.0.113.5'],
  ['two proxies', '10.0.0.1', '203.0.113.5, 10.0.0.2', '203.0.113.5'],
  ['proxies of both families', '10.0.0.1', '203.0.113.5,2001:db8:f::2,192.0.2.7', '203.0.113.5'],
  ['proxies all the way', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['IPv4 in IPv6 form', '10.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
  ['IPv4 in IPv6 form, in hex', '10.0.0.1', '::FFFF:CB00:7105', '203.0.113.5'],
  ['a proxy in IPv6 form', '10.0.0.1', '203.0.113.5, ::ffff:10.0.0.2', '203.0.113.5'],
  ['IPv6 in a long spelling', '10.0.0.1', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['a proxy of IPv6', '2001:db8:f::1', '203.0.113.5', '203.0.113.5'],
  ['a peer that is gone', null, '203.0.113.5', null],
];

test.each(PEERS)('T39: the source is told of %s', (_, peer, field, source) => {
  expect(addressOf(peer, field)).toBe(source);
});

test.each([
  '',
  ' ',
  'unknown',
  '_hidden',
  '203.0.113.5:4711',
  '[2001:db8::1]',
  '[2001:db8::1]:80',
  '203.0.113',
  '203.0.113.005',
  '0xcb.0.113.5',
  '3405803781',
  '203.0.113.5/32',
  '203.0.113.5,',
  '203.0.113.5, , 10.0.0.2',
  'for=203.0.113.5',
  'localhost',
])('T39: what a proxy says and cannot be read is refused: `%s`', (field) => {
  expect(() => addressOf('10.0.0.1', field)).toThrow(/^forwarded-for-invalid/);
});

test('of a list that is too long only the end is walked', () => {
  const trusted = Array<string>(5_000).fill('10.0.0.2').join();
  expect(addressOf('10.0.0.1', `203.0.113.5,${trusted}`)).toBe('10.0.0.2');
});

test('without trusted proxies nobody is one', () => {
  const none = createSourceAddresses([]);
  expect(none.isTrusted('10.0.0.1')).toBe(false);
  expect(none.addressOf('10.0.0.1', '203.0.113.5')).toBe('10.0.0.1');
  expect(isTrusted('10.0.0.1')).toBe(true);
});

test('addresses of one IPv6 /64 are counted together, others apart', () => {
  expect(sourceKey('2001:db8::1')).toBe(sourceKey('2001:db8::ffff:1:2:3'));
  expect(sourceKey('2001:db8::1')).not.toBe(sourceKey('2001:db8:0:1::1'));
  expect(sourceKey('203.0.113.5')).not.toBe(sourceKey('203.0.113.6'));
  expect(sourceKey('fe80::1%eth0')).toBe(sourceKey('fe80::2'));
  expect(sourceKey(null)).toBe('unknown');
});
