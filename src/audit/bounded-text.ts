import { MAX_ITEMS, MAX_TEXT } from './record.ts';

const CUT = '…';

/** Cut a text to the bound of a record, never through the middle of a surrogate pair. */
export function boundedText(value: string): string {
  if (value.length <= MAX_TEXT) return value;
  return value.slice(0, MAX_TEXT - CUT.length).replace(/[\ud800-\udbff]$/, '') + CUT;
}

/** Cut a list to the bound of a record; its texts are as they were. */
export function boundedList(values: readonly string[]): readonly string[] {
  return values.length <= MAX_ITEMS ? values : [...values.slice(0, MAX_ITEMS - 1), CUT];
}

/** A text of a record: bounded, and null where there is none. */
export function textOrNull(value: string | null | undefined): string | null {
  return value === undefined || value === null ? null : boundedText(value);
}

/** A list of texts of a record: bounded as each of them, and null where there is none. */
export function textsOrNull(values: readonly string[] | null | undefined): string[] | null {
  return values === undefined || values === null ? null : boundedList(values).map(boundedText);
}
