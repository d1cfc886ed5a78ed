import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { pointerOf, segmentsOf } from '../../src/policy/locate-problem.ts';
import { diffTables } from '../../src/policy/table-diff.ts';
import { tableDocument, versionName } from '../../src/policy/table-document.ts';

test('a document has one text and one digest, whatever it was written in', () => {
  const yaml = parse(`
# a comment
version: 1
tenants: { b: { subAccount: media }, a: { subAccount: media } }
statements:
  - { principal: tenant/a, id: one, "condition": { x: { "z": 1, "y": [2, 1] } } }
`);
  const json = JSON.parse(
    '{"statements":[{"id":"one","condition":{"x":{"y":[2,1],"z":1}},"principal":"tenant/a"}],' +
      '"tenants":{"b":{"subAccount":"media"},"a":{"subAccount":"media"}},"version":1}',
  );
  expect(tableDocument(yaml)).toEqual(tableDocument(json));
  expect(tableDocument(yaml)).toEqual({
    text:
      '{"statements":[{"condition":{"x":{"y":[2,1],"z":1}},"id":"one","principal":"tenant/a"}],' +
      '"tenants":{"b":{"subAccount":"media"},"a":{"subAccount":"media"}},"version":1}',
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test.for([
  ['null', null],
  ['a text', 'x'],
  ['a list', [1]],
  ['a member called __proto__', JSON.parse('{"__proto__":{"a":1}}')],
] as const)('%s has a document too, for others to refuse', ([, value]) => {
  expect(JSON.parse(tableDocument(value).text)).toEqual(value);
});

test('a version is named by its number and the beginning of its digest', () => {
  expect(versionName(7, '0123456789abcdef'.repeat(4))).toBe('7:0123456789abcdef');
});

const DOCUMENT = {
  tenants: { photos: { subAccount: 'x' } },
  statements: [{}, { id: 'one', condition: { ip_equal: { 'qcs:ip': ['a', 'b'], 'a.b': 1 } } }],
};

test.for([
  [
    'statements[1] `one`.condition.ip_equal.qcs:ip[1]: no address',
    '/statements/1/condition/ip_equal/qcs:ip/1',
  ],
  ['statements[1] `one`.condition.ip_equal.a.b: no', '/statements/1/condition/ip_equal/a.b'],
  ['statements[1] `one`: unknown member `x`', '/statements/1'],
  ['statements[1] `one`.action: is missing', '/statements/1'],
  ['tenants.photos.subAccount: `x` is not configured', '/tenants/photos/subAccount'],
  ['tenants.nobody: is missing', '/tenants'],
  ['statements: the id `one` stands 2 times', '/statements'],
  ['version: must be 1', ''],
  ['line 3, column 1: no', ''],
  ['', ''],
] as const)('the problem `%s` is at %s', ([problem, pointer]) => {
  expect(pointerOf(segmentsOf(problem, DOCUMENT))).toBe(pointer);
});

test('two tables differ by what was added, removed and changed', () => {
  const text = (statements: unknown[], tenants: object) =>
    tableDocument({ version: 1, tenants, statements }).text;
  const before = text([{ id: 'a', note: '1' }, { id: 'b' }, { id: 'c' }], {
    x: { subAccount: 'm' },
  });
  const after = text([{ id: 'd' }, { id: 'c' }, { id: 'a', note: '2' }], {
    x: { subAccount: 'n' },
  });
  expect(diffTables(before, after)).toEqual({
    tenants: { added: [], removed: [], changed: ['x'] },
    statements: { added: ['d'], removed: ['b'], changed: ['a'] },
  });
  expect(diffTables(null, before).statements.added).toEqual(['a', 'b', 'c']);
});
