import { GENESIS } from '../../src/audit/chain.ts';
import { unsealedRecord } from '../../src/audit/record-text.ts';
import { pairs, textOf, written } from '../support/journal-facts.ts';
import { seal } from '../support/sealed-line.ts';

/** A good journal, and a number of ways to forge it. */
export const JOURNAL = written(pairs(4));
export const COUNT = JOURNAL.lines.length;

/** The journal's text with one line edited. */
export function edited(seq: number, edit: (line: string) => string): string {
  return textOf(JOURNAL.lines.map((line, index) => (index === seq - 1 ? edit(line) : line)));
}

/** Put another value in one member of a line, and write it as the journal would. */
export function withMember(line: string, name: string, value: unknown): string {
  return JSON.stringify({ ...JSON.parse(line), [name]: value });
}

/** Write the records anew from one on, as somebody would who knows how. */
export function rechained(seq: number): string {
  const lines = JOURNAL.lines.slice(0, seq - 1);
  let previous = JOURNAL.positions[seq - 2] ?? GENESIS;
  for (const line of JOURNAL.lines.slice(seq - 1)) {
    const { v, seq: place, previous: link, at, ...body } = JSON.parse(line);
    const method = place === seq ? 'POST' : body.method;
    const sealed = seal(unsealedRecord({ ...body, method }, new Date(at)), previous);
    lines.push(sealed.bytes.toString().trimEnd());
    previous = sealed.position;
  }
  return textOf(lines);
}
