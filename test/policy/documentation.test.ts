import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONDITION_KEYS, KEY_NAMES } from '../../src/policy/condition-key.ts';
import type { DecisionReason } from '../../src/policy/decide.ts';
import { OPERATORS } from '../../src/policy/operators.ts';
import { parsePolicyTable } from '../../src/policy/parse-table.ts';
import { decideIn, type TestRequest, type TestRow } from './asking.ts';

const PAGE = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const BLOCKS = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

/** The rows of all tables of a text, as their cells. */
const tableRows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

const section = (title: string, next: string) => PAGE.split(title)[1]?.split(next)[0] ?? '';

test('the table at the top of the page loads', () => {
  const table = parsePolicyTable(BLOCKS[0] ?? '', new Set(['media']));
  expect(table.statements.map(({ id, author }) => [id, author])).toEqual([
    ['photos-examplebucket', 'ines'],
  ]);
  const more = (BLOCKS[1] ?? '').replace(/^/gm, '  ');
  const { statements } = parsePolicyTable(`${BLOCKS[0]}${more}`, new Set(['media']));
  expect(statements.map(({ id }) => id)).toEqual(['photos-examplebucket', 'from-cam/1']);
});

/** Each example: the rows of the table, and what is asked of them. */
const EXAMPLES = section('## Examples', '## Where')
  .split('```yaml\n')
  .slice(1)
  .map((part) => {
    const [rows = '', calls = ''] = part.split('```\n');
    return { name: /- id: (\S+)/.exec(rows)?.[1], rows: parse(rows) as TestRow[], calls };
  });

const OPERATION = { PUT: 'enable', GET: 'describe', DELETE: 'disable' } as const;

function requestOf(call: string, facts: string): TestRequest {
  const [method, body] = call.split(/ (.*)/) as [keyof typeof OPERATION, string?];
  const { modes, suffixes = [] } = body === undefined ? {} : JSON.parse(body);
  return {
    operation: OPERATION[method],
    ...(modes && { modes, suffixes }),
    ...parse(`{${facts}}`),
  };
}

describe.for(EXAMPLES)('the example that begins with $name', ({ rows, calls }) => {
  test.for(tableRows(calls))('%s, %s: %s', ([call, facts, decision]) => {
    const request = requestOf(quoted(call)[0] ?? '', quoted(facts)[0] ?? '');
    const { reason, statements } = decideIn({ photos: 'media' }, rows, {
      tenant: 'photos',
      ...request,
    });
    expect([reason, ...statements]).toEqual(quoted(decision));
  });
});

test('the examples decide in every way that conditions bring', () => {
  const reasons = EXAMPLES.flatMap(({ calls }) => tableRows(calls).map((row) => quoted(row[2])[0]));
  expect(EXAMPLES).toHaveLength(4);
  expect(reasons.length).toBeGreaterThan(20);
  expect(new Set(reasons)).toEqual(
    new Set(['allowed', 'default-deny', 'explicit-deny', 'undecidable-deny']),
  );
});

test('the page names every operator, with what it compares, and no other', () => {
  const rows = tableRows(section('| operator', '\n\n- A time'));
  const shown = rows.flatMap(([names, type]) => quoted(names).map((name) => [name, type]));
  expect(shown).toEqual([...OPERATORS].map(([name, { type }]) => [name, type]));
});

test('the page names every condition key, with its type, and no other', () => {
  const rows = tableRows(section('| key', 'The first two'));
  expect(rows.map(([name]) => quoted(name)[0])).toEqual(KEY_NAMES);
  for (const [name, type] of rows) {
    const key = CONDITION_KEYS.get(quoted(name)[0] ?? '');
    if (key) expect(type).toBe([...key.types, ...(key.isSet ? ['a set'] : [])].join(', '));
  }
});

test('the page names every reason', () => {
  const reasons: Readonly<Record<DecisionReason, string>> = {
    'unknown-tenant': 'denied',
    'other-account': 'denied',
    'explicit-deny': 'denied',
    'undecidable-deny': 'denied',
    allowed: 'allowed',
    'default-deny': 'denied',
  };
  const rows = tableRows(section('| reason', '| call'));
  expect(Object.fromEntries(rows.map(([name, , outcome]) => [quoted(name)[0], outcome]))).toEqual(
    reasons,
  );
});
