import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIsoText } from '../../src/audit/iso-text.ts';

test('moments are written as toISOString does, whichever came before', () => {
  const near = fc.array(fc.integer({ min: -3_000, max: 3_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), near, (date, steps) => {
      const isoText = createIsoText();
      for (const step of steps) {
        const at = new Date(date.getTime() + step);
        if (!Number.isNaN(at.getTime())) expect(isoText(at)).toBe(at.toISOString());
      }
    }),
  );
});

test('what is no moment throws, and is not taken for the last one', () => {
  const isoText = createIsoText();
  isoText(new Date(0));
  expect(() => isoText(new Date(Number.NaN))).toThrow(RangeError);
  expect(isoText(new Date(1))).toBe('1970-01-01T00:00:00.001Z');
});
