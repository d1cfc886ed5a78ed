import { type AttackToken, named } from './attack-token.ts';
import {
  claimsWith,
  EC,
  ecPair,
  forge,
  hmacSigner,
  OTHER_RSA,
  pemOf,
  RSA,
  rsaPair,
  rsaSigner,
  SECOND,
  SIGNED_ALGORITHMS,
  SIGNERS,
  type Signer,
  THIRD,
  THIRD_SECRET,
  tokenWith,
} from './token-forge.ts';

const ALGORITHM = ['token-algorithm'];
const KEY = ['token-key-unknown'];
const MALFORMED = ['token-malformed'];

const REFUSED_ALGORITHMS: readonly unknown[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', '', ' ', 'null', 'undefined', '*', 'HMAC', 'RSA'],
  ...[
    'hs256',
    'Hs256',
    'HS256 ',
    ' HS256',
    'HS256\u0000',
    'HS256\n',
    'ＨＳ２５６',
    'HS2５6',
    'HS256,RS256',
  ],
  ...['HS384', 'HS512', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES384', 'ES512', 'ES256K'],
  ...['EdDSA', 'dir', 'A128KW', 'RSA-OAEP', 'sha256', '__proto__', 'constructor', 'toString'],
  ...[undefined, null, 0, 1, true, false, [], {}, ['HS256'], [['HS256']], { alg: 'HS256' }],
];

/** T01: an algorithm that the key is not bound to, with no, a stolen and a true signature. */
export function algorithmAttacks(): AttackToken[] {
  const stolen: Signer = () =>
    Buffer.from(tokenWith(claimsWith()).split('.')[2] ?? '', 'base64url');
  const signers = { unsigned: undefined, stolen, signed: SIGNERS.HS256.signer };
  const refused = REFUSED_ALGORITHMS.flatMap((alg) =>
    Object.entries(signers).flatMap(([how, signer]) =>
      [{ kid: 'hs-1' }, { kid: 'rs-1' }, {}].map((kid) => ({
        name: named(`${how}, ${kid.kid ?? 'no kid'}, alg`, alg),
        token: forge({ header: { typ: 'JWT', alg, ...kid }, ...(signer && { signer }) }),
        codes: ALGORITHM,
      })),
    ),
  );
  const repeated = [
    '{"alg":"none","alg":"HS256"}',
    '{"alg":"HS256","alg":"none"}',
    '{"alg":"HS256","alg":"HS256"}',
    '{"alg":"HS256","\\u0061lg":"none"}',
  ].map((header) => ({
    name: named('repeated', header),
    token: forge({ header, signer: SIGNERS.HS256.signer }),
    codes: MALFORMED,
  }));
  return [...refused, ...repeated];
}

const UNKNOWN_KIDS: readonly unknown[] = [
  ...[
    '',
    ' ',
    'rs-1 ',
    ' rs-1',
    'RS-1',
    'rs-1\u0000',
    'rs-1\n',
    'ｒs-1',
    'rs\u20111',
    'rs-1\u200b',
  ],
  ...['rs-?', '*', 'rs-*', '.*', 'rs-1,hs-1', 'rs-2', 'hs-2', '0', '1', 'null', 'undefined'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'length'],
  ...['../../../../../../dev/null', '/proc/self/environ', 'file:///etc/passwd', '..\\..\\nul'],
  ...['https://evil.example/jwks.json', "x' UNION SELECT 'secret", '"; DROP TABLE keys', '$(id)'],
  ...[
    'rs-1\r\nX-Injected: canary',
    '\u001b[31mrs-1',
    '\u2028{"level":"info"}',
    '%0d%0a',
    '{{7*7}}',
  ],
  ...['k'.repeat(257), 'k'.repeat(4096), '\ud800', '$[jndi:ldap://evil.example]', '<!ENTITY x>'],
  ...[null, 0, 1, -1, true, false, [], {}, ['rs-1'], [['rs-1']], { kid: 'rs-1' }],
];

/** T03: a `kid` that is no key, on tokens that one of the keys has truly signed. */
export function keyIdAttacks(): AttackToken[] {
  const refused = UNKNOWN_KIDS.flatMap((kid) =>
    SIGNED_ALGORITHMS.map((alg) => ({
      name: named(`${alg}, kid`, kid),
      token: tokenWith(undefined, { kid }, alg),
      codes: KEY,
    })),
  );
  const second = claimsWith({ iss: SECOND, client_id: 'acme' });
  const third = claimsWith({ iss: THIRD, 'https://third.example/tenant': 'initech' });
  const rows: readonly [string, object, object, Signer, readonly string[]][] = [
    ['no kid, two keys', { alg: 'RS256' }, second, rsaSigner(OTHER_RSA.privateKey), KEY],
    ['no kid, no key', { alg: 'RS256' }, third, rsaSigner(RSA.privateKey), ALGORITHM],
    ['kid null, key without', { alg: 'HS256', kid: null }, third, hmacSigner(THIRD_SECRET), KEY],
    ['kid, key without', { alg: 'HS256', kid: 'hs-1' }, third, hmacSigner(THIRD_SECRET), KEY],
    ['kid empty, key without', { alg: 'HS256', kid: '' }, third, hmacSigner(THIRD_SECRET), KEY],
  ];
  const chosen = rows.map(([name, header, payload, signer, codes]) => ({
    name,
    token: forge({ header, payload, signer }),
    codes,
  }));
  return [...refused, ...chosen];
}

/** T04: a key that the token brings along or points at; T12: extensions and other types. */
export function memberAttacks(url: string): AttackToken[] {
  const attacker = { RSA: rsaPair(), EC: ecPair('P-256') };
  const jwk = attacker.RSA.publicKey.export({ format: 'jwk' });
  const members: readonly [string, unknown][] = [
    ...[jwk, EC.publicKey.export({ format: 'jwk' }), { kty: 'oct', k: 'eA' }, null, ''].map(
      (value): [string, unknown] => ['jwk', value],
    ),
    ...['jku', 'x5u'].flatMap((name) =>
      [url, `${url}#rs-1`, [url], 'file:///etc/passwd', '', null].map(
        (value): [string, unknown] => [name, value],
      ),
    ),
    ...[[pemOf(attacker.RSA.publicKey)], [], 'MIIB', null].map((v): [string, unknown] => [
      'x5c',
      v,
    ]),
    ...[['exp'], ['b64'], ['x'], [], 'exp', null, {}, ['alg']].map((v): [string, unknown] => [
      'crit',
      v,
    ]),
    ...[false, true, null, 'false'].map((value): [string, unknown] => ['b64', value]),
    ...['DEF', 'none', null].map((value): [string, unknown] => ['zip', value]),
    ...['JWT', 'jwt', 'application/json', null].map((value): [string, unknown] => ['cty', value]),
    ...['A256GCM', null].map((value): [string, unknown] => ['enc', value]),
    ...['', ' ', 'JWE', 'JOSE', 'JOSE+JSON', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JWT '].map(
      (value): [string, unknown] => ['typ', value],
    ),
    ...[
      'application/json',
      'text/jwt',
      'application/application/jwt',
      'at+jwt;v=1',
      'x/at+jwt',
    ].map((value): [string, unknown] => ['typ', value]),
    ...['JWT\u0000', 'ＪＷＴ', null, 0, true, [], ['JWT'], {}].map((v): [string, unknown] => [
      'typ',
      v,
    ]),
  ];
  const signers = {
    ...SIGNERS,
    attacker: { kid: 'rs-1', signer: rsaSigner(attacker.RSA.privateKey) },
  };
  return members.flatMap(([member, value]) =>
    Object.entries(signers).map(([who, { kid, signer }]) => ({
      name: named(`by ${who}, ${member}`, value),
      token: forge({
        header: { alg: who === 'attacker' ? 'RS256' : who, kid, [member]: value },
        signer,
      }),
      codes: MALFORMED,
    })),
  );
}
