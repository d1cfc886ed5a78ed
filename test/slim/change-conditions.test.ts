import { expect, test } from 'vitest';
import { isDone, isMatch, parseIfMatch, prefersStrict } from '../../src/slim/change-conditions.ts';
import {
  canonicalConfiguration,
  etagOf,
  type SlimState,
} from '../../src/slim/slim-configuration.ts';

const ON: SlimState = { status: 'on', modes: ['Auto'], suffixes: ['jpg'] };
const OFF: SlimState = { status: 'off', modes: [], suffixes: [] };
const REMEMBERING: SlimState = { ...ON, status: 'off' };
const TAG = `"${etagOf(ON)}"`;

/** Header values, and whether they match `ON`; null for those that cannot be read. */
const IF_MATCH: Readonly<Record<string, readonly [value: string, matches: boolean | null]>> = {
  'its own tag': [TAG, true],
  'any state': ['*', true],
  'any state, with blanks': ['  * ', true],
  'its tag among others': [`"a", ${TAG},"b"`, true],
  'a list with empty elements': [`, ${TAG} ,,`, true],
  'a tag with a comma in it, before its own': [`"a,b",${TAG}`, true],
  'another tag': ['"a"', false],
  'an empty tag': ['""', false],
  'its own tag made weak': [`W/${TAG}`, false],
  'its own tag made weak, among others': [`"a", W/${TAG}`, false],
  'another state’s tag': [`"${etagOf(OFF)}"`, false],
  'a tag without quotes': [etagOf(ON), null],
  'a tag with one quote': [`"${etagOf(ON)}`, null],
  'a weak tag in lower case': [`w/${TAG}`, null],
  'two tags without a comma': [`"a" ${TAG}`, null],
  'any state among tags': [`*, ${TAG}`, null],
  'a blank in a tag': ['"a b"', null],
  'two of any': ['*, *', null],
  nothing: ['', null],
  'commas alone': [', ,', null],
};

test.each(Object.entries(IF_MATCH))('If-Match is read: %s', (_, [value, matches]) => {
  if (matches === null) expect(() => parseIfMatch(value)).toThrow(/^header-invalid: /);
  else expect(isMatch(parseIfMatch(value), ON)).toBe(matches);
});

test('a header of the greatest length is read at once', () => {
  const startedAt = performance.now();
  for (const hostile of ['"a', '"', ',', '" ', '",'].map((text) => text.repeat(16_384))) {
    try {
      parseIfMatch(hostile);
    } catch {}
  }
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test.each([
  { value: 'handling=strict', is: true },
  { value: 'respond-async, Handling="strict"; x=1', is: true },
  { value: 'handling = strict', is: true },
  { value: 'handling=lenient', is: false },
  { value: 'x-handling=strict', is: false },
  { value: 'handling=stricter', is: false },
  { value: '', is: false },
])('Prefer: $value is strict: $is', ({ value, is }) => {
  expect(prefersStrict(value)).toBe(is);
});

const AUTO = canonicalConfiguration(['Auto'], ['jpg']);
const API = canonicalConfiguration(['API'], []);

test.each([
  { name: 'setting what is set', configuration: AUTO, state: ON, done: true },
  { name: 'setting another mode', configuration: API, state: ON, done: false },
  { name: 'setting what is remembered', configuration: AUTO, state: REMEMBERING, done: false },
  {
    name: 'setting API where suffixes are left over',
    configuration: API,
    state: { status: 'on', modes: ['API'], suffixes: ['jpg'] } as const,
    done: false,
  },
  { name: 'switching off what is off', configuration: null, state: OFF, done: true },
  { name: 'switching off what remembers', configuration: null, state: REMEMBERING, done: true },
  { name: 'switching off what is on', configuration: null, state: ON, done: false },
])('$name is done already: $done', ({ configuration, state, done }) => {
  expect(isDone(configuration, { state, isCertain: true })).toBe(done);
  expect(isDone(configuration, { state, isCertain: false })).toBe(false);
});
