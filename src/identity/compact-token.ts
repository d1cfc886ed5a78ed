import { parseStrictJson } from '../strict-json.ts';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from './issuer-settings.ts';
import type { Claims } from './tenant.ts';
import { tokenRefusal } from './token-refusal.ts';

/** In characters, which are bytes here: a token is ASCII. */
export const MAX_TOKEN_LENGTH = 8192;
const MAX_NESTING = 16;

/** A signature may be empty here, so that an unsigned token is refused for its algorithm. */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;

/** Sources: RFC 7515, section 4.1.9 (`application/` may be left out); RFC 9068, section 4. */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;

/**
 * Header members that bring a key, point at one, or change what was signed. An extension named
 * critical must be refused by who does not know it (RFC 7515, section 4.1.11): we know none.
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'enc', 'cty', 'jwk', 'jku', 'x5u', 'x5c'] as const;

/** A well-formed token of which nothing is verified. */
export interface CompactToken {
  readonly text: string;
  readonly algorithm: TokenAlgorithm;
  /** Anything that JSON can say; undefined: there is none. */
  readonly kid: unknown;
  readonly unverified: Claims;
}

/**
 * Parse the compact form of a signed JWT (RFC 7515, section 7.1), without any leniency.
 * @throws GatewayError `token-malformed`, `token-algorithm`
 */
export function parseCompactToken(text: string): CompactToken {
  const [, header, payload, signature] =
    (text.length <= MAX_TOKEN_LENGTH && COMPACT.exec(text)) || [];
  if (header === undefined || payload === undefined || signature === undefined) {
    throw tokenRefusal('token-malformed');
  }
  bytesOf(signature);
  const members = parseMembers(header);
  const algorithm = algorithmOf(members);
  return { text, algorithm, kid: members.kid, unverified: parseMembers(payload) };
}

function algorithmOf(header: Claims): TokenAlgorithm {
  const { alg, typ } = header;
  const refused = REFUSED_MEMBERS.find((name) => header[name] !== undefined);
  if (refused !== undefined) {
    throw tokenRefusal('token-malformed', `the header must not have \`${refused}\``);
  }
  if (typ !== undefined && (typeof typ !== 'string' || !TYPE.test(typ))) {
    throw tokenRefusal('token-malformed', '`typ` must be `JWT` or `at+jwt`');
  }
  const algorithm = TOKEN_ALGORITHMS.find((name) => name === alg);
  if (algorithm === undefined) throw tokenRefusal('token-algorithm');
  return algorithm;
}

function parseMembers(part: string): Claims {
  let value: unknown;
  const bytes = bytesOf(part);
  try {
    value = parseStrictJson(bytes);
  } catch {
    // INVARIANT: no cause is kept: an error of JSON.parse quotes what it could not read.
    throw tokenRefusal('token-malformed', 'the token’s parts must be strict JSON');
  }
  if (!isObject(value)) throw tokenRefusal('token-malformed', 'the token’s parts must be objects');
  seal(value, 1);
  return value;
}

/** Several texts decode to the same bytes; only the one that encodes them is accepted. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) {
    throw tokenRefusal('token-malformed', 'the token’s parts must be canonical base64url');
  }
  return bytes;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** INVARIANT: without prototypes every member that is read is one that the token states. */
function seal(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_NESTING) throw tokenRefusal('token-malformed', 'the token is nested too deep');
  for (const member of Object.values(value)) seal(member, depth + 1);
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  Object.freeze(value);
}
