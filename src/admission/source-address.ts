import { GatewayError } from '../errors.ts';
import {
  canonicalAddress,
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from '../ip-address.ts';

/** Proxies that a request may come through, at most: a longer list is not walked. */
const MAX_HOPS = 32;
/** Whoever has one address of IPv6 has its /64, and picks from it as he likes. */
const IPV6_GROUP_WORDS = 4;

/** Tells whom a request comes from. */
export interface SourceAddresses {
  /** Whether this peer is one of the proxies whose word is taken. */
  isTrusted(peer: string | null): boolean;
  /**
   * The peer's address, or when the peer is a trusted proxy the last address in `X-Forwarded-For`
   * that is not one.
   * @throws GatewayError `forwarded-for-invalid` when what a trusted proxy says cannot be read
   */
  addressOf(peer: string | null, forwardedFor: string | undefined): string | null;
}

/** @param trusted addresses and blocks in CIDR form, which are valid */
export function createSourceAddresses(trusted: readonly string[]): SourceAddresses {
  const networks = trusted
    .map(parseNetwork)
    .filter((one): one is Network => typeof one === 'object');
  const isTrusted = (address: string | null): boolean => {
    const words = address === null || networks.length === 0 ? null : parseAddress(address);
    return words !== null && networks.some((network) => isInNetwork(words, network));
  };
  return {
    isTrusted,
    addressOf: (peer, forwardedFor) =>
      forwardedFor === undefined || !isTrusted(peer) ? peer : lastStranger(forwardedFor, isTrusted),
  };
}

function lastStranger(forwardedFor: string, isTrusted: (address: string) => boolean): string {
  let source = '';
  for (const hop of forwardedFor.split(',').slice(-MAX_HOPS).reverse()) {
    source = readHop(hop.trim());
    // What stands before it was said by somebody who is not trusted, and is not looked at.
    if (!isTrusted(source)) break;
  }
  // Proxies all the way: then the first of them asks on its own account.
  return source;
}

function readHop(hop: string): string {
  const address = canonicalAddress(hop);
  if (address !== null) return address;
  const detail = 'a trusted proxy must name each hop by its IP address, without a port';
  throw new GatewayError('forwarded-for-invalid', detail);
}

/** The name under which an address is counted: one of IPv6 is counted with its /64. */
export function sourceKey(address: string | null): string {
  if (address === null) return 'unknown';
  if (!address.includes(':')) return address;
  const words = parseAddress(address);
  const network = words?.subarray(0, IPV6_GROUP_WORDS) ?? [];
  return `${Array.from(network, (word) => word.toString(16)).join(':')}::/64`;
}
