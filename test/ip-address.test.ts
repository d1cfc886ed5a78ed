import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInNetwork, parseAddress, parseNetwork } from '../src/ip-address.ts';

const v4 = fc.ipV4();
const v6 = fc.ipV6();
const block = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
  fc.tuple(v6, fc.integer({ min: 96, max: 128 })),
  fc.tuple(v6, fc.integer({ min: 0, max: 128 })),
);

function isIn(address: string, network: string): boolean {
  const [given, wanted] = [parseAddress(address), parseNetwork(network)];
  if (given === null || typeof wanted === 'string') throw new Error(`${address} in ${network}`);
  return isInNetwork(given, wanted);
}

/** The same, told by Node. */
function isListed(address: string, [base, mask]: readonly [string, number]): boolean {
  const family = (text: string) => (isIPv4(text) ? 'ipv4' : 'ipv6');
  const list = new BlockList();
  list.addSubnet(base, mask, family(base));
  return list.check(address, family(address));
}

/** An address close to another one, so that both outcomes are met. */
const near = block.chain(([base, mask]) =>
  fc.tuple(
    fc.constant([base, mask] as const),
    fc.oneof(
      fc.constant(base),
      isIPv4(base) ? v4 : v6,
      fc.constant(base.replace(/[0-9a-f]$/i, '1')),
    ),
  ),
);

test('an address is in a block when Node says so', () => {
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(near, ([[base, mask], address]) => {
      // Of IPv4 in IPv6 form the two think differently; the table of cases has that.
      fc.pre(![base, address].some((text) => /^(?:0*:)*ffff:/i.test(text)));
      const isInside = isIn(address, `${base}/${mask}`);
      expect(isInside).toBe(isListed(address, [base, mask]));
      seen.add(isInside);
    }),
    { numRuns: 3_000 },
  );
  expect(seen.size).toBe(2);
});

test('every spelling of an address is that address', () => {
  for (const text of ['2001:db8::a:0:0:1', '2001:DB8:0:0:a::1', '2001:db8:0:0:a:0:0:1']) {
    expect(isIn(text, '2001:0db8:0000:0000:000a:0000:0000:0001')).toBe(true);
  }
});

test('what is no address is none', () => {
  for (const text of ['', 'localhost', '10.0.0', '10.0.0.0/8', '[::1]', '::1::', '1.2.3.4:80']) {
    expect(parseAddress(text)).toBeNull();
  }
});
