import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode } from '../../src/audit/chain.ts';
import { indexedRecord, pickSearched, readHead, searchedOf } from '../../src/audit/index-row.ts';
import { closing, denial, intent, requestFacts, written } from '../support/journal-facts.ts';

const { lines } = written([intent(), closing(), denial()]);
const [, ofChange = '', ofDenial = ''] = lines;

test.each([
  { name: 'the closing of a change', line: ofChange },
  { name: 'a denial', line: ofDenial },
])('$name is picked as it is parsed', ({ line }) => {
  const picked = pickSearched(Buffer.from(line));
  expect(picked).not.toBeNull();
  expect(picked).toEqual(searchedOf(JSON.parse(line)));
});

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(',"tenant":{"name":"other"', '","outcome":"applied', 'null', '\\', '"', 'ä'),
);

test('whatever texts are in a closing, it is picked as it is parsed or left to that', () => {
  const members = JSON.parse(ofChange);
  fc.assert(
    fc.property(text, text, text, fc.option(text), (path, subject, bucket, tenant) => {
      const facts = requestFacts();
      const line = encode({
        ...members,
        path,
        tenant: { ...facts.tenant, name: tenant, subject },
        operation: { ...facts.operation, bucket },
      });
      const bytes = Buffer.from(line);
      const head = readHead(bytes);
      const { seq, at, kind, line: kept, ...searched } = (head && indexedRecord(head, bytes)) ?? {};
      expect(searched).toEqual(searchedOf(JSON.parse(line)));
      expect({ seq, at, kind }).toEqual({ seq: members.seq, at: Date.parse(members.at), kind });
      expect(kept).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});
