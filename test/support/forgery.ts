import { encode, type JournalPosition } from '../../src/audit/chain.ts';
import { seal } from './sealed-line.ts';
import { testKey } from './signed-journal.ts';

type Members = Readonly<Record<string, unknown>>;

/** What one without the key makes of a checkpoint that has come to follow `head`. */
export type Forge = (members: Members, head: JournalPosition) => Members | null;

const FORGER = testKey().signing;

/** What can be done about a checkpoint; null leaves it out. */
export const FORGERIES: readonly Forge[] = [
  (members) => members,
  (members, head) => ({ ...members, head }),
  (members, head) => ({ ...members, head, keyId: FORGER.id, signature: FORGER.sign('any') }),
  () => null,
];

/** Write records anew behind `head`, with good links and good hashes. */
export function rechained(lines: readonly string[], start: JournalPosition, forge: Forge) {
  const written: string[] = [];
  let head = start;
  for (const line of lines) {
    const members = JSON.parse(line);
    const forged = members.kind === 'checkpoint' ? forge(members, head) : members;
    if (forged === null) continue;
    const { v, seq, previous, at, ...body } = forged;
    const { bytes, position } = seal({ at, members: [encode(body).slice(1)] }, head);
    written.push(bytes.toString().slice(0, -1));
    head = position;
  }
  return { lines: written, head };
}
