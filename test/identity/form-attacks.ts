/** Tokens that attack the form of a token and of its JSON; numbers as in the threat model. */
import type { AttackToken } from './attack-token.ts';
import { base64url, claimsWith, forge, SIGNERS, tokenWith } from './token-forge.ts';

const CLAIMS = ['token-claims'];
const ISSUER = ['token-issuer'];
const AUD = ['token-audience'];
const MALFORMED = ['token-malformed'];

const DEEP = (depth: number, open: string, close: string) =>
  open.repeat(depth) + close.repeat(depth);

const BAD_PARTS: readonly (string | Uint8Array)[] = [
  ...[
    'null',
    'true',
    '0',
    '1e999',
    '""',
    '"acme"',
    '[]',
    '[{}]',
    ' ',
    '{',
    '}',
    '{}{}',
    '{},',
    '{]',
  ],
  ...[
    "{'a':1}",
    '{a:1}',
    '{"a":1,}',
    '{"a":NaN}',
    '{"a":.5}',
    '{"a":01}',
    '{"a":1}//x',
    '{/**/}',
    '\u0000',
  ],
  ...[
    '{"a":"\n"}',
    '{"a":"\\x41"}',
    '{"a":"\\u12"}',
    '{"a":undefined}',
    '\ufeff{}',
    '{}\u0000',
    '{}\u00a0',
  ],
  ...[DEEP(2000, '[', ']'), DEEP(900, '{"a":', '}'), `{"a":${DEEP(16, '[', ']')}}`, 'alg=HS256'],
  ...[
    Buffer.from('{}', 'utf16le'),
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    Buffer.from([0x80, 0x7b]),
  ],
  ...[Buffer.from('{"a":"\xff"}', 'latin1'), Buffer.from('{"a":"\xc0\xaf"}', 'latin1')],
];

/** T13: parts that are no JSON objects; members repeated. */
export function partAttacks(): AttackToken[] {
  const { signer } = SIGNERS.HS256;
  const good = JSON.stringify(claimsWith());
  const repeats = ['iss', 'aud', 'sub', 'exp', 'jti', '\\u0073ub', 'x","x'].map(
    (name) => `${good.slice(0, -1)},"${name}":"acme","y":{"z":1,"z":2}}`,
  );
  const parts = [...BAD_PARTS, ...repeats, `{"y":[{"z":1,"z":1}],${good.slice(1)}`];
  const header = { alg: 'HS256', kid: 'hs-1' };
  const many = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`c${index}`, 0]));
  return [
    ...parts.flatMap((part, index) => [
      {
        name: `payload ${index}`,
        token: forge({ header, payload: part, signer }),
        codes: MALFORMED,
      },
      { name: `header ${index}`, token: forge({ header: part, signer }), codes: MALFORMED },
    ]),
    { name: '1,200 claims', token: tokenWith(claimsWith(many)), codes: MALFORMED },
    { name: 'oversized', token: tokenWith(claimsWith({ x: 'x'.repeat(6000) })), codes: MALFORMED },
    { name: 'huge', token: tokenWith(claimsWith({ x: 'x'.repeat(1e6) })), codes: MALFORMED },
  ];
}

/** T13, T15: texts that are no compact JWS, or one in another spelling. */
export function spellingAttacks(): AttackToken[] {
  const good = tokenWith(claimsWith(), {}, 'ES256');
  const [header = '', payload = '', signature = ''] = good.split('.');
  const respelt = [header, payload, signature].map(
    (part, place) => (change: (p: string) => string) =>
      [header, payload, signature].map((p, at) => (at === place ? change(part) : p)).join('.'),
  );
  const changes: Record<string, (part: string) => string> = {
    padded: (part) => `${part}=`,
    'padded twice': (part) => `${part}==`,
    'with a blank': (part) => `${part} `,
    'with a line feed': (part) => `${part}\n`,
    'with a blank inside': (part) => `${part.slice(0, 4)} ${part.slice(4)}`,
    'with a NUL': (part) => `${part}\u0000`,
    'with a letter of base64': (part) => `${part.slice(0, -1)}+`,
    'with a slash': (part) => `${part.slice(0, -1)}/`,
    'in percent': (part) => `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`,
    'one letter more': (part) => `${part}A`,
    'encoded twice': (part) => base64url(part),
    empty: () => '',
    'in fullwidth': (part) => String.fromCharCode(part.charCodeAt(0) + 0xfee0) + part.slice(1),
  };
  const wholes = {
    empty: '',
    dots: '..',
    'one part': header,
    'two parts': `${header}.${payload}`,
    'four parts': `${good}.`,
    'five parts, as JWE': `${good}.${payload}.${signature}`,
    'a dot before': `.${good}`,
    'a blank before': ` ${good}`,
    'two tokens': `${good},${good}`,
    quoted: `"${good}"`,
    'with its scheme': `Bearer ${good}`,
    'in JSON serialization': JSON.stringify({ protected: header, payload, signature }),
    nested: forge({ header: { alg: 'ES256', kid: 'es-1' }, payload: good, ...SIGNERS.ES256 }),
  };
  return [
    ...respelt.flatMap((spell, place) =>
      Object.entries(changes).map(([name, change]) => ({
        name: `part ${place} ${name}`,
        token: spell(change),
        codes: ['token-malformed', 'token-signature'],
      })),
    ),
    ...Object.entries(wholes).map(([name, token]) => ({ name, token, codes: MALFORMED })),
  ];
}

/** T14: prototypes in place of claims. */
export function prototypeAttacks(): AttackToken[] {
  const good = JSON.stringify(claimsWith());
  const admin = JSON.stringify(claimsWith({ sub: 'globex', polluted: true }));
  const payloads = [
    `{"__proto__":${good}}`,
    `{"constructor":{"prototype":${good}}}`,
    `{"prototype":${good}}`,
    ...['sub', 'exp', 'iss', 'aud'].map((name) =>
      JSON.stringify(claimsWith({ [name]: undefined })).replace('{', `{"__proto__":${admin},`),
    ),
    JSON.stringify(claimsWith({ sub: 0 })).replace('"sub":0', '"sub":{"__proto__":"acme"}'),
    JSON.stringify(claimsWith({ aud: 0 })).replace('"aud":0', '"aud":{"__proto__":["slimgate"]}'),
  ];
  const headers = [
    '{"__proto__":{"alg":"HS256","kid":"hs-1"}}',
    '{"__proto__":{"alg":"HS256"},"kid":"hs-1"}',
    '{"constructor":{"prototype":{"alg":"HS256"}}}',
  ];
  const codes = [...CLAIMS, ...ISSUER, ...AUD, 'token-algorithm'];
  return [
    ...payloads.map((payload) => ({
      name: payload.slice(0, 60),
      token: tokenWith(payload),
      codes,
    })),
    ...headers.map((header) => ({
      name: header,
      token: forge({ header, signer: SIGNERS.HS256.signer }),
      codes,
    })),
  ];
}
