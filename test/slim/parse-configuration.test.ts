import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { parseConfiguration } from '../../src/slim/parse-configuration.ts';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { INVALID_BODIES, MALFORMED_BODIES } from '../support/bodies.ts';
import { runs } from '../support/runs.ts';

const parse = (body: string | Uint8Array) => parseConfiguration(Buffer.from(body));

function refusalOf(body: string | Uint8Array): GatewayError {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test.each(Object.entries(MALFORMED_BODIES))('not strict JSON: %s', (_, body) => {
  expect(refusalOf(body).code).toBe('body-malformed');
});

test.each(Object.entries(INVALID_BODIES))('no slim configuration: %s', (_, [body, pointer]) => {
  const { code, errors = [] } = refusalOf(body);
  expect(code).toBe('body-invalid');
  expect(errors.map((error) => error.pointer)).toContain(pointer);
});

test.each([
  [
    '{"modes":["Auto"]}',
    '/suffixes must name at least one of "jpg", "png", "gif" when modes has "Auto"',
  ],
  [
    '{"modes":["API"],"suffixes":["jpg"]}',
    '/suffixes only has a meaning when modes has "Auto"; remove it',
  ],
  ['{"modes":["api"]}', '/modes/0 must be one of "Auto", "API"'],
  ['{"modes":["API","API"]}', '/modes/1 is repeated; remove it'],
  ['{"modes":["API"],"mode":1}', '/mode is not a member of this document; remove it'],
  ['[]', 'the body must be an object'],
])('a refusal says what to change: %s', (body, detail) => {
  expect(refusalOf(body).detail).toBe(detail);
});

test('every fault is named, and a hostile body does not make the answer grow', () => {
  expect(refusalOf('{"modes":["a","b"],"suffixes":["c"],"d":1}').errors).toHaveLength(4);
  const many = JSON.stringify({ modes: Array(1000).fill('x'.repeat(1000)) });
  expect(refusalOf(many).errors).toHaveLength(16);
  const long = refusalOf(JSON.stringify({ modes: ['API'], ['n'.repeat(3000)]: 1 }));
  expect(JSON.stringify([long.detail, long.errors]).length).toBeLessThan(400);
});

test('anything at all is one of the 15 configurations, or refused', () => {
  const word = fc.oneof(
    fc.constantFrom('Auto', 'API', 'jpg', 'png', 'gif'),
    fc.string(),
    fc.jsonValue(),
  );
  const body = fc.oneof(
    fc.record({ modes: fc.array(word), suffixes: fc.array(word) }, { requiredKeys: [] }),
    fc.dictionary(fc.constantFrom('modes', 'suffixes', '__proto__', 'Modes'), fc.array(word)),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(body, (value) => {
      try {
        expect(SLIM_CONFIGURATIONS).toContain(parse(JSON.stringify(value) ?? ''));
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
      }
    }),
    runs(200),
  );
});
