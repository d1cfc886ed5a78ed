import { createHash } from 'node:crypto';
import COS from 'cos-nodejs-sdk-v5';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAuthorization } from '../../src/simulator/authorization-fields.ts';
import { bytesOf, canonicalName, urlEncode } from '../../src/simulator/canonical-form.ts';
import { CloudError } from '../../src/simulator/cloud-errors.ts';
import { claimedDigest, verifyDigest } from '../../src/simulator/content-digest.ts';
import { keyHolders } from '../../src/simulator/local-cloud.ts';
import { readRequest } from '../../src/simulator/read-request.ts';
import { verifySignature } from '../../src/simulator/verify-signature.ts';
import { defaultLocalCloud, EXAMPLE_HOST, LOCAL_KEYS } from '../support/local-cloud.ts';
import { PATIENCE, runs } from '../support/runs.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/** A request with its signature, in text: the wire form is made when it is verified. */
interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Pairs;
  readonly headers: Pairs;
  readonly body: string;
  readonly authorization: string;
}

const NOW = 1_800_000_000;
const KEY_TIME = `${NOW - 60};${NOW + 840}`;
const keys = keyHolders(await defaultLocalCloud());

function verdictOn(request: SignedRequest): string {
  const query = request.params.map((pair) =>
    pair.map((text) => urlEncode(bytesOf(text))).join('='),
  );
  const received = {
    method: request.method,
    url: `${urlEncode(bytesOf(request.path)).replaceAll('%2F', '/')}?${query.join('&')}`,
    headers: [...request.headers, ['Authorization', request.authorization] as const].map(
      ([name, value]) => [name, bytesOf(value)] as const,
    ),
    fault: null,
  };
  try {
    const read = readRequest(received);
    const verification = { keys, now: new Date(NOW * 1000), isStrict: false };
    verifySignature(read, readAuthorization(read), verification);
    const md5 = createHash('md5').update(request.body).digest('hex');
    verifyDigest(claimedDigest(read), { md5 });
    return 'accepted';
  } catch (error) {
    if (error instanceof CloudError) return error.code;
    throw error;
  }
}

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];
/** All of ASCII, and what takes two, three and four bytes. */
const unit = fc.constantFrom(
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...Array.from('\u0080é腾讯云\uffff𝄞\u{10ffff}'),
);
const text = fc.string({ unit, maxLength: 12 });
// The SDK keeps parameters in a plain object and loses one that is called `__proto__`.
const paramName = text.filter((name) => name !== '' && name !== '__proto__');
const headerValue = fc.string({ unit, minLength: 1, maxLength: 12 });
const headerName = fc
  .stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/)
  .map((name) => `X-Cos-Meta-${name}`);

/** The SDK sorts its list by encoded names and its pairs by raw ones: only where both agree is it
 * defined which order is signed. */
function isOrderDefined(names: readonly string[]): boolean {
  const order = (key: (name: string) => string) =>
    [...names].sort((one, other) => (key(one) < key(other) ? -1 : 1)).join('\n');
  const encoded = names.map((name) => canonicalName(bytesOf(name)));
  return (
    new Set(encoded).size === names.length &&
    new Set(names.map((name) => name.toLowerCase())).size === names.length &&
    order((name) => canonicalName(bytesOf(name))) === order((name) => name.toLowerCase())
  );
}

function pairs(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<Pairs> {
  return fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .filter((list) => isOrderDefined(list.map(([one]) => one)));
}

const signedRequest: fc.Arbitrary<SignedRequest> = fc
  .record({
    method: fc.constantFrom(...METHODS),
    path: fc.oneof(
      fc.constant('/'),
      text.map((rest) => `/${rest}`),
    ),
    params: pairs(paramName, text),
    metaHeaders: pairs(headerName, headerValue),
    body: text,
  })
  .map(({ metaHeaders, ...request }) => {
    const md5 = createHash('md5').update(request.body).digest('base64');
    const headers = [['Host', EXAMPLE_HOST], ['Content-MD5', md5], ...metaHeaders] as const;
    const authorization = COS.getAuthorization({
      SecretId: LOCAL_KEYS.media.secretId,
      SecretKey: LOCAL_KEYS.media.secretKey,
      Method: request.method as COS.Method,
      Pathname: request.path,
      Query: Object.fromEntries(request.params),
      Headers: Object.fromEntries(headers),
      KeyTime: KEY_TIME,
    });
    return { ...request, headers, authorization };
  });

/** The text with the character at a place between 0 and 1 changed, in more than its case. */
function changed(original: string, place: number): string {
  const characters = Array.from(original);
  const at = Math.floor(place * characters.length);
  characters[at] = characters[at]?.toLowerCase() === 'a' ? 'b' : 'a';
  return characters.join('');
}

function changedDigit(digits: string, place: number): string {
  const at = Math.floor(place * digits.length);
  return digits.slice(0, at) + ((Number(digits[at]) + 1) % 10) + digits.slice(at + 1);
}

/** The pairs with one of them replaced, or left out when `change` gives null. */
function withPair(
  list: Pairs,
  place: number,
  change: (pair: readonly [string, string]) => readonly [string, string] | null,
): Pairs {
  const chosen = Math.floor(place * list.length);
  return list.flatMap((pair, at) => {
    const replaced = at === chosen ? change(pair) : pair;
    return replaced === null ? [] : [replaced];
  });
}

function withField(request: SignedRequest, name: string, change: (value: string) => string) {
  const fields = request.authorization.split('&').map((field) => {
    const [key = '', value = ''] = [field.slice(0, name.length), field.slice(name.length + 1)];
    return key === name ? `${key}=${change(value)}` : field;
  });
  return { ...request, authorization: fields.join('&') };
}

type Change = (request: SignedRequest, place: number) => SignedRequest;

/** One character of one covered part each; `place` says which. */
const CHANGES: Readonly<Record<string, Change>> = {
  method: (request, place) => {
    const others = METHODS.filter((method) => method !== request.method);
    return { ...request, method: others[Math.floor(place * others.length)] ?? '' };
  },
  path: (request, place) => ({ ...request, path: `/${changed(request.path.slice(1), place)}` }),
  'header value': (request, place) => ({
    ...request,
    headers: withPair(request.headers, place, ([name, value]) => [name, changed(value, place)]),
  }),
  'header name': (request, place) => ({
    ...request,
    headers: withPair(request.headers, place, ([name, value]) => [changed(name, place), value]),
  }),
  'header gone': (request, place) => ({
    ...request,
    headers: withPair(request.headers, place, () => null),
  }),
  'param value': (request, place) => ({
    ...request,
    params: withPair(request.params, place, ([name, value]) => [name, changed(value, place)]),
  }),
  'param name': (request, place) => ({
    ...request,
    params: withPair(request.params, place, ([name, value]) => [changed(name, place), value]),
  }),
  'param gone': (request, place) => ({
    ...request,
    params: withPair(request.params, place, () => null),
  }),
  signature: (request, place) =>
    withField(request, 'q-signature', (value) => changed(value, place)),
  'key time': (request, place) =>
    withField(
      request,
      'q-key-time',
      (value) => changedDigit(value.slice(0, 10), place) + value.slice(10),
    ),
  'sign time': (request, place) =>
    withField(
      request,
      'q-sign-time',
      (value) => value.slice(0, 11) + changedDigit(value.slice(11), place),
    ),
  'secret id': (request, place) => withField(request, 'q-ak', (value) => changed(value, place)),
  'header list': (request, place) =>
    withField(request, 'q-header-list', (value) => changed(value, place)),
  body: (request, place) => ({ ...request, body: changed(request.body, place) }),
};

test(
  'requests signed by the official SDK are accepted, and refused with one character changed',
  () => {
    const refused = new Map<string, number>();
    const change = fc.constantFrom(...Object.keys(CHANGES));
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(signedRequest, change, place, (request, part, where) => {
        expect(verdictOn(request)).toBe('accepted');
        const altered = CHANGES[part]?.(request, where) ?? request;
        if (JSON.stringify(altered) === JSON.stringify(request)) return; // It has no such part.
        expect(verdictOn(altered)).not.toBe('accepted');
        refused.set(part, (refused.get(part) ?? 0) + 1);
      }),
      runs(1_000),
    );
    for (const part of Object.keys(CHANGES)) expect(refused.get(part) ?? 0).toBeGreaterThan(10);
  },
  PATIENCE,
);
