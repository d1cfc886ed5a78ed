import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, GENESIS, type JournalPosition } from '../../src/audit/chain.ts';
import { readPlainLine } from '../../src/audit/plain-line.ts';
import { parsedLine } from '../../src/audit/walked-line.ts';
import { closing, denial, intent, written } from '../support/journal-facts.ts';

const { lines, positions } = written([intent(), closing(), denial()]);
const headBefore = (index: number): JournalPosition => positions[index - 1] ?? GENESIS;

/** What both ways of reading say of a line; null where one takes it for no good record. */
function bothWays(line: Buffer, head: JournalPosition) {
  const plain = readPlainLine(line, head);
  const { record, link } = parsedLine(line);
  if (record === null || (record.kind !== 'intent' && record.kind !== 'closing')) {
    return { plain, parsed: null };
  }
  const { kind, seq, requestId, outcome } = record;
  const { name, isDryRun } = record.operation;
  const isNext = link.previous === head.hash && seq === head.seq + 1;
  const parsed = { kind, seq, requestId, operation: { name, isDryRun }, outcome };
  return { plain, parsed: isNext ? parsed : null };
}

describe('the short way of reading a line', () => {
  test.each([
    { name: 'an intent', index: 0 },
    { name: 'the closing of a change', index: 1 },
    { name: 'a denial', index: 2 },
  ])('takes $name, and says what the long way says', ({ index }) => {
    const { plain, parsed } = bothWays(Buffer.from(lines[index] ?? ''), headBefore(index));
    expect(plain).not.toBeNull();
    expect(plain).toEqual(parsed);
  });

  test.each(['stateBefore', 'peerAddress'])('takes a line from before it had %s', (name) => {
    const { [name]: _, ...members } = JSON.parse(lines[0] ?? '');
    const { plain, parsed } = bothWays(Buffer.from(encode(members)), GENESIS);
    expect(plain).toMatchObject({ kind: 'intent', requestId: members.requestId });
    expect(plain).toEqual(parsed);
  });

  test('takes a line with a change of the policy table', () => {
    const { kind, ...place } = JSON.parse(lines[0] ?? '');
    const { outcome, status, code, upstreamStatus, upstreamCode, ...rest } = place;
    const { upstreamRequestId, attempts, durationMs, ...request } = rest;
    const version = { number: 2, digest: 'ab'.repeat(32) };
    const policyChange = { from: { number: null, digest: null }, to: version, isForced: false };
    const { v, seq, previous, at, ...said } = request;
    const ending = { upstreamStatus, upstreamCode, upstreamRequestId, attempts, durationMs };
    const members = { v, seq, previous, at, kind, ...said, policyChange, outcome, status, code };
    const line = Buffer.from(encode({ ...members, ...ending }));
    const { plain, parsed } = bothWays(line, GENESIS);
    expect(plain).not.toBeNull();
    expect(plain).toEqual(parsed);
  });

  test('takes nothing that the long way refuses, whatever bytes are changed', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0x20, max: 0x100 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.nat(2), changes, (index, bytes) => {
        const line = Buffer.from(lines[index] ?? '');
        for (const { at, byte } of bytes) line[at % line.length] = byte;
        const { plain, parsed } = bothWays(line, headBefore(index));
        if (plain !== null) expect(plain).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    { name: 'of the longest length', requestId: 'x'.repeat(256), isPlain: true },
    { name: 'that is too long', requestId: 'x'.repeat(257), isPlain: false },
    { name: 'with an escape', requestId: 'a\nb', isPlain: false },
    { name: 'beyond ASCII', requestId: 'ä', isPlain: false },
  ])('takes a text $name: $isPlain', ({ requestId, isPlain }) => {
    const members = { ...JSON.parse(lines[0] ?? ''), requestId };
    expect(readPlainLine(Buffer.from(encode(members)), GENESIS) !== null).toBe(isPlain);
  });

  test.each<{ name: string; members: object }>([
    { name: 'a list that is too long', members: { modes: Array(33).fill('Auto') } },
    { name: 'a value of another type', members: { region: 7 } },
    { name: 'a member too many', members: { more: null } },
    { name: 'an operation that there is not', members: { name: 'destroy' } },
  ])('leaves $name to the long way', ({ members }) => {
    const { operation, ...record } = JSON.parse(lines[0] ?? '');
    const { bucket, ...rest } = operation;
    const edited = { ...record, operation: { ...rest, bucket, ...members } };
    expect(readPlainLine(Buffer.from(encode(edited)), GENESIS)).toBeNull();
  });

  test('takes a line for the next one alone', () => {
    const line = Buffer.from(lines[1] ?? '');
    expect(readPlainLine(line, GENESIS)).toBeNull();
    expect(readPlainLine(line, { ...headBefore(1), seq: 7 })).toBeNull();
  });
});
