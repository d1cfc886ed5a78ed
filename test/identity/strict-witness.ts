/**
 * A second opinion on tokens, written from RFC 7515, 7518, 7519 and 8259 with node:crypto alone. It
 * shares no line with the verifier: its own base64url, its own JSON, its own signature checks.
 */
import { isUtf8 } from 'node:buffer';
import { constants, createHmac, type KeyObject, verify } from 'node:crypto';
import { demand, type Json, JsonReader, Refused } from './witness-json.ts';

const { RSA_PKCS1_PSS_PADDING } = constants;

export interface WitnessKey {
  readonly kid: string | null;
  readonly alg: keyof typeof PRIMITIVES;
  readonly key: KeyObject | string;
}

export interface WitnessIssuer {
  readonly iss: string;
  readonly aud: readonly string[];
  readonly claim: string;
  readonly tenants: readonly string[] | null;
  readonly keys: readonly WitnessKey[];
}

export interface WitnessedIdentity {
  readonly name: string;
  readonly subject: string;
  readonly issuer: string;
  readonly tokenId: string | null;
  readonly expiresAtMs: number;
}

export interface WitnessClock {
  readonly nowSeconds: number;
  readonly toleranceSeconds: number;
}

/** The identity that a token proves, or why it proves none. */
export function witness(
  token: string,
  issuers: readonly WitnessIssuer[],
  clock: WitnessClock,
): WitnessedIdentity | string {
  try {
    return judge(token, issuers, clock);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

function judge(
  token: string,
  issuers: readonly WitnessIssuer[],
  clock: WitnessClock,
): WitnessedIdentity {
  demand(token.length <= 8192, 'too long');
  const parts = token.split('.');
  demand(parts.length === 3, 'not three parts');
  const [header64 = '', payload64 = '', signature64 = ''] = parts;
  const header = objectIn(decode(header64));
  const claims = objectIn(decode(payload64));
  const signature = decode(signature64);
  judgeHeader(header);
  const issuer = issuers.find(({ iss }) => iss === claims.get('iss'));
  demand(issuer !== undefined, 'issuer');
  const key = keyOf(header, issuer);
  demand(isSignedBy(key, `${header64}.${payload64}`, signature), 'signature');
  return judgeClaims(claims, issuer, clock);
}

function judgeHeader(header: Map<string, Json>): void {
  for (const name of ['crit', 'b64', 'zip', 'enc', 'cty', 'jwk', 'jku', 'x5u', 'x5c']) {
    demand(!header.has(name), `header ${name}`);
  }
  if (header.has('typ')) {
    const typ = header.get('typ');
    demand(typeof typ === 'string', 'typ');
    const full = typ.includes('/') ? typ : `application/${typ}`;
    demand(['application/jwt', 'application/at+jwt'].includes(full.toLowerCase()), 'typ');
  }
}

function keyOf(header: Map<string, Json>, issuer: WitnessIssuer): WitnessKey {
  const alg = header.get('alg');
  const found = header.has('kid')
    ? issuer.keys.filter(({ kid }) => kid !== null && kid === header.get('kid'))
    : issuer.keys.filter((key) => key.alg === alg);
  const [key] = found;
  demand(key !== undefined && found.length === 1, 'key');
  demand(key.alg === alg, 'alg');
  return key;
}

type Primitive = (signed: Buffer, key: KeyObject | string, signature: Buffer) => boolean;

const hmac =
  (hash: string): Primitive =>
  (signed, key, signature) =>
    createHmac(hash, key).update(signed).digest().equals(signature);

const pkcs1 =
  (hash: string): Primitive =>
  (signed, key, signature) =>
    verify(hash, signed, key, signature);

/** RFC 7518, section 3.5: the salt is as long as the hash. */
const pss =
  (hash: string, saltLength: number): Primitive =>
  (signed, key, signature) =>
    typeof key !== 'string' &&
    verify(hash, signed, { key, padding: RSA_PKCS1_PSS_PADDING, saltLength }, signature);

/** RFC 7518, section 3.4: two numbers of the field's size, one after the other. */
const ecdsa =
  (hash: string, length: number): Primitive =>
  (signed, key, signature) =>
    typeof key !== 'string' &&
    signature.length === length &&
    verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);

const PRIMITIVES = {
  HS256: hmac('sha256'),
  HS384: hmac('sha384'),
  HS512: hmac('sha512'),
  RS256: pkcs1('sha256'),
  RS384: pkcs1('sha384'),
  RS512: pkcs1('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  ES256: ecdsa('sha256', 64),
  ES384: ecdsa('sha384', 96),
  ES512: ecdsa('sha512', 132),
  EdDSA: ((signed, key, signature) => verify(null, signed, key, signature)) as Primitive,
};

function isSignedBy({ alg, key }: WitnessKey, signed: string, signature: Buffer): boolean {
  return PRIMITIVES[alg](Buffer.from(signed, 'ascii'), key, signature);
}

function judgeClaims(
  claims: Map<string, Json>,
  issuer: WitnessIssuer,
  { nowSeconds, toleranceSeconds }: WitnessClock,
): WitnessedIdentity {
  const exp = dateIn(claims, 'exp');
  demand(exp !== undefined, 'no exp');
  demand(nowSeconds - toleranceSeconds < exp, 'expired');
  for (const name of ['nbf', 'iat']) {
    demand((dateIn(claims, name) ?? 0) - toleranceSeconds <= nowSeconds, name);
  }
  const aud = claims.get('aud');
  const audiences = Array.isArray(aud) ? aud : [aud];
  demand(
    audiences.every((name) => typeof name === 'string'),
    'aud',
  );
  demand(
    issuer.aud.some((name) => audiences.includes(name)),
    'aud',
  );
  const tokenId = claims.has('jti') ? printableIn(claims, 'jti') : null;
  const subject = printableIn(claims, 'sub');
  const name = claims.get(issuer.claim);
  demand(typeof name === 'string' && isLabel(name), 'tenant');
  demand(issuer.tenants === null || issuer.tenants.includes(name), 'tenant of another');
  return { name, subject, issuer: issuer.iss, tokenId, expiresAtMs: Math.trunc(exp * 1000) };
}

function dateIn(claims: Map<string, Json>, name: string): number | undefined {
  if (!claims.has(name)) return undefined;
  const value = claims.get(name);
  demand(typeof value === 'number' && Number.isFinite(value), name);
  demand(value >= 0 && value <= Date.UTC(9999, 11, 31, 23, 59, 59) / 1000, name);
  return value;
}

function printableIn(claims: Map<string, Json>, name: string): string {
  const value = claims.get(name);
  demand(typeof value === 'string' && value.length >= 1 && value.length <= 256, name);
  demand(
    [...value].every((letter) => letter >= ' ' && letter <= '~'),
    name,
  );
  return value;
}

function isLabel(name: string): boolean {
  const letters = [...name];
  const isPlain = (letter: string | undefined) =>
    letter !== undefined && 'abcdefghijklmnopqrstuvwxyz0123456789'.includes(letter);
  return (
    letters.length <= 63 &&
    isPlain(letters[0]) &&
    isPlain(letters.at(-1)) &&
    letters.every((letter) => letter === '-' || isPlain(letter))
  );
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648, sections 3.3 to 3.5 and 5: no other letters, no padding, unused bits are zero. */
function decode(part: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of part) {
    const six = ALPHABET.indexOf(letter);
    demand(six >= 0, 'base64url letter');
    value = (value << 6) | six;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(value >> bits);
      value &= (1 << bits) - 1;
    }
  }
  demand(bits < 6 && value === 0, 'base64url end');
  return Buffer.from(bytes);
}

function objectIn(bytes: Buffer): Map<string, Json> {
  demand(isUtf8(bytes), 'utf-8');
  const reader = new JsonReader(bytes.toString('utf8'));
  const value = reader.readWhole();
  demand(value instanceof Map, 'not an object');
  return value;
}
