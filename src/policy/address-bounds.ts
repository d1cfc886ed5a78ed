import { type Address, parseNetwork } from '../ip-address.ts';

/** Addresses that are in no block, one of each family. Source: RFC 5737 and RFC 3849. */
const ELSEWHERE = ['192.0.2.1', '2001:db8:ffff::1'];

/**
 * Addresses so that every set of blocks which contains some address together contains one of them:
 * blocks nest or are apart, so the ends of each and their neighbours outside are enough.
 */
export function addressesAround(blocks: readonly string[]): string[] {
  const found = new Set(ELSEWHERE);
  for (const block of blocks) {
    const network = parseNetwork(block);
    if (typeof network === 'string') continue;
    const { words, mask } = network;
    const last = words.map((word, i) => word | (~(mask[i] ?? 0) & WORD));
    for (const [address, step] of [
      [words, 0],
      [words, -1],
      [last, 0],
      [last, 1],
    ] as const) {
      const next = beside(address, step);
      if (next !== null) found.add(addressText(next));
    }
  }
  return [...found];
}

const WORD = 0xffff;

/** The address so many places further; null beyond either end of its family. */
function beside(address: Address, step: number): Address | null {
  const next = Uint16Array.from(address);
  let carry = step;
  for (let i = next.length - 1; i >= 0 && carry !== 0; i--) {
    const sum = (next[i] ?? 0) + carry;
    next[i] = sum;
    carry = sum < 0 ? -1 : Math.floor(sum / (WORD + 1));
  }
  return carry === 0 ? next : null;
}

function addressText(address: Address): string {
  if (address.length > 2) return Array.from(address, (word) => word.toString(16)).join(':');
  return Array.from(address, (word) => `${word >> 8}.${word & 0xff}`).join('.');
}
