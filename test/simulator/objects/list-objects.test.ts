import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Listing, listObjects } from '../../../src/simulator/objects/list-objects.ts';
import { objectIndex } from '../../../src/simulator/objects/object-index.ts';
import type { StoredObject } from '../../../src/simulator/objects/stored-object.ts';

const PLACE = { bucket: 'b-1250000000', region: 'ap-shanghai' };

function stored(key: string): StoredObject {
  const digests = { md5: '', sha256: '', crc64: '0' };
  return { ...PLACE, ...digests, key, content: key, bytes: 0, lastModified: '', headers: {} };
}

const listed = (keys: readonly string[]) => objectIndex(keys.map(stored)).list(PLACE);

/** Everything that a listing shows, taken page by page. */
function inPages(keys: readonly string[], listing: Listing): { entries: string[]; pages: number } {
  const entries: string[] = [];
  let marker: string | null = listing.marker;
  let pages = 0;
  while (marker !== null) {
    const page = listObjects(listed(keys), { ...listing, marker });
    const count = page.objects.length + page.commonPrefixes.length;
    expect(count).toBeLessThanOrEqual(listing.maxKeys);
    if (page.nextMarker !== null) expect(count).toBe(listing.maxKeys);
    entries.push(...page.objects.map(({ key }) => key), ...page.commonPrefixes);
    marker = page.nextMarker;
    pages += 1;
  }
  return { entries, pages };
}

/** What the documentation says, without a thought for pages. */
function plainly(keys: readonly string[], { prefix, delimiter }: Listing): Set<string> {
  return new Set(
    keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        const rest = key.slice(prefix.length);
        if (delimiter === '' || !rest.includes(delimiter)) return key;
        return prefix + rest.slice(0, rest.indexOf(delimiter) + delimiter.length);
      }),
  );
}

const key = fc.string({
  unit: fc.constantFrom('a', 'b', '/', 'é', '😀'),
  minLength: 1,
  maxLength: 6,
});
const listings = fc.record({
  prefix: fc.constantFrom('', 'a', 'a/', '/', 'b/a'),
  delimiter: fc.constantFrom('', '/', 'b', '//'),
  marker: fc.constant(''),
  maxKeys: fc.integer({ min: 1, max: 7 }),
});

test('page by page a listing shows everything once, and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 25 }), listings, (keys, listing) => {
      const { entries } = inPages(keys, listing);
      expect(new Set(entries)).toEqual(plainly(keys, listing));
      expect(entries).toHaveLength(new Set(entries).size);
    }),
    { numRuns: 500 },
  );
});

test('the order is that of the keys’ bytes, whatever the order they came in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 })), (keys) => {
      const hex = listed(keys).map((object) => Buffer.from(object.key).toString('hex'));
      expect(hex).toEqual([...hex].sort());
    }),
  );
});

test('a full last page is the last', () => {
  const listing = { prefix: '', delimiter: '', marker: '', maxKeys: 2 };
  expect(inPages(['a', 'b', 'c', 'd'], listing)).toEqual({
    entries: ['a', 'b', 'c', 'd'],
    pages: 2,
  });
});

test('a marker need not be a key', () => {
  const listing = { prefix: '', delimiter: '/', marker: 'b/x', maxKeys: 10 };
  const { objects, commonPrefixes } = listObjects(listed(['a', 'b/y', 'c', 'd/e']), listing);
  expect(objects.map((object) => object.key)).toEqual(['c']);
  expect(commonPrefixes).toEqual(['d/']);
});
