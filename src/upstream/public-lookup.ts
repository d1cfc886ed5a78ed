import type { LookupAddress } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

/**
 * Special ranges of IPv4. Source: IANA IPv4 Special-Purpose Address Registry; the last two are
 * multicast and what is reserved above it.
 */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * Of IPv6 only global unicast is public: loopback, unique local, link-local, multicast and mapped
 * addresses lie outside of it. Within it these are special; 6to4 and Teredo carry an IPv4 address.
 * Source: IANA IPv6 Special-Purpose Address Registry.
 */
const GLOBAL_IPV6 = ['2000::/3'];
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const SPECIAL = blockList([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const GLOBAL = blockList(GLOBAL_IPV6);

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    // Node's isIPv6 would make its expression for this alone, at each start: some 6 ms.
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether an address, as a resolver gives it, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (!isIPv6(address)) return !SPECIAL.check(address, 'ipv4');
  return GLOBAL.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6');
}

/** The upstream's name leads somewhere inside; nothing was connected to. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'ERR_PRIVATE_ADDRESS';

  constructor(host: string, address: string) {
    super(`\`${host}\` resolves to ${address}, which is not public`);
  }
}

/**
 * A lookup that refuses a name when any of its addresses is not public. It stands where the
 * connection is made, so that the address that was looked at is the address that is connected to.
 */
export function createPublicLookup(lookup: LookupFunction): LookupFunction {
  return function publicLookup(host, options, give) {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return give(error, []);
      const addresses = addressesOf(found);
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      if (refused !== undefined) return give(new PrivateAddressError(host, refused.address), []);
      if (options.all) return give(null, addresses);
      const [first = NO_ADDRESS] = addresses;
      return give(null, first.address, first.family);
    });
  };
}

const NO_ADDRESS: LookupAddress = { address: '', family: 0 };

/** A lookup may give one address though it was asked for all. */
function addressesOf(found: string | LookupAddress[]): LookupAddress[] {
  return Array.isArray(found) ? found : [{ address: found, family: isIPv6(found) ? 6 : 4 }];
}
