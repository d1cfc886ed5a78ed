import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import { audienceAttacks, issuerAttacks, tenantAttacks, timeAttacks } from './claim-attacks.ts';
import { partAttacks, prototypeAttacks, spellingAttacks } from './form-attacks.ts';
import { algorithmAttacks, keyIdAttacks, memberAttacks } from './header-attacks.ts';
import { confusionAttacks } from './key-attacks.ts';
import { witness } from './strict-witness.ts';
import {
  AUDIENCE,
  FIRST,
  ISSUERS,
  NOW,
  NOW_SECONDS,
  TOLERANCE_SECONDS,
  tokenWith,
  WITNESS_ISSUERS,
} from './token-forge.ts';
import { verifyNow } from './verify-now.ts';

const clock = { nowSeconds: NOW_SECONDS, toleranceSeconds: TOLERANCE_SECONDS };
const verifier = createTokenVerifier(ISSUERS, clock);

let connections = 0;
const trap = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
const address = trap.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const trapUrl = `http://127.0.0.1:${port}/keys`;
afterAll(() => trap.close());

const ATTACKS = {
  'T01, the algorithm': algorithmAttacks(),
  'T02, confusion of keys': confusionAttacks(),
  'T03, the key id': keyIdAttacks(),
  'T04 and T12, other header members': memberAttacks(trapUrl),
  'T07, times': timeAttacks(),
  'T09, issuer and audience': audienceAttacks(),
  'T10, issuers among themselves': issuerAttacks(),
  'T11, names': tenantAttacks(),
  'T13, parts': partAttacks(),
  'T13 and T15, spelling': spellingAttacks(),
  'T14, prototypes': prototypeAttacks(),
};

async function refusalOf(token: string): Promise<unknown> {
  try {
    return await verifier.verify(token, NOW);
  } catch (error) {
    return error;
  }
}

/** Whether any run of twelve letters of the token, or of what is encoded in it, is repeated. */
function quotes(said: string, token: string): boolean {
  const parts = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  const sources = [token, ...parts].join('\n').replaceAll(FIRST, '').replaceAll(AUDIENCE, '');
  return Array.from({ length: said.length - 11 }, (_, at) => said.slice(at, at + 12)).some((run) =>
    sources.includes(run),
  );
}

describe.each(Object.entries(ATTACKS))('%s', (_, attacks) => {
  test.each(attacks)('$name is refused', async ({ token, codes }) => {
    expect(witness(token, WITNESS_ISSUERS, clock)).toBeTypeOf('string');
    const refusal = await refusalOf(token);
    expect(refusal).toBeInstanceOf(GatewayError);
    const { code, status, message, detail, headers, cause } = refusal as GatewayError;
    expect(codes).toContain(code);
    expect({ status, headers, cause }).toEqual({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      cause: undefined,
    });
    expect(quotes(`${message} ${detail}`, token)).toBe(false);
  });
});

test('the tables hold several hundred different tokens', () => {
  const tokens = Object.values(ATTACKS).flatMap((attacks) => attacks.map(({ token }) => token));
  expect(new Set(tokens).size).toBeGreaterThan(900);
});

test('nothing that a token points at is fetched', async () => {
  for (const { token } of memberAttacks(trapUrl)) await refusalOf(token);
  await setTimeout(100);
  expect(connections).toBe(0);
  // The trap would have seen it.
  await fetch(trapUrl).catch(() => undefined);
  expect(connections).toBe(1);
});

test('after all attacks a good token is still its own tenant’s and no object is polluted', async () => {
  for (const { token } of Object.values(ATTACKS).flat()) await refusalOf(token);
  expect(verifyNow(verifier, tokenWith(undefined), NOW).name).toBe('acme');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
