import { randomUUID } from 'node:crypto';
import type { Journal } from '../src/audit/journal.ts';
import type { RequestFacts } from '../src/audit/record.ts';
import { BUCKETS, WORLD } from './world.ts';

/** Requests that wait for the journal together. */
const AT_ONCE = 256;

/** Have a journal record changes, intent and closing each, until it has so many records more. */
export async function fillJournal(journal: Journal, records: number): Promise<void> {
  for (let left = records / 2; left > 0; left -= AT_ONCE) {
    const count = Math.min(left, AT_ONCE);
    await Promise.all(Array.from({ length: count }, (_, index) => recordChange(journal, index)));
  }
}

async function recordChange(journal: Journal, index: number): Promise<void> {
  const request = requestFacts(BUCKETS[index % BUCKETS.length] ?? '');
  await journal.append({ kind: 'intent', request });
  await journal.append({
    kind: 'closing',
    request,
    closing: {
      outcome: 'applied',
      status: 200,
      code: null,
      upstreamStatus: 200,
      upstreamCode: null,
      upstreamRequestId: null,
      attempts: 1,
      durationMs: 2,
    },
  });
}

function requestFacts(bucket: string): RequestFacts {
  const path = `/v1/regions/${WORLD.region}/buckets/${bucket}/image-slim`;
  return {
    requestId: randomUUID(),
    traceId: null,
    receivedAt: new Date(),
    peerAddress: '127.0.0.1',
    sourceAddress: '127.0.0.1',
    method: 'PUT',
    path,
    tenant: { name: WORLD.writer, subject: WORLD.writer, issuer: WORLD.issuer, tokenId: 'bench' },
    operation: {
      name: 'enable',
      region: WORLD.region,
      bucket,
      action: 'ci:SetImageSlim',
      resource: `qcs::ci:${WORLD.region}:uid/${WORLD.appId}:bucket/${bucket}/`,
      modes: ['Auto', 'API'],
      suffixes: ['jpg', 'png'],
      isDryRun: false,
    },
    bodySha256: '00'.repeat(32),
    decision: {
      effect: 'allow',
      reason: 'allowed',
      statements: ['writer-everything'],
      tableVersion: 'bench',
    },
    subAccount: { name: 'media', uin: WORLD.subAccountUin, secretId: WORLD.secretId },
    upstream: {
      host: `${bucket}.pic.${WORLD.region}.myqcloud.com`,
      requestSha256: '00'.repeat(32),
    },
    stateBefore: { status: 'on', modes: ['API'], suffixes: [], code: null },
  };
}
