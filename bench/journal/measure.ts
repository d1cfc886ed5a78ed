import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ClosingFacts, RecordFacts, RequestFacts } from '../../src/audit/record.ts';
import { median, percentile } from '../statistics.ts';
import type { Writer } from './writers.ts';

/** What a number of callers got, who each ask again as soon as they are answered. */
export interface Writing {
  readonly recordsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** User and system time of the process, per record. */
  readonly cpuMicroseconds: number;
}

/** Let callers write pairs of an intent and its closing for a time. */
export async function measureWriting(
  writer: Writer,
  { callers, ms }: { readonly callers: number; readonly ms: number },
): Promise<Writing> {
  const latencies: number[] = [];
  const end = performance.now() + ms;
  const caller = async () => {
    while (performance.now() < end) {
      const request = requestFacts();
      for (const record of pairOf(request)) {
        const startedAt = performance.now();
        await writer.append(record);
        latencies.push(performance.now() - startedAt);
      }
      // A gateway reads its sockets between two requests; so do all ways here.
      await setImmediate();
    }
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    recordsPerSecond: sorted.length / seconds,
    medianMs: median(sorted),
    p99Ms: percentile(sorted, 0.99),
    cpuMicroseconds: (user + system) / sorted.length,
  };
}

function pairOf(request: RequestFacts): RecordFacts[] {
  return [
    { kind: 'intent', request },
    { kind: 'closing', request, closing: APPLIED },
  ];
}

const APPLIED: ClosingFacts = {
  outcome: 'applied',
  status: 200,
  code: null,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamRequestId: 'NjVmMTIz',
  attempts: 1,
  durationMs: 41,
};

/** A change of a usual size. */
function requestFacts(): RequestFacts {
  return {
    requestId: randomUUID(),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    receivedAt: new Date(),
    sourceAddress: '10.1.2.3',
    peerAddress: '10.1.2.3',
    method: 'PUT',
    path: '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim',
    tenant: { name: 'photos', subject: 'photos', issuer: 'https://id.example', tokenId: 't1' },
    operation: {
      name: 'enable',
      region: 'ap-shanghai',
      bucket: 'examplebucket-1250000000',
      action: 'ci:SetImageSlim',
      resource: 'qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000/',
      modes: ['Auto', 'API'],
      suffixes: ['jpg', 'png'],
      isDryRun: false,
    },
    bodySha256: 'ab'.repeat(32),
    decision: { effect: 'allow', reason: 'allowed', statements: ['photos'], tableVersion: '7' },
    subAccount: { name: 'media', uin: '100000000011', secretId: 'AKIDexample' },
    upstream: {
      host: 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com',
      requestSha256: 'cd'.repeat(32),
    },
    stateBefore: { status: 'on', modes: ['API'], suffixes: [], code: null },
  };
}
