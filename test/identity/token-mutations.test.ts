import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import { runs } from '../support/runs.ts';
import { witness } from './strict-witness.ts';
import {
  base64url,
  claimsWith,
  ISSUERS,
  NOW,
  NOW_SECONDS,
  SIGNED_ALGORITHMS,
  TOLERANCE_SECONDS,
  tokenWith,
  WITNESS_ISSUERS,
} from './token-forge.ts';
import { verifyNow } from './verify-now.ts';

const clock = { nowSeconds: NOW_SECONDS, toleranceSeconds: TOLERANCE_SECONDS };
const verifier = createTokenVerifier(ISSUERS, clock);

/** Both verdicts, in one shape: null is a refusal. Any other error than ours fails the test. */
function verdictsOf(token: string): { ours: object | null; theirs: object | null } {
  const seen = witness(token, WITNESS_ISSUERS, clock);
  const theirs = typeof seen === 'string' ? null : seen;
  try {
    const { name, subject, issuer, tokenId, expiresAt } = verifyNow(verifier, token, NOW);
    return { ours: { name, subject, issuer, tokenId, expiresAtMs: expiresAt.getTime() }, theirs };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.status !== 401) throw error;
    return { ours: null, theirs };
  }
}

/** A change to one part of a token, given as an index, a position and a number of any size. */
type Mutation = (parts: string[], place: number, at: number, with_: number) => void;

const letterAt = (text: string, at: number, letter: string) =>
  text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);

function onBytes(change: (bytes: Buffer, at: number, with_: number) => Uint8Array): Mutation {
  return (parts, place, at, with_) => {
    const bytes = Buffer.from(parts[place] ?? '', 'base64url');
    parts[place] = base64url(change(bytes, at % Math.max(bytes.length, 1), with_));
  };
}

function onText(change: (text: string, at: number, with_: number) => string): Mutation {
  return (parts, place, at, with_) => {
    parts[place] = change(parts[place] ?? '', at, with_);
  };
}

const MUTATIONS: Record<string, Mutation> = {
  'a bit of a letter': onText((text, at, with_) => {
    const code = text.charCodeAt(at % text.length) ^ (1 << (with_ % 8));
    return letterAt(text, at, String.fromCharCode(code));
  }),
  'any letter': onText((text, at, with_) => letterAt(text, at, String.fromCharCode(with_))),
  'the last letter': onText((text, _at, with_) => {
    return letterAt(text, text.length - 1, base64url(Buffer.from([with_ % 256])).charAt(0));
  }),
  'letters removed': onText((text, at, with_) => {
    return text.slice(0, at % text.length) + text.slice((at % text.length) + 1 + (with_ % 8));
  }),
  'letters doubled': onText((text, at) => text.slice(0, at % text.length) + text),
  padding: onText((text, at) => text + '='.repeat(1 + (at % 3))),
  'the alphabet of base64': onText((text) => {
    return Buffer.from(text, 'base64url').toString('base64');
  }),
  'a bit of a byte': onBytes((bytes, at, with_) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (with_ % 8));
    return bytes;
  }),
  'a byte inserted': onBytes((bytes, at, with_) => {
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([with_]), bytes.subarray(at)]);
  }),
  'bytes reversed': onBytes((bytes) => bytes.reverse()),
  'JSON written anew': onBytes((bytes) => {
    try {
      return Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), null, 1));
    } catch {
      return bytes;
    }
  }),
};

describe.each(SIGNED_ALGORITHMS)('a good %s token', (algorithm) => {
  const token = tokenWith(undefined, {}, algorithm);
  const other = tokenWith(claimsWith({ sub: 'globex', jti: 'token-0002' }), {}, algorithm);
  const base = verdictsOf(token).ours;

  test.each(Object.entries(MUTATIONS))('mutated by %s never proves another', (_, mutate) => {
    const place = fc.nat({ max: 2 });
    fc.assert(
      fc.property(place, fc.nat(2000), fc.nat(0xffff), (part, at, with_) => {
        const parts = token.split('.');
        mutate(parts, part, at, with_);
        const { ours, theirs } = verdictsOf(parts.join('.'));
        expect(ours).toEqual(theirs);
        if (parts.join('.') !== token) expect(ours).toBeNull();
        else expect(ours).toEqual(base);
      }),
      { numRuns: 100 },
    );
  });

  test('with its parts put together otherwise, or with those of another token, proves nothing', () => {
    const parts = [...token.split('.'), ...other.split('.'), '', 'e30'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 5 }), (chosen) => {
        const mixed = chosen.join('.');
        const { ours, theirs } = verdictsOf(mixed);
        expect(ours).toEqual(theirs);
        expect(ours !== null).toBe(mixed === token || mixed === other);
      }),
      { numRuns: 300 },
    );
  });
});

test('any claims at all, truly signed, get the witness’s verdict', () => {
  const claim = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const times = fc.oneof(claim, fc.double(), fc.integer({ min: -90, max: 90 }).map(fromNow));
  const names = fc.oneof(claim, fc.constantFrom('acme', 'globex', 'initech'), fc.string());
  const audiences = fc.oneof(claim, fc.subarray(['slimgate', 'other', 'x', 5]));
  const changes = fc.record(
    { exp: times, nbf: times, iat: times, sub: names, jti: names, aud: audiences, x: claim },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(changes, fc.constantFrom(...SIGNED_ALGORITHMS), (changed, algorithm) => {
      const { ours, theirs } = verdictsOf(tokenWith(claimsWith(changed), {}, algorithm));
      expect(ours).toEqual(theirs);
    }),
    runs(250),
  );
});

test('any text at all is refused with a code of ours', () => {
  const letters = fc.constantFrom(...'.eyJhbGciOiJub25lIn0-_=+/ \u0000é');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: letters })), (text) => {
      expect(verdictsOf(text)).toEqual({ ours: null, theirs: null });
    }),
    runs(400),
  );
});

function fromNow(seconds: number): number {
  return NOW_SECONDS + seconds;
}

test('the twin of an ECDSA signature proves the same identity and no other', () => {
  // ECDSA admits (r, order - s) beside (r, s): two spellings of one proof, never a second identity.
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const token = tokenWith(undefined, {}, 'ES256');
  const [header, payload, signature = ''] = token.split('.');
  const hex = Buffer.from(signature, 'base64url').toString('hex');
  const twin = (order - BigInt(`0x${hex.slice(64)}`)).toString(16).padStart(64, '0');
  const twinPart = base64url(Buffer.from(hex.slice(0, 64) + twin, 'hex'));
  const { ours, theirs } = verdictsOf(`${header}.${payload}.${twinPart}`);
  expect(ours).toEqual(theirs);
  expect(ours).toEqual(verdictsOf(token).ours);
});
