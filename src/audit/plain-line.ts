import { z } from 'zod';
import type { JournalPosition } from './chain.ts';
import type { PairedRecord } from './pairing.ts';
import { membersPattern } from './plain-json.ts';
import { MAX_TEXT } from './record.ts';
import { AUDIT_RECORD } from './record-shape.ts';

const QUOTE = 0x22;
const REQUEST_ID = '"requestId":"';

/** Captured, in this order. */
const WANTED = new Set(['requestId', 'operation.name', 'operation.isDryRun', 'outcome']);

/** The members behind the link of an intent and of a closing, to the end of the line. */
const PATTERNS = (['intent', 'closing'] as const).map((kind) => {
  const shape = AUDIT_RECORD.options.find((option) => option.shape.kind.value === kind);
  const members = membersPattern(z.toJSONSchema(shape ?? z.never()), WANTED);
  return { kind, pattern: new RegExp(`${members.slice(members.indexOf('"at":'))}\\}$`, 'y') };
});

/**
 * Read a line that continues `head` and is an intent or a closing in the very text that the journal
 * writes, several times as fast as by parsing it; null for any other line, good or bad.
 * @param line without its newline
 */
export function readPlainLine(line: Buffer, head: JournalPosition): PairedRecord | null {
  const text = line.toString('latin1');
  const place = `{"v":1,"seq":${head.seq + 1},"previous":"${head.hash}",`;
  if (!text.startsWith(place) || hasLongText(line)) return null;
  for (const { kind, pattern } of PATTERNS) {
    pattern.lastIndex = place.length;
    const found = pattern.exec(text);
    if (found !== null) return recordOf(found, { line, kind, seq: head.seq + 1 });
  }
  return null;
}

function recordOf(
  found: RegExpExecArray,
  { line, kind, seq }: Pick<PairedRecord, 'kind' | 'seq'> & { readonly line: Buffer },
): PairedRecord {
  const id = found.input.indexOf(REQUEST_ID) + REQUEST_ID.length;
  const isDryRun = found[3] === 'null' ? null : found[3] === 'true';
  return {
    kind,
    seq,
    // A text of its own: a part of the line's text would keep all of it in memory.
    requestId: line.toString('latin1', id, id + (found[1] ?? '').length - 2),
    operation: { name: unquoted(found[2]), isDryRun },
    outcome: unquoted(found[4]),
  };
}

/** Whether there is no quote for longer than the longest text allows; line 1 of all begins `{"`. */
function hasLongText(line: Buffer): boolean {
  for (let at = 1; at + MAX_TEXT + 1 < line.length; ) {
    let next = at + MAX_TEXT + 1;
    while (next > at && line[next] !== QUOTE) next -= 1;
    if (next === at) return true;
    at = next;
  }
  return false;
}

function unquoted(text = 'null'): string | null {
  return text === 'null' ? null : text.slice(1, -1);
}
