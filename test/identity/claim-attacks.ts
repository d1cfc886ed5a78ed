/** Tokens that attack the claims or the form, truly signed; numbers as in the threat model. */
import { type AttackToken, named } from './attack-token.ts';
import {
  AUDIENCE,
  claimsWith,
  FIRST,
  forge,
  hmacSigner,
  NOW_SECONDS,
  OTHER_RSA,
  OTHER_SECRET,
  rsaSigner,
  SECOND,
  SIGNED_ALGORITHMS,
  SIGNERS,
  THIRD,
  tokenWith,
} from './token-forge.ts';

const CLAIMS = ['token-claims'];
const EXPIRED = ['token-expired'];
const EARLY = ['token-not-yet-valid'];
const ISSUER = ['token-issuer'];
const AUD = ['token-audience'];
const MALFORMED = ['token-malformed'];

/** A good payload as text, with the value of one claim replaced by any JSON text. */
function payloadText(name: string, json: string): string {
  const claims = Object.entries(claimsWith({ [name]: undefined }))
    .filter(([, value]) => value !== undefined)
    .map(([claim, value]) => `${JSON.stringify(claim)}:${JSON.stringify(value)}`);
  return `{${[...claims, `${JSON.stringify(name)}:${json}`].join(',')}}`;
}

/** T07: times that are past, future, missing or no times. */
export function timeAttacks(): AttackToken[] {
  const noTimes = ['null', '""', '"soon"', 'true', '[]', '{}', '[4102444800]', '{"exp":1}'];
  const odd = ['1e999', '-1e999', '1e300', '-1', '253402300800', '1e15', `"${NOW_SECONDS + 600}"`];
  const texts: readonly [string, string, readonly string[]][] = [
    ...['exp', 'nbf', 'iat'].flatMap((name) =>
      [...noTimes, ...odd, '"NaN"', '"Infinity"', '"1e3"', '"0x7fffffff"'].map(
        (json): [string, string, readonly string[]] => [
          name,
          json,
          json === '-1' && name === 'exp'
            ? [...CLAIMS, ...EXPIRED]
            : [...CLAIMS, ...EARLY, ...EXPIRED],
        ],
      ),
    ),
    ...['0', '-0', '1', '1e3', '1.5', `${NOW_SECONDS - 61}`, `${NOW_SECONDS - 60}`, '5e-324'].map(
      (json): [string, string, readonly string[]] => ['exp', json, EXPIRED],
    ),
    ...['nbf', 'iat'].flatMap((name) =>
      [61, 60.5, 3600, 1e9].map((later): [string, string, readonly string[]] => [
        name,
        `${NOW_SECONDS + later}`,
        EARLY,
      ]),
    ),
    ...['NaN', 'Infinity', '+1', '01', '0x1', '1_000', '.5', '1.', 'undefined', "'1'"].map(
      (json): [string, string, readonly string[]] => ['exp', json, MALFORMED],
    ),
  ];
  const missing = SIGNED_ALGORITHMS.map((alg) => ({
    name: `${alg}, exp absent`,
    token: tokenWith(claimsWith({ exp: undefined }), {}, alg),
    codes: CLAIMS,
  }));
  return [
    ...missing,
    ...texts.map(([name, json, codes]) => ({
      name: `${name} ${json}`,
      token: tokenWith(payloadText(name, json)),
      codes,
    })),
  ];
}

/** T09: an issuer or an audience that only looks right. */
export function audienceAttacks(): AttackToken[] {
  const issuers: readonly unknown[] = [
    ...[
      '',
      ' ',
      FIRST.slice(0, -1),
      `${FIRST}/`,
      ` ${FIRST}`,
      `${FIRST} `,
      `${FIRST}\n`,
      `${FIRST}\u0000`,
    ],
    ...[
      FIRST.toUpperCase(),
      FIRST.replace('https', 'http'),
      `${FIRST}?x`,
      `${FIRST}#x`,
      `${FIRST}..`,
    ],
    ...['https://first.example.evil/', 'https://first.example@evil/', 'https://fırst.example/'],
    ...[
      'https://first%2eexample/',
      'first.example',
      '*',
      '.*',
      'Third',
      'third ',
      'ｔhird',
      'thirdthird',
    ],
    ...['__proto__', 'constructor', 'toString', 'undefined', 'null', `${FIRST},${SECOND}`],
    ...[undefined, null, 0, 1, true, [], {}, [FIRST], [FIRST, SECOND], { iss: FIRST }, [[FIRST]]],
  ];
  const audiences: readonly unknown[] = [
    ...[
      '',
      ' ',
      'Slimgate',
      'SLIMGATE',
      'slimgate ',
      ' slimgate',
      'slimgate\n',
      'slimgate\u0000',
      'slim',
    ],
    ...[
      'slimgate2',
      'xslimgate',
      'slimgate,other',
      'other slimgate',
      'ｓlimgate',
      'ѕlimgate',
      '*',
      '.*',
    ],
    ...['https://slimgate.example', 'https://slimgate.example//', 'http://slimgate.example/'],
    ...['__proto__', 'constructor', 'toString', 'undefined', 'null', '/slimgate/', FIRST],
    ...[
      undefined,
      null,
      0,
      1,
      true,
      [],
      {},
      [[]],
      [[AUDIENCE]],
      { 0: AUDIENCE },
      [null],
      ['other'],
    ],
    ...[
      [AUDIENCE, 5],
      [AUDIENCE, null],
      [5, AUDIENCE],
      [AUDIENCE, ['x']],
      [AUDIENCE, {}],
    ],
    ...[{ [AUDIENCE]: true }, { includes: true }, { length: 1, 0: AUDIENCE }, ['slim', 'gate']],
  ];
  return [
    ...issuers.map((iss) => ({
      name: named('iss', iss),
      token: tokenWith(claimsWith({ iss })),
      codes: ISSUER,
    })),
    ...audiences.map((aud) => ({
      name: named('aud', aud),
      token: tokenWith(claimsWith({ aud })),
      codes: AUD,
    })),
  ];
}

/** T10: one issuer speaks as another, or for another's tenants. */
export function issuerAttacks(): AttackToken[] {
  const second = claimsWith({ iss: SECOND, client_id: 'acme' });
  const third = claimsWith({ iss: THIRD, 'https://third.example/tenant': 'initech' });
  const rows: readonly [string, object, object, readonly string[]][] = [
    ['rs-1', { kid: 'rs-1', alg: 'RS256' }, second, ['token-signature']],
    ['hs-1', { kid: 'hs-1', alg: 'HS256' }, second, ['token-key-unknown']],
    ['hs-2', { kid: 'hs-2', alg: 'HS256' }, second, ['token-signature']],
    ['es-2', { kid: 'es-2', alg: 'ES256' }, second, ['token-signature']],
    ['no kid', { alg: 'HS256' }, second, ['token-signature']],
    ['no kid', { alg: 'HS256' }, third, ['token-signature']],
    ['no kid', { alg: 'ES256' }, third, ['token-signature']],
  ];
  const byFirst = rows.map(([kid, header, payload, codes], index) => ({
    name: `the first issuer’s key for another’s identity, ${kid} (${index})`,
    token: forge({
      header,
      payload,
      signer: SIGNERS[(header as { alg: keyof typeof SIGNERS }).alg].signer,
    }),
    codes,
  }));
  const bySecond = [
    { kid: 'rs-1', alg: 'RS256', signer: rsaSigner(OTHER_RSA.privateKey) },
    { kid: 'hs-1', alg: 'HS256', signer: hmacSigner(OTHER_SECRET) },
  ].map(({ kid, alg, signer }) => ({
    name: `the second issuer’s key for the first’s identity, ${kid}`,
    token: forge({ header: { kid, alg }, signer }),
    codes: ['token-signature'],
  }));
  const foreign = ['initech', 'umbrella', 'acme-2', 'admin', 'constructor'].map((sub) => ({
    name: `a tenant of nobody or of another issuer: ${sub}`,
    token: tokenWith(claimsWith({ sub })),
    codes: CLAIMS,
  }));
  return [...byFirst, ...bySecond, ...foreign];
}

/** T11: tenants’ names that are nearly one; read from `sub` and from another claim. */
export function tenantAttacks(): AttackToken[] {
  const names: readonly unknown[] = [
    ...[
      '',
      ' ',
      'Acme',
      'ACME',
      'acmE',
      'аcme',
      'acme ',
      ' acme',
      'acme\n',
      'acme\r\n',
      'acme\u0000',
    ],
    ...[
      'acme\u0000x',
      'acme\u200b',
      'acme\u00ad',
      '\ufeffacme',
      'ａｃｍｅ',
      'ac\u0301me',
      'acme\u2028',
    ],
    ...[
      'ſub',
      'ıacme',
      'İacme',
      'ßacme',
      '\u212a',
      'x\ud800',
      '\udc00',
      '\u202eemca',
      'acme\u0085',
    ],
    ...[
      '*',
      'a*',
      'acme*',
      '?cme',
      'acme/*',
      '../acme',
      'acme/..',
      'acme.globex',
      'acme,globex',
      'a|b',
    ],
    ...[
      '-acme',
      'acme-',
      '-',
      '--',
      'a_b',
      'a:b',
      'a@b',
      'a+b',
      'a%62',
      '&#97;cme',
      'a'.repeat(64),
    ],
    ...[
      '__proto__',
      'hasOwnProperty',
      'toString',
      '$[acme]',
      '{{acme}}',
      "a'--",
      '<acme>',
      'acme\tx',
    ],
    ...[
      undefined,
      null,
      0,
      1,
      true,
      [],
      {},
      ['acme'],
      { name: 'acme' },
      [['acme']],
      { toString: 'acme' },
    ],
  ];
  const second = (name: unknown) =>
    forge({
      header: { alg: 'HS256', kid: 'hs-2' },
      payload: claimsWith({ iss: SECOND, client_id: name }),
      signer: hmacSigner(OTHER_SECRET),
    });
  const inIds = [null, 0, 1, true, [], {}, ['x'], '', 'x\u0000', 'x\n', 'é', 'x'.repeat(257)];
  return [
    ...names.flatMap((name) => [
      { name: named('sub', name), token: tokenWith(claimsWith({ sub: name })), codes: CLAIMS },
      { name: named('client_id', name), token: second(name), codes: CLAIMS },
    ]),
    ...inIds.map((jti) => ({
      name: named('jti', jti),
      token: tokenWith(claimsWith({ jti })),
      codes: CLAIMS,
    })),
  ];
}
