import { CloudError } from '../cloud-errors.ts';
import { emptyOutcome, type OperationCall, type Outcome, type Prepared } from '../operation.ts';
import { headerOf } from '../read-request.ts';
import { contentRange, readRange } from './byte-range.ts';
import { isModified, isRangeCurrent } from './conditions.ts';
import { objectHeaders, overriddenHeaders } from './object-headers.ts';
import type { ObjectLease } from './object-store.ts';
import { isSlimWanted, originalOf, type Representation, slimmedOf } from './slim-access.ts';

/**
 * Answer with an object's content, whole or in part, compressed where that is wanted.
 * Source: COS documentation, "GET Object".
 * @throws CloudError
 */
export async function prepareGet(call: OperationCall, key: string): Promise<Prepared> {
  const overrides = overriddenHeaders(call.request);
  const lease = leaseOf(call, key);
  try {
    const outcome = await download(call, key, lease);
    const headers = { ...outcome.headers, ...overrides };
    // What has no file in it is sent when the file may be gone.
    if (typeof outcome.body === 'string') lease.release();
    return { decide: () => ({ ...outcome, headers }), abandon: async () => lease.release() };
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** As a download, without its body. Source: COS documentation, "HEAD Object". */
export async function prepareHead(call: OperationCall, key: string): Promise<Prepared> {
  const prepared = await prepareGet(call, key);
  const outcome = prepared.decide();
  if (typeof outcome.body === 'string') return prepared;
  outcome.body.release();
  const headers = { ...outcome.headers, 'Content-Length': String(outcome.body.bytes) };
  return { decide: () => emptyOutcome(outcome.status, headers) };
}

/** @throws CloudError `NoSuchKey` */
export function leaseOf({ state, address }: OperationCall, key: string): ObjectLease {
  const lease = state.objects.lease({ bucket: address.name, region: address.region, key });
  if (lease === undefined) throw new CloudError('NoSuchKey');
  return lease;
}

async function download(call: OperationCall, key: string, lease: ObjectLease): Promise<Outcome> {
  const { request } = call;
  const { object } = lease;
  const isWanted = isSlimWanted(call, key);
  if (!isModified(request, object)) return emptyOutcome(304, objectHeaders(object));
  const representation = isWanted ? await slimmedOf(call, lease) : originalOf(lease);
  const headers = { ...objectHeaders(object), ...representation.headers };
  const wanted = isRangeCurrent(request, object) ? headerOf(request, 'range') : undefined;
  const range = readRange(wanted, representation.bytes);
  if (range === null) return fileOutcome(200, headers, { representation, lease });
  const part = { 'Content-Range': contentRange(range, representation.bytes) };
  return fileOutcome(206, { ...headers, ...part }, { representation, lease, ...range });
}

function fileOutcome(
  status: number,
  headers: Outcome['headers'],
  slice: { representation: Representation; lease: ObjectLease; start?: number; bytes?: number },
): Outcome {
  const { representation, lease, start = 0, bytes = representation.bytes } = slice;
  const body = { path: representation.path, start, bytes, release: lease.release };
  return { status, headers, body, change: null };
}
