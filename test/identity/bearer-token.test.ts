import { describe, expect, test } from 'vitest';
import { bearerTokenOf } from '../../src/identity/bearer-token.ts';
import { tokenWith } from './token-forge.ts';

const token = tokenWith(undefined);
const INVALID = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
const PLAIN = { 'WWW-Authenticate': 'Bearer realm="slimgate"' };

describe('the bearer token is read from one Authorization field', () => {
  const fields = [`Bearer ${token}`, `bearer ${token}`, `BEARER ${token}`, `Bearer   ${token}`];
  test.each(fields)('%s', (field) => {
    expect(bearerTokenOf([field])).toBe(token);
  });

  test('of 8,192 characters, and not of 8,193', () => {
    expect(bearerTokenOf([`Bearer ${'x'.repeat(8192)}`])).toHaveLength(8192);
    expect(() => bearerTokenOf([`Bearer ${'x'.repeat(8193)}`])).toThrowError(
      expect.objectContaining({ code: 'token-malformed', headers: INVALID }),
    );
  });
});

describe('any other field, or none, gives no token', () => {
  const missing = [
    '',
    ' ',
    'Basic YTpi',
    'Digest x',
    token,
    'Bearer2 x',
    `JWT ${token}`,
    ', Bearer x',
  ];
  const malformed = [
    ...[
      'Bearer',
      'Bearer ',
      `Bearer\t${token}`,
      ` Bearer ${token}`,
      `Bearer ${token} `,
      'Bearer x y',
    ],
    ...[`Bearer ${token},Bearer ${token}`, `Bearer ${token}, Basic YTpi`, `Bearer "${token}"`],
    ...[
      `Bearer ${token}\u0000`,
      `Bearer ${token}\n`,
      `Bearer ${token}\r\nX: y`,
      `Bearer ${token}=`,
    ],
    ...[`Bearer:${token}`, `Bearer=${token}`, `Bearer token=${token}`, `Bearer ${token};`],
    ...['Bearer é', 'Bearer \u212a', 'Bearer %41', 'Bearer a+b/c', `Bearer Bearer ${token}`],
  ];
  const rows = [
    { name: 'no field', fields: [], code: 'token-missing', headers: PLAIN },
    ...missing.map((field) => ({
      name: JSON.stringify(field).slice(0, 40),
      fields: [field],
      code: 'token-missing',
      headers: PLAIN,
    })),
    ...malformed.map((field) => ({
      name: JSON.stringify(field).slice(0, 40),
      fields: [field],
      code: 'token-malformed',
      headers: INVALID,
    })),
    ...[
      [`Bearer ${token}`, `Bearer ${token}`],
      [`Bearer ${token}`, 'Basic YTpi'],
      ['', `Bearer ${token}`],
      ['', ''],
    ].map((fields, index) => ({
      name: `two fields (${index})`,
      fields,
      code: 'header-repeated',
      headers: {},
    })),
  ];
  test.each(rows)('$name', ({ fields, code, headers }) => {
    const expected = expect.objectContaining({
      code,
      headers,
      message: expect.not.stringContaining(token.slice(0, 12)),
    });
    expect(() => bearerTokenOf(fields)).toThrowError(expected);
  });
});
