import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_LINE_BYTES, type ReadRecord, readRecord } from './chain.ts';
import { readLines } from './lines.ts';
import { AUDIT_RECORD, type AuditRecord } from './record-shape.ts';
import { numberOf, SEGMENT_NAME, segmentName } from './segment.ts';

type RecordOf<Kind extends AuditRecord['kind']> = Extract<AuditRecord, { kind: Kind }>;

/** The names of the segments that are there, in their order. */
export async function segmentNames(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => SEGMENT_NAME.test(name)).sort();
}

/**
 * The first name that is not the one due in a row of segments; null when none is missing.
 * @param pruned how many were taken out before them
 */
export function missingSegment(names: readonly string[], pruned: number): string | null {
  const index = names.findIndex((name, at) => name !== segmentName(pruned + at + 1));
  return index === -1 ? null : segmentName(pruned + index + 1);
}

/** A record in the shape of one kind; null when it is of another or not in shape. */
export function asKind<Kind extends AuditRecord['kind']>(
  record: ReadRecord | null,
  kind: Kind,
): RecordOf<Kind> | null {
  if (record?.kind !== kind) return null;
  // The kind has been compared, and the shape is that of the kind.
  return (AUDIT_RECORD.safeParse(record.members).data as RecordOf<Kind> | undefined) ?? null;
}

/** The first record of a segment; null when it does not begin with one. */
export async function firstRecord(path: string): Promise<ReadRecord | null> {
  for await (const { bytes } of readLines(path)) return bytes && readRecord(bytes);
  return null;
}

/** The last record of a segment without reading all of it; null when there is none at its end. */
export async function lastRecord(path: string): Promise<ReadRecord | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_LINE_BYTES + 2);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, length);
    if (text.at(-1) !== NEWLINE) return null;
    return readRecord(text.subarray(text.lastIndexOf(NEWLINE, length - 2) + 1, -1));
  } finally {
    await file.close();
  }
}

const NEWLINE = 10;

/** What of intents has to be looked for in earlier segments: their places by their request ids. */
type Wanted = ReadonlyMap<string, number>;

/**
 * The members of intents that were written before a segment, looked for from the latest on.
 * @param before the number of that segment
 */
export async function findIntents(
  directory: string,
  before: number,
  wanted: Wanted,
): Promise<Map<string, ReadRecord['members']>> {
  const found = new Map<string, ReadRecord['members']>();
  const names = (await segmentNames(directory)).filter((name) => numberOf(name) < before);
  for (const name of names.reverse()) {
    if (found.size >= wanted.size) break;
    for await (const { bytes } of readLines(join(directory, name))) {
      const intent = bytes?.includes('"kind":"intent"') ? readRecord(bytes) : null;
      if (intent !== null) keepWanted(found, wanted, intent);
    }
  }
  return found;
}

function keepWanted(
  found: Map<string, ReadRecord['members']>,
  wanted: Wanted,
  { position, members }: ReadRecord,
): void {
  const { requestId } = members;
  if (typeof requestId !== 'string' || wanted.get(requestId) !== position.seq) return;
  found.set(requestId, members);
}
