import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { GENESIS, type JournalPosition, seal, unsealedRecord } from '../../src/audit/chain.ts';
import { type Journal, type JournalOptions, openJournal } from '../../src/audit/journal.ts';
import {
  bodyOf,
  type ClosingFacts,
  type RecordFacts,
  type RequestFacts,
} from '../../src/audit/record.ts';
import { type OpenSegmentFile, openSegmentFile } from '../../src/audit/segment.ts';

export const SEGMENT = 'segment-00000001.jsonl';
export const NOW = new Date('2025-03-01T12:00:00.000Z');

/** A directory of its own that goes with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'slimgate-journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A journal on a real disk with patience, so that only what a test breaks is broken. */
export async function journalIn(
  directory: string,
  options: Partial<JournalOptions> = {},
): Promise<Journal> {
  const journal = await openJournal({
    directory,
    now: () => NOW,
    commitTimeoutMs: 15_000,
    ...options,
  });
  onTestFinished(() => journal.close().catch(() => undefined));
  return journal;
}

/** A mutation that was allowed, with every fact that there can be. */
export function requestFacts(facts: Partial<RequestFacts> = {}): RequestFacts {
  return {
    requestId: randomUUID(),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    receivedAt: NOW,
    sourceAddress: '10.1.2.3',
    method: 'PUT',
    path: '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim',
    tenant: { name: 'photos', subject: 'svc-photos', issuer: 'https://id.example', tokenId: 't1' },
    operation: {
      name: 'enable',
      region: 'ap-shanghai',
      bucket: 'examplebucket-1250000000',
      action: 'ci:SetImageSlim',
      resource: 'qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000',
      modes: ['Auto', 'API'],
      suffixes: ['jpg'],
      isDryRun: false,
    },
    bodySha256: 'ab'.repeat(32),
    decision: {
      effect: 'allow',
      reason: 'allowed',
      statements: ['photos-everything'],
      tableVersion: '7',
    },
    subAccount: { name: 'media', uin: '100000000001', secretId: 'AKIDexample' },
    upstream: {
      host: 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com',
      requestSha256: 'cd'.repeat(32),
    },
    ...facts,
  };
}

/** A request of which nothing is known but that it came. */
export function strangerFacts(): RequestFacts {
  return requestFacts({
    traceId: null,
    sourceAddress: null,
    tenant: null,
    operation: null,
    bodySha256: null,
    decision: null,
    subAccount: null,
    upstream: null,
  });
}

export const APPLIED: ClosingFacts = {
  outcome: 'applied',
  status: 200,
  code: null,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamRequestId: 'NjVmMTIz',
  attempts: 1,
  durationMs: 41,
};

export const REFUSED: ClosingFacts = {
  ...APPLIED,
  outcome: 'refused',
  status: 401,
  code: 'token-missing',
  upstreamStatus: null,
  upstreamRequestId: null,
  attempts: 0,
};

export function intent(request: RequestFacts = requestFacts()): RecordFacts {
  return { kind: 'intent', request };
}

export function closing(request: RequestFacts = requestFacts()): RecordFacts {
  return { kind: 'closing', request, closing: APPLIED };
}

export function denial(): RecordFacts {
  return { kind: 'closing', request: strangerFacts(), closing: REFUSED };
}

/** The lines of the segment; a torn last one is there too. */
export async function linesOf(directory: string): Promise<string[]> {
  const text = await readFile(join(directory, SEGMENT), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

// The type is what tests look at; what a record may be is the shape's own business.
export async function recordsOf(directory: string): Promise<Record<string, unknown>[]> {
  return (await linesOf(directory)).map((line) => JSON.parse(line));
}

export function writeSegment(directory: string, content: string | Buffer): Promise<void> {
  return writeFile(join(directory, SEGMENT), content);
}

/** Wait until something is so; the test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5);
}

/** What a test may count or break between the journal and its real file. */
export interface FileFaults {
  syncs: number;
  beforeSync: () => Promise<void> | void;
  /** At most so many bytes are written by one call. */
  bytesPerWrite: number;
}

/** The real file with faults in between, which a test can switch at any time. */
export function faultyFile(): { faults: FileFaults; openFile: OpenSegmentFile } {
  const faults: FileFaults = { syncs: 0, beforeSync: () => undefined, bytesPerWrite: Infinity };
  const openFile: OpenSegmentFile = async (path) => {
    const file = await openSegmentFile(path);
    const sync = file.datasync.bind(file);
    const write: typeof file.write = file.write.bind(file);
    return Object.assign(file, {
      async datasync() {
        faults.syncs += 1;
        await faults.beforeSync();
        await sync();
      },
      write: (bytes: Buffer, offset: number) =>
        write(bytes, offset, Math.min(bytes.length - offset, faults.bytesPerWrite)),
    });
  };
  return { faults, openFile };
}

/** A chain of records that no journal wrote. */
export interface Written {
  readonly lines: string[];
  readonly positions: JournalPosition[];
  readonly head: JournalPosition;
}

export function written(records: readonly RecordFacts[]): Written {
  const lines: string[] = [];
  const positions: JournalPosition[] = [];
  for (const facts of records) {
    const record = unsealedRecord(bodyOf(facts), NOW);
    const { bytes, position } = seal(record, positions.at(-1) ?? GENESIS);
    lines.push(bytes.toString().slice(0, -1));
    positions.push(position);
  }
  return { lines, positions, head: positions.at(-1) ?? GENESIS };
}

export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Intents and closings with denials between. */
export function pairs(count: number): RecordFacts[] {
  return Array.from({ length: count }, () => requestFacts()).flatMap((request) => [
    intent(request),
    denial(),
    closing(request),
  ]);
}
