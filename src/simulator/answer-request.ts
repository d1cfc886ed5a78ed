import { createHash } from 'node:crypto';
import { readAuthorization } from './authorization-fields.ts';
import { isAllowed } from './authorize.ts';
import { type BucketAddress, readBucketAddress } from './bucket-address.ts';
import type { BucketStates } from './bucket-states.ts';
import { CloudError } from './cloud-errors.ts';
import type { Bucket, KeyHolder } from './local-cloud.ts';
import { type CloudRequest, type ReceivedRequest, readRequest } from './read-request.ts';
import { type Outcome, slimOperationOf } from './slim-operations.ts';
import type { SlimSetting } from './slim-setting.ts';
import { writeError } from './slim-xml.ts';
import { verifySignature } from './verify-signature.ts';
import type { Verdict, Witness } from './witness.ts';

/** Everything that an answer depends on. */
export interface CloudParts {
  readonly keys: ReadonlyMap<string, KeyHolder>;
  readonly buckets: readonly Bucket[];
  readonly states: BucketStates;
  readonly witness: Witness;
  readonly now: () => Date;
  readonly nextRequestId: () => string;
  readonly isStrict: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Judgement {
  readonly received: ReceivedRequest;
  readonly decided: Outcome | CloudError;
  readonly verdict: Verdict;
  readonly now: Date;
}

/** A verdict that is still being found out. */
type Draft = { -readonly [Fact in keyof Verdict]: Verdict[Fact] };

/**
 * Answer one request, whatever it is. The witness has its line before a bucket changes, and the
 * change is on disk before the answer.
 */
export async function answerRequest(received: ReceivedRequest, parts: CloudParts): Promise<Answer> {
  const now = parts.now();
  const { decided, verdict } = judge(received, parts, now);
  const result = await settle({ received, decided, verdict, now }, parts);
  const requestId = parts.nextRequestId();
  const headers = {
    'Content-Type': 'application/xml',
    Date: now.toUTCString(),
    Server: 'tencent-cos',
    'x-cos-request-id': requestId,
  };
  if (!(result instanceof CloudError)) return { status: result.status, headers, body: result.xml };
  const traceId = createHash('sha512').update(requestId).digest('base64');
  const body = writeError({
    Code: result.code,
    Message: result.message,
    ...result.extras,
    Resource: resourceOf(received, verdict),
    RequestId: requestId,
    TraceId: traceId,
  });
  return { status: result.status, headers: { ...headers, 'x-cos-trace-id': traceId }, body };
}

function judge(
  received: ReceivedRequest,
  parts: CloudParts,
  now: Date,
): Pick<Judgement, 'decided' | 'verdict'> {
  const draft: Draft = {
    secretId: null,
    isSignatureAccepted: false,
    error: null,
    bucket: null,
    region: null,
    operation: null,
    changedTo: null,
  };
  let decided: Outcome | CloudError;
  try {
    decided = decide(readRequest(received), { parts, now, draft });
    draft.changedTo = decided.changedTo;
  } catch (error) {
    decided = error instanceof CloudError ? error : new CloudError('InternalError');
    draft.error = decided.code;
  }
  return { decided, verdict: draft };
}

/**
 * Authentication, then authorization, then existence: who may not look at a bucket does not learn
 * whether it is there.
 */
function decide(
  request: CloudRequest,
  { parts, now, draft }: { parts: CloudParts; now: Date; draft: Draft },
): Outcome {
  const address = readBucketAddress(request.host);
  draft.bucket = address.name;
  draft.region = address.region;
  const claim = readAuthorization(request);
  draft.secretId = claim.secretId;
  const holder = verifySignature(request, claim, { ...parts, now });
  draft.isSignatureAccepted = true;
  const operation = slimOperationOf(request);
  draft.operation = operation.name;
  authorize(holder, operation.action, address);
  return operation.perform(request, boundBucketState(address, parts));
}

/** Cloud Infinite offers nothing across accounts: another account's bucket is refused outright. */
function authorize({ account, subAccount }: KeyHolder, action: string, address: BucketAddress) {
  const { name: bucket, region, appId } = address;
  const request = { action, region, bucket, appId, ownerUin: account.uin };
  if (appId !== account.appId || !isAllowed(subAccount.policies, request)) {
    throw new CloudError('AccessDenied');
  }
}

function boundBucketState(address: BucketAddress, { buckets, states }: CloudParts): SlimSetting {
  const { name, region } = address;
  const bucket = buckets.find((known) => known.name === name && known.region === region);
  const setting = states.get(address);
  if (bucket === undefined || setting === undefined) throw new CloudError('NoSuchBucket');
  if (!bucket.bound) throw new CloudError('UpsAppNotExist');
  return setting;
}

/** A failure to record or to keep is the only thing that can still change what was decided. */
async function settle(
  { received, decided, verdict, now }: Judgement,
  { states, witness }: CloudParts,
): Promise<Outcome | CloudError> {
  const { bucket: name, region, changedTo } = verdict;
  try {
    witness.record(received, verdict, now);
    // INVARIANT: nothing is awaited between the decision and this: it holds for the latest state.
    if (changedTo !== null && name !== null && region !== null) {
      await states.set({ name, region }, changedTo);
    }
    return decided;
  } catch {
    return new CloudError('InternalError');
  }
}

function resourceOf({ url }: ReceivedRequest, { bucket, region }: Verdict): string {
  return bucket === null ? url : `${bucket}.pic.${region}.myqcloud.com`;
}
