import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rememberByBytes } from '../../src/slim/remember-by-bytes.ts';
import { runs } from '../support/runs.ts';

const hexOf = (bytes: Buffer) => {
  if (bytes.includes(0)) throw new RangeError('a zero byte');
  return { hex: bytes.toString('hex') };
};

const endOf = (read: () => unknown) => {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
};

test('what is remembered is what would be read, however full the memory is', () => {
  const recall = rememberByBytes(hexOf, { entries: 8, bytes: 3 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), (array) => {
      const bytes = Buffer.from(array);
      const read = endOf(() => hexOf(bytes));
      expect(endOf(() => recall(bytes))).toEqual(read);
      expect(endOf(() => recall(bytes))).toEqual(read);
    }),
    runs(2_000),
  );
});

test('a text is read once while there is room, and a long one each time', () => {
  let reads = 0;
  const recall = rememberByBytes(() => ({ read: ++reads }), { entries: 2, bytes: 3 });
  const readsOf = (...texts: string[]) => texts.map((text) => recall(Buffer.from(text)).read);
  expect(readsOf('a', 'b', 'a', 'b')).toEqual([1, 2, 1, 2]);
  expect(readsOf('long', 'long')).toEqual([3, 4]);
  expect(readsOf('c', 'a')).toEqual([5, 6]);
});

test('bytes that decode alike are not the same text', () => {
  const recall = rememberByBytes(hexOf, { entries: 8, bytes: 8 });
  expect(recall(Buffer.from([0xff])).hex).toBe('ff');
  expect(recall(Buffer.from([0xfe])).hex).toBe('fe');
});
