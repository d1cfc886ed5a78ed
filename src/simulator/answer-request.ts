import { readAuthorization } from './authorization-fields.ts';
import { type BucketAddress, readBucketAddress } from './bucket-address.ts';
import type { BucketRegistry } from './bucket-registry.ts';
import { CloudError } from './cloud-errors.ts';
import { claimedDigest, verifyDigest } from './content-digest.ts';
import type { Bucket, KeyHolder, KeyRing } from './local-cloud.ts';
import type { MeasuredBytes } from './measured-bytes.ts';
import type { CloudState, Operation, Outcome, Prepared } from './operation.ts';
import { operationOf } from './operation-of.ts';
import {
  type CloudRequest,
  type ReceivedRequest,
  type RequestHead,
  readRequest,
} from './read-request.ts';
import { type RequestCircumstances, requestKeys } from './request-keys.ts';
import { isHolderAllowed } from './sts/session.ts';
import { verifySignature } from './verify-signature.ts';
import type { Verdict, Witness } from './witness.ts';
import { type Answer, releaseBody, writeAnswer } from './write-answer.ts';

/** Everything that an answer depends on. */
export interface CloudParts extends CloudState {
  readonly keys: KeyRing;
  readonly buckets: Pick<BucketRegistry, 'find'>;
  readonly witness: Witness;
  readonly nextRequestId: () => string;
  readonly isStrict: boolean;
}

/** A request whose head is here, and whose body may still be on its way. */
export interface ArrivingRequest {
  readonly head: RequestHead;
  readonly body: MeasuredBytes;
  /** Whether the client waits for a word before it sends its body. */
  readonly isHeldBack: () => boolean;
  /** The client's, or of whom it came through; empty when it is gone already. */
  readonly remoteAddress: string;
}

/** A verdict that is still being found out. */
type Draft = { -readonly [Fact in keyof Verdict]: Verdict[Fact] };

/** One request on its way to its answer. */
interface Proceeding {
  readonly arriving: ArrivingRequest;
  readonly parts: CloudParts;
  readonly now: Date;
  readonly draft: Draft;
}

/**
 * Answer one request, whatever it is. The witness has its line before a change becomes visible, and
 * the change is on disk before the answer.
 */
export async function answerRequest(arriving: ArrivingRequest, parts: CloudParts): Promise<Answer> {
  const now = parts.now();
  const draft: Draft = {
    secretId: null,
    isSignatureAccepted: false,
    error: null,
    bucket: null,
    region: null,
    operation: null,
    changedTo: null,
  };
  const proceeding = { arriving, parts, now, draft };
  const result = await respond(proceeding).catch((error: unknown) => refuse(error, proceeding));
  const answered = { now: parts.now(), requestId: parts.nextRequestId() };
  return writeAnswer(result, { head: arriving.head, ...answered });
}

async function respond(proceeding: Proceeding): Promise<Outcome> {
  const { arriving, draft } = proceeding;
  const { prepared, claimed } = await prepare(readRequest(arriving.head), proceeding);
  let outcome: Outcome | undefined;
  try {
    await arriving.body.drain();
    verifyDigest(claimed, arriving.body.measure());
    // INVARIANT: nothing is awaited between here and the change: the decision holds for the latest
    // state, and the witness has its line.
    outcome = prepared.decide();
    Object.assign(draft, outcome.change?.seen);
    record(proceeding);
  } catch (error) {
    releaseBody(outcome);
    await prepared.abandon?.();
    throw error;
  }
  await outcome.change?.apply();
  return outcome;
}

/**
 * Authentication, then authorization, then existence: who may not look at a bucket does not learn
 * whether it is there. All of that from the head; the body is read last.
 */
async function prepare(
  request: CloudRequest,
  { arriving, parts, now, draft }: Proceeding,
): Promise<{ prepared: Prepared; claimed: string | undefined }> {
  const address = readBucketAddress(request.host);
  draft.bucket = address.name;
  draft.region = address.region;
  const claim = readAuthorization(request);
  draft.secretId = claim.secretId;
  const holder = verifySignature(request, claim, { ...parts, now });
  const claimed = claimedDigest(request);
  draft.isSignatureAccepted = true;
  const operation = operationOf(address, request);
  draft.operation = operation.name;
  const { remoteAddress } = arriving;
  const demand = demandOf(holder, address, { now, remoteAddress });
  demand(operation.action, operation.key);
  const bucket = existingBucket(address, operation, parts);
  const stream = arriving.body;
  const body = operation.isStreamed ? Buffer.alloc(0) : await stream.whole();
  const call = { request, address, bucket, state: parts, body, stream, demand };
  return { prepared: await operation.prepare(call), claimed };
}

/** Nothing is offered across accounts: another account's bucket is refused outright. */
function demandOf(
  holder: KeyHolder,
  { name: bucket, region, appId }: BucketAddress,
  circumstances: RequestCircumstances,
) {
  const { account } = holder;
  return (action: string, key?: string) => {
    const object = key === undefined ? {} : { key };
    const keys = requestKeys(action, circumstances);
    const asked = { action, region, bucket, appId, ownerUin: account.uin, keys, ...object };
    if (appId !== account.appId || !isHolderAllowed(holder, asked)) {
      throw new CloudError('AccessDenied');
    }
  };
}

function existingBucket(
  { name, region }: BucketAddress,
  { needsBinding }: Operation,
  { buckets }: CloudParts,
): Bucket {
  const bucket = buckets.find({ name, region });
  if (bucket === undefined) throw new CloudError('NoSuchBucket');
  if (needsBinding && !bucket.bound) throw new CloudError('UpsAppNotExist');
  return bucket;
}

/** What cannot be recorded or kept is a failure of ours, and so is whatever was not foreseen. */
async function refuse(error: unknown, proceeding: Proceeding): Promise<CloudError> {
  const { arriving, draft } = proceeding;
  const refusal = error instanceof CloudError ? error : new CloudError('InternalError');
  // The line of a change that was to be made is there already, if it could be written.
  if (draft.changedTo !== null || draft.objects !== undefined) return refusal;
  if (!arriving.isHeldBack()) await arriving.body.drain().catch(() => undefined);
  draft.error = refusal.code;
  draft.explanation = { Message: refusal.message, ...refusal.extras };
  try {
    record(proceeding);
    return refusal;
  } catch {
    return new CloudError('InternalError');
  }
}

function record({ arriving, parts, draft, now }: Proceeding): void {
  parts.witness.record(receivedOf(arriving), draft, now);
}

/** An object's content is nobody's business; everything else is kept as it came. */
function receivedOf({ head, body }: ArrivingRequest): ReceivedRequest {
  const { bytes, sha256 } = body.measure();
  const isObject = bytes > 0 && /\.cos\./i.test(hostText(head));
  if (isObject) return { ...head, body: Buffer.alloc(0), bodyDigest: { bytes, sha256 } };
  return { ...head, body: body.beginning() };
}

function hostText({ url, headers }: RequestHead): string {
  return `${url} ${headers.filter(([name]) => name.toLowerCase() === 'host').join(' ')}`;
}
