import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rememberBodies } from '../../src/slim/known-bodies.ts';
import { parseConfiguration } from '../../src/slim/parse-configuration.ts';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { runs } from '../support/runs.ts';

const endOf = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
};

const bodies = SLIM_CONFIGURATIONS.map(({ modes, suffixes }) =>
  JSON.stringify(suffixes.length > 0 ? { modes, suffixes } : { modes }),
);

test('a body means the same whether it is read for the first time or again', () => {
  const knownBodies = rememberBodies();
  const edits = fc.record({
    body: fc.constantFrom(...bodies),
    at: fc.nat(80),
    byte: fc.option(fc.nat(255), { nil: null }),
    padding: fc.nat(140),
  });
  fc.assert(
    fc.property(edits, ({ body, at, byte, padding }) => {
      const bytes = Buffer.from(`${body}${' '.repeat(padding)}`);
      if (byte !== null) bytes[at % bytes.length] = byte;
      for (const _ of ['first', 'again']) {
        const known = knownBodies(bytes);
        expect(known.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(endOf(known.configuration)).toEqual(endOf(() => parseConfiguration(bytes)));
      }
    }),
    runs(600),
  );
});

test('the buffer of a body may be written over after it was read', () => {
  const knownBodies = rememberBodies();
  const buffer = Buffer.from('{"modes":["API"]}');
  const first = knownBodies(buffer).configuration();
  buffer.fill(' ');
  expect(endOf(knownBodies(buffer).configuration)).toMatch('body-malformed');
  expect(knownBodies(Buffer.from('{"modes":["API"]}')).configuration()).toBe(first);
});
