import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GENESIS, type JournalPosition } from '../../src/audit/chain.ts';
import { segmentHeader } from '../../src/audit/chain-writer.ts';
import type { Checkpoint } from '../../src/audit/checkpoint.ts';
import { followIntent } from '../../src/audit/open-intents.ts';
import type { RecordFacts } from '../../src/audit/record.ts';
import { createRecordWriter, unsealedRecord } from '../../src/audit/record-text.ts';
import { Sealing } from '../../src/audit/sealing.ts';
import { segmentName } from '../../src/audit/segment.ts';
import {
  type PublicKeys,
  parsePublicKeys,
  parseSigningKey,
  type SigningKey,
} from '../../src/audit/signing-key.ts';
import { JournalWalk, type WalkStart } from '../../src/audit/walk.ts';
import { Secret } from '../../src/secret.ts';
import { closing, denial, intent, NOW, requestFacts } from './journal-facts.ts';

/** A key pair as a gateway and an auditor have it. */
export interface TestKey {
  readonly pem: Secret;
  readonly signing: SigningKey;
  readonly publicPem: string;
  readonly keys: PublicKeys;
}

export function testKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = new Secret(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const publicPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  return { pem, signing: parseSigningKey(pem), publicPem, keys: parsePublicKeys(publicPem) };
}

/** A journal as the gateway writes it, made in memory: no disk, no syncs. */
export interface SignedJournal {
  readonly journal: string;
  /** The lines of each segment. */
  readonly segments: readonly (readonly string[])[];
  /** Where verification stands at the beginning of each segment, and at the end. */
  readonly starts: readonly WalkStart[];
  readonly end: JournalPosition;
  readonly checkpoints: readonly Checkpoint[];
  readonly key: TestKey;
}

export interface SignedJournalOptions {
  readonly journal: string;
  readonly key: TestKey;
  readonly segments: number;
  readonly recordsPerSegment: number;
  readonly within: number;
  /** Whether its process was killed: then it ends in records behind the last checkpoint. */
  readonly isKilled?: boolean;
}

export function signedJournal(options: SignedJournalOptions): SignedJournal {
  const { journal, key, within } = options;
  const openIntents = new Map<string, number>();
  const facts = everyFact();
  const writeRecord = createRecordWriter();
  const segments: string[][] = [];
  const checkpoints: Checkpoint[] = [];
  let state = { journal, head: GENESIS, unsigned: 0, within };
  for (let number = 1; number <= options.segments; number += 1) {
    const sealing = new Sealing(state, {
      key: key.signing,
      now: () => NOW,
      checkpointRecords: within,
    });
    sealing.add(unsealedRecord(segmentHeader({ journal, segment: number, openIntents }), NOW));
    if (number === 1) {
      sealing.add(unsealedRecord(OPENED, NOW));
      sealing.checkpoint();
    }
    for (let count = 1; count < options.recordsPerSegment; count += 1) {
      const record = { ...writeRecord(facts.next().value), at: NOW.toISOString() };
      followIntent(openIntents, record, sealing.add(record).seq);
    }
    const isLast = number === options.segments;
    if (!isLast || options.isKilled !== true) sealing.checkpoint();
    segments.push(sealing.bytes.toString().split('\n').slice(0, -1));
    checkpoints.push(...sealing.checkpoints);
    state = { ...sealing.state };
  }
  const starts = startsOf(segments, key.keys);
  return { journal, segments, starts, end: state.head, checkpoints, key };
}

const OPENED = {
  kind: 'journal-opened',
  version: '1.0.0',
  records: 0,
  tailBytes: 0,
  openIntents: 0,
};

/** Requests that overlap, so that some are open wherever a segment ends. */
function* everyFact(): Generator<RecordFacts, never> {
  for (;;) {
    const [first, second] = [requestFacts(), requestFacts()];
    yield intent(first);
    yield intent(second);
    yield closing(first);
    yield denial();
    yield closing(second);
  }
}

function startsOf(segments: readonly (readonly string[])[], keys: PublicKeys): WalkStart[] {
  const walk = new JournalWalk({ keys });
  const place = () => ({
    head: walk.head,
    vouched: walk.vouched,
    openIntents: walk.openIntents(),
  });
  const starts = segments.map((lines, index) => {
    const start = place();
    walk.enter(index + 1);
    for (const [at, line] of lines.entries()) {
      const bad = walk.take({ number: at + 1, start: 0, end: 0, bytes: Buffer.from(line) });
      if (bad !== null) throw new Error(`the journal to start from is bad: ${bad.problem}`);
    }
    return start;
  });
  return [...starts, place()];
}

/** Write it as a gateway would have: `<state>/journal`, and the public key beside. */
export async function writeJournal(
  stateDirectory: string,
  { segments, key }: Pick<SignedJournal, 'segments' | 'key'>,
): Promise<string> {
  const directory = join(stateDirectory, 'journal');
  await mkdir(directory, { recursive: true });
  for (const [index, lines] of segments.entries()) {
    const text = lines.map((line) => `${line}\n`).join('');
    await writeFile(join(directory, segmentName(index + 1)), text);
  }
  await writeFile(join(stateDirectory, 'audit-signing.pub.pem'), key.publicPem);
  return directory;
}
