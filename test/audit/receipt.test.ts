import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAX_SIGNED_TOGETHER, signReceipts, verifyReceipt } from '../../src/audit/receipt.ts';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { faultyFile, journalIn, temporaryDirectory } from '../support/journal.ts';
import { closing, denial, intent, NOW, requestFacts } from '../support/journal-facts.ts';
import { signedJournal, testKey, writeJournal } from '../support/signed-journal.ts';

const KEY = testKey();
const FACTS = {
  journal: 'AAAAAAAAAAAAAAAAAAAAAA',
  seq: 9_007_199_254_740_991,
  hash: 'ab'.repeat(32),
  requestId: 'b8f1f9c2-7d3a-4f7e-9a53-0d7f6b1c2e3d',
  at: NOW.toISOString(),
};
const signAlone = (facts: typeof FACTS) => signReceipts([facts], KEY.signing)[0] ?? '';
const ALONE = signAlone(FACTS);
/** In the middle of many. */
const MANY = Array.from({ length: 37 }, (_, seq) => ({ ...FACTS, seq: seq + 1 }));
const RECEIPT = signReceipts(MANY, KEY.signing)[20] ?? '';

describe('a receipt', () => {
  test('is verified with the public key alone, and fits into a header', () => {
    expect(verifyReceipt(ALONE, KEY.keys)).toEqual({
      receipt: { ...FACTS, keyId: KEY.signing.id },
    });
    expect(ALONE.length).toBeLessThanOrEqual(512);
    expect(ALONE).toMatch(/^[\w-]+\.\.[\w-]+$/);
  });

  test.each([1, 2, 3, 4, 5, 7, 8, 31, 64, MAX_SIGNED_TOGETHER])(
    'of %i that were signed together holds without the others, and for its own call alone',
    (count) => {
      const all = Array.from({ length: count }, (_, seq) => ({ ...FACTS, seq: seq + 1 }));
      const receipts = signReceipts(all, KEY.signing);
      expect(new Set(receipts).size).toBe(count);
      for (const [index, text] of receipts.entries()) {
        const receipt = { ...all[index], keyId: KEY.signing.id };
        expect(verifyReceipt(text, KEY.keys)).toEqual({ receipt });
        expect(text.length).toBeLessThan(1_024);
        const [payload, , signature] = text.split('.');
        const [, proof] = receipts[(index + 1) % count]?.split('.') ?? [];
        const isOwn = verifyReceipt(`${payload}.${proof}.${signature}`, KEY.keys);
        expect('receipt' in isOwn).toBe(count === 1);
      }
    },
  );

  test('cannot be made of a node of the tree: a proof that is one sibling short, or long', () => {
    const [payload, proof = '', signature] = RECEIPT.split('.');
    for (const other of [proof.slice(44), proof.slice(0, -44), proof + proof.slice(-44)]) {
      expect(verifyReceipt(`${payload}.${other}.${signature}`, KEY.keys)).toEqual({
        problem: 'a signature that does not hold',
      });
    }
  });

  test('with any one character changed, left out or added is refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    for (let at = 0; at < RECEIPT.length; at += 1) {
      const [before, after] = [RECEIPT.slice(0, at), RECEIPT.slice(at + 1)];
      // All others at its last digits, where base64url has unused bits; some elsewhere.
      const isEnd = RECEIPT[at + 1] === '.' || at === RECEIPT.length - 1;
      const others = isEnd ? [...alphabet] : ['A', '-', '.', 'z', String.fromCharCode(233)];
      const changed = others.filter((other) => other !== RECEIPT[at]);
      const texts = [...changed.map((other) => before + other + after), before + after];
      for (const text of [...texts, `${before}x${RECEIPT.slice(at)}`]) {
        expect([text, verifyReceipt(text, KEY.keys)]).toEqual([
          text,
          { problem: expect.any(String) },
        ]);
      }
    }
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'a dot', text: '.' },
    { name: 'another signature', text: `${ALONE.split('.')[0]}..${'A'.repeat(86)}` },
    { name: 'a receipt of two parts', text: ALONE.replace('..', '.') },
    {
      name: 'a proof of too many siblings',
      text: ALONE.replace('..', `.${`l${'A'.repeat(43)}`.repeat(11)}.`),
    },
    { name: 'a long text', text: 'A'.repeat(1_000_000) },
    { name: 'JSON that is no receipt', text: `${Buffer.from('null').toString('base64url')}.AA` },
  ])('is not $name', ({ text }) => {
    expect(verifyReceipt(text, KEY.keys)).toHaveProperty('problem');
  });

  test('of another key is not believed', () => {
    expect(verifyReceipt(RECEIPT, testKey().keys)).toEqual({
      problem: `signed with a key that is not known (${KEY.signing.id})`,
    });
    const imposter = new Map([
      [KEY.signing.id, [...testKey().keys.values()][0]],
    ]) as typeof KEY.keys;
    expect(verifyReceipt(RECEIPT, imposter)).toEqual({ problem: 'a signature that does not hold' });
  });
});

const NOWHERE = { seq: 0, hash: '' };

describe('the receipt of a closing', () => {
  async function receipted() {
    const directory = await temporaryDirectory();
    const { faults, openFile } = faultyFile();
    const journal = await journalIn(directory, { openFile });
    const request = requestFacts();
    await journal.append(intent(request));
    const position = await journal.append(closing(request));
    const { syncs } = faults;
    const receipt = await journal.receipt(position, request.requestId);
    expect(faults.syncs).toBe(syncs);
    await journal.append(denial());
    await journal.close();
    const keys = parsePublicKeys(await readFile(join(directory, 'audit-signing.pub.pem'), 'utf8'));
    return { directory, receipt, keys, position, requestId: request.requestId, journal };
  }
  const asked = (text: string) => ({ witnesses: [{ kind: 'receipt', text }] as const });

  test('costs no sync, and stands in the journal', async () => {
    const { directory, receipt, keys, position, requestId } = await receipted();
    expect(verifyReceipt(receipt, keys)).toMatchObject({ receipt: { ...position, requestId } });
    const report = await verifyJournal(directory, { keys, ...asked(receipt) });
    expect(report).toMatchObject({ isIntact: true, witnesses: [{ problem: null }] });
  });

  test('shares its signature with those of its commit; one that is asked for later holds as well', async () => {
    const directory = await temporaryDirectory();
    const journal = await journalIn(directory);
    const requests = Array.from({ length: MAX_SIGNED_TOGETHER + 3 }, () => requestFacts());
    const positions = await Promise.all(
      requests.map((request) => journal.append(closing(request))),
    );
    const issued = await Promise.all(
      positions.map((position, index) =>
        journal.receipt(position, requests[index]?.requestId ?? ''),
      ),
    );
    const signatures = issued.map((text) => text.split('.')[2]);
    expect(new Set(signatures).size).toBe(2);
    expect(new Set(issued).size).toBe(requests.length);
    await journal.append(denial());
    const [position = NOWHERE, { requestId } = FACTS] = [positions[5], requests[5]];
    const later = await journal.receipt(position, requestId);
    expect(later).toMatch(/^[\w-]+\.\.[\w-]+$/);
    const keys = parsePublicKeys(await readFile(join(directory, 'audit-signing.pub.pem'), 'utf8'));
    for (const text of [later, issued[5] ?? '', issued.at(-1) ?? '']) {
      expect(verifyReceipt(text, keys)).toHaveProperty('receipt');
    }
    expect(verifyReceipt(later, keys)).toMatchObject({ receipt: { ...position, requestId } });
    expect(verifyReceipt(issued[5] ?? '', keys)).toMatchObject({
      receipt: { ...position, requestId },
    });
  });

  test('is never that of another call, whatever place is named', async () => {
    const journal = await journalIn(await temporaryDirectory());
    const request = requestFacts();
    const position = await journal.append(closing(request));
    const statedOf = (text: string) =>
      JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString());
    const other = await journal.receipt(position, 'another');
    expect(statedOf(other)).toMatchObject({ ...position, requestId: 'another' });
    const elsewhere = { ...position, hash: 'ab'.repeat(32) };
    const moved = await journal.receipt(elsewhere, request.requestId);
    expect(statedOf(moved)).toMatchObject(elsewhere);
  });

  test('does not stand in another journal of the same key', async () => {
    const [one, two] = ['one', 'two'].map((journal) =>
      signedJournal({ journal, key: KEY, segments: 2, recordsPerSegment: 20, within: 5 }),
    );
    if (one === undefined || two === undefined) throw new Error('two journals are needed');
    const directory = await writeJournal(await temporaryDirectory(), two);
    const receipt = signAlone({ ...FACTS, journal: one.journal, seq: 4 });
    const report = await verifyJournal(directory, { keys: KEY.keys, ...asked(receipt) });
    expect(report).toMatchObject({
      isIntact: true,
      witnesses: [{ problem: 'of another journal (one)' }],
    });
  });

  test('shows that a journal was cut, or another record put in its place', async () => {
    const made = (seed: string) => {
      const size = { key: KEY, segments: 1, recordsPerSegment: 40, within: 1_000 };
      return { ...signedJournal({ ...size, journal: 'same', isKilled: true }), seed };
    };
    const [first, second] = [made('one'), made('two')];
    const { head } = first.starts.at(-1) ?? { head: FACTS };
    const requestId = String(JSON.parse(first.segments[0]?.at(-1) ?? '{}').requestId);
    const receipt = signAlone({ ...FACTS, ...head, journal: 'same', requestId });
    const cut = { ...first, segments: [first.segments[0]?.slice(0, -1) ?? []] };
    for (const [journal, problem] of [
      [cut, `the journal ends at ${head.seq - 1}, before ${head.seq}`],
      [second, `another record stands at ${head.seq}`],
    ] as const) {
      const directory = await writeJournal(await temporaryDirectory(), journal);
      const report = await verifyJournal(directory, asked(receipt));
      expect(report.isIntact).toBe(true);
      const withKey = await verifyJournal(directory, { keys: KEY.keys, ...asked(receipt) });
      expect(withKey).toMatchObject({ isIntact: false, witnesses: [{ problem }] });
    }
  });
});
