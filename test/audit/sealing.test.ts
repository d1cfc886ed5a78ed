import { expect, test } from 'vitest';
import { GENESIS, type JournalPosition, type UnsealedRecord } from '../../src/audit/chain.ts';
import { LineBuffer } from '../../src/audit/line-buffer.ts';
import { createRecordWriter, unsealedRecord } from '../../src/audit/record-text.ts';
import { Sealing } from '../../src/audit/sealing.ts';
import { NOW, pairs } from '../support/journal-facts.ts';
import { seal } from '../support/sealed-line.ts';
import { testKey } from '../support/signed-journal.ts';

const OPTIONS = { key: testKey().signing, now: () => NOW, checkpointRecords: 1_000_000 };

/** One by one, each with memory of its own. */
function plainly(records: readonly UnsealedRecord[], head: JournalPosition) {
  const positions = [head];
  const lines = records.map((record) => {
    const { bytes, position } = seal(record, positions.at(-1) ?? head);
    positions.push(position);
    return bytes;
  });
  return { bytes: Buffer.concat(lines), positions: positions.slice(1) };
}

test('batches that share their memory are the bytes that each record is alone', () => {
  const writeRecord = createRecordWriter();
  const texts = pairs(8).map((facts) => ({ ...writeRecord(facts), at: NOW.toISOString() }));
  const beyondAscii = unsealedRecord({ kind: 'x', text: 'é€\u{1f600}\u2028"\\' }, NOW);
  const large = unsealedRecord({ kind: 'x', text: '…'.repeat(70_000) }, NOW);
  const lines = new LineBuffer();
  let state = { journal: 'j', head: GENESIS, unsigned: 0, within: 1_000_000 };
  for (const batch of [texts, [beyondAscii], [large, ...texts, large, large], [], texts]) {
    const sealing = new Sealing(state, OPTIONS, lines);
    const positions = batch.map((record) => sealing.add(record));
    const plain = plainly(batch, state.head);
    expect(positions).toEqual(plain.positions);
    expect(sealing.bytes.equals(plain.bytes)).toBe(true);
    expect(sealing.size).toBe(plain.bytes.length);
    state = sealing.state;
  }
});
