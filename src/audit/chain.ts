import { hash } from 'node:crypto';

/** A place in the journal: the record's sequence number and the SHA-256 of its line, in hex. */
export interface JournalPosition {
  readonly seq: number;
  readonly hash: string;
}

/** The head of an empty journal: what the first record continues. */
export const GENESIS: JournalPosition = { seq: 0, hash: '0'.repeat(64) };

/** The longest line that can be a record, in bytes: above what the bounds of a record allow. */
export const MAX_LINE_BYTES = 256 * 1024;

/** A record as text: what stands behind its time and place, from `"kind"` to `}`. */
export interface RecordText {
  readonly kind: string;
  /** What an intent and its closing have in common; null for other kinds. */
  readonly requestId: string | null;
  /** In pieces that follow each other: to join them would be to copy them once more. */
  readonly members: readonly string[];
}

/** A record before it has its place. */
export interface UnsealedRecord extends RecordText {
  readonly at: string;
}

/** What the line of a record behind `previous` begins with, before its members. */
export function placeText(previous: JournalPosition, at: string): string {
  return `{"v":1,"seq":${previous.seq + 1},"previous":"${previous.hash}","at":"${at}",`;
}

/** Where a line stands behind `previous`. */
export function placeBehind(previous: JournalPosition, line: Uint8Array): JournalPosition {
  return { seq: previous.seq + 1, hash: hash('sha256', line) };
}

const DELETE = '\u007f';
/** Beyond these a text is looked at closely: most are plain, and the look takes long. */
const NOT_PLAIN = /[^ -~]/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The one JSON text of a value: what could end a line, move a cursor or turn the reading direction
 * is written as `\uXXXX`. Lone surrogates are escaped by JSON.stringify itself.
 */
export function encode(value: object): string {
  const text = JSON.stringify(value);
  // INVARIANT: what JSON leaves as it is and `printable` does not, is DEL or beyond ASCII. To look
  // for these costs next to nothing.
  const isPlain = Buffer.byteLength(text) === text.length && !text.includes(DELETE);
  return isPlain ? text : printable(text);
}

/** A text in which nothing moves a cursor: also what a terminal is given. */
export function printable(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text.replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => unitEscape(character, index)).join(''),
  );
}

function unitEscape(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
}

/** A line that was read back. */
export interface ReadRecord {
  readonly position: JournalPosition;
  /** The hash of the record that it says it continues. */
  readonly previous: string;
  readonly kind: string;
  /** All members, those of its place included. */
  readonly members: Readonly<Record<string, unknown>>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Read a line without its newline; null when it is no record of this version. Repeated members are
 * not looked for, which would take most of the time: who needs to know compares with `encode`.
 */
export function readRecord(line: Buffer): ReadRecord | null {
  const members = readMembers(line);
  if (members === null) return null;
  const { v, seq, previous, at, kind } = members;
  if (v !== 1 || typeof seq !== 'number' || typeof previous !== 'string') return null;
  if (typeof at !== 'string' || typeof kind !== 'string') return null;
  return { position: { seq, hash: hash('sha256', line) }, previous, kind, members };
}

/** All members of a line without its newline, whatever they are; null when it is no object. */
export function readMembers(line: Buffer): ReadRecord['members'] | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(line));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    // The cast says nothing of the members: who uses one looks at it.
    return isObject ? (value as ReadRecord['members']) : null;
  } catch {
    return null;
  }
}

/** Why a record is not the next one, in the words of a report. */
export type LinkProblem = 'not the next sequence number' | 'a broken link';

/** Whether a record that was read is the next one behind `previous`: null when it is. */
export function linkProblem(
  record: Pick<ReadRecord, 'position' | 'previous'>,
  previous: JournalPosition,
): LinkProblem | null {
  if (record.position.seq !== previous.seq + 1) return 'not the next sequence number';
  return record.previous === previous.hash ? null : 'a broken link';
}
