import { randomUUID } from 'node:crypto';
import { GENESIS, type JournalPosition } from '../../src/audit/chain.ts';
import type { ClosingFacts, RecordFacts, RequestFacts } from '../../src/audit/record.ts';
import { createRecordWriter } from '../../src/audit/record-text.ts';
import { seal } from './sealed-line.ts';

export const NOW = new Date('2025-03-01T12:00:00.000Z');

/** A mutation that was allowed, with every fact that there can be. */
export function requestFacts(facts: Partial<RequestFacts> = {}): RequestFacts {
  return {
    requestId: randomUUID(),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    receivedAt: NOW,
    peerAddress: '10.9.0.1',
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
    stateBefore: { status: 'on', modes: ['API'], suffixes: [], code: null },
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
    stateBefore: null,
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

/** A chain of records that no journal wrote. */
export interface Written {
  readonly lines: string[];
  readonly positions: JournalPosition[];
  readonly head: JournalPosition;
}

export function written(records: readonly RecordFacts[]): Written {
  const lines: string[] = [];
  const positions: JournalPosition[] = [];
  const writeRecord = createRecordWriter();
  for (const facts of records) {
    const record = { ...writeRecord(facts), at: NOW.toISOString() };
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
