import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as 16-bit words: 2 of IPv4, 8 of IPv6. */
export type Address = Uint16Array;

/** A block of addresses; one address is a block of one. */
export interface Network {
  /** With the host bits cleared. */
  readonly words: Address;
  readonly mask: Address;
}

const BITS_PER_WORD = 16;
/** Source: RFC 4291, section 2.5.5.2: the 96 bits before an IPv4 address in IPv6 form. */
const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0xffff];
const MAPPED_BITS = MAPPED_PREFIX.length * BITS_PER_WORD;

/**
 * Parse the address of a peer. An IPv4 address in IPv6 form is that IPv4 address; the zone of a
 * link-local one is left out.
 * @returns null when it is none
 */
export function parseAddress(text: string): Address | null {
  const [plain = ''] = text.split('%');
  const words = wordsOf(plain);
  return words && (isMapped(words) ? words.subarray(MAPPED_PREFIX.length) : words);
}

/**
 * Parse an address or a block in CIDR form; host bits are ignored.
 * Source: CAM documentation, "Condition operators", `ip_equal`; RFC 4632 and RFC 4291 for the forms.
 * @returns the block, or what is wrong with it
 */
export function parseNetwork(text: string): Network | string {
  const [, address = '', bits = null] =
    /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  const words = wordsOf(address);
  if (words === null) return 'must be an IP address, or a block like `10.0.0.0/8`';
  const size = words.length * BITS_PER_WORD;
  const prefix = bits === null ? size : Number(bits);
  if (prefix > size) return `the mask must be at most ${size}`;
  if (!isMapped(words)) return networkOf(words, prefix);
  if (prefix < MAPPED_BITS)
    return `the mask of an IPv4 address in IPv6 form must be at least ${MAPPED_BITS}`;
  return networkOf(words.subarray(MAPPED_PREFIX.length), prefix - MAPPED_BITS);
}

/**
 * The one text of an address: dotted for IPv4, also for one in IPv6 form, as RFC 5952 has it for
 * IPv6, without a zone.
 * @returns null when it is none
 */
export function canonicalAddress(text: string): string | null {
  const words = parseAddress(text);
  if (words === null) return null;
  if (words.length === 2) return [...words].flatMap((word) => [word >> 8, word & 0xff]).join('.');
  const groups = Array.from(words, (word) => word.toString(16)).join(':');
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

/** Whether an address lies in a block; one of the other family never does. */
export function isInNetwork(address: Address, { words, mask }: Network): boolean {
  if (address.length !== words.length) return false;
  for (let i = 0; i < words.length; i++) {
    if (((address[i] ?? 0) & (mask[i] ?? 0)) !== words[i]) return false;
  }
  return true;
}

function networkOf(address: Address, prefix: number): Network {
  const mask = address.map((_, i) => {
    const bits = Math.min(Math.max(prefix - i * BITS_PER_WORD, 0), BITS_PER_WORD);
    return 0xffff << (BITS_PER_WORD - bits);
  });
  return { words: address.map((word, i) => word & (mask[i] ?? 0)), mask };
}

function wordsOf(text: string): Address | null {
  if (isIPv4(text)) return Uint16Array.from(quadWords(text));
  if (!isIPv6(text)) return null;
  const [head = '', tail = null] = text.split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const gap = tail === null ? 0 : 8 - before.length - after.length;
  return Uint16Array.from([...before, ...Array<number>(gap).fill(0), ...after]);
}

/** The words of one side of `::`, the last of which may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text
    .split(':')
    .flatMap((group) => (group.includes('.') ? quadWords(group) : [Number.parseInt(group, 16)]));
}

function quadWords(text: string): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function isMapped(words: Address): boolean {
  return words.length === 8 && MAPPED_PREFIX.every((word, i) => words[i] === word);
}
