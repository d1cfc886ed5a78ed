import { createHash } from 'node:crypto';
import { readBucketAddress } from './bucket-address.ts';
import { textOf } from './canonical-form.ts';
import { CloudError } from './cloud-errors.ts';
import type { Manner } from './misbehaviour/sending.ts';
import type { FileSlice, Outcome } from './operation.ts';
import { type RequestHead, readRequest } from './read-request.ts';
import { writeError } from './slim-xml.ts';

/** What goes back; the length of the body is for the one who sends it to say. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FileSlice;
  /** How to send it, if not like all others. */
  readonly manner?: Manner;
}

/** Write down what came of a request, with the headers that every answer has. */
export function writeAnswer(
  result: Outcome | CloudError,
  { head, now, requestId }: { head: RequestHead; now: Date; requestId: string },
): Answer {
  const headers = {
    'Content-Type': 'application/xml',
    Date: now.toUTCString(),
    Server: 'tencent-cos',
    'x-cos-request-id': requestId,
  };
  if (result instanceof CloudError) return refusalOf(result, headers, resourceOf(head));
  const { status, body } = result;
  const isProcessed = result.headers.Server === 'tencent-ci';
  const ciRequestId = isProcessed ? { 'x-ci-request-id': requestId } : {};
  return { status, headers: { ...headers, ...result.headers, ...ciRequestId }, body };
}

/** To be called when an outcome was sent, or is not going to be. */
export function releaseBody(outcome: Pick<Outcome, 'body'> | undefined): void {
  if (typeof outcome?.body === 'object') outcome.body.release();
}

function refusalOf(
  refusal: CloudError,
  headers: Readonly<Record<string, string>> & { 'x-cos-request-id': string },
  resource: string,
): Answer {
  const requestId = headers['x-cos-request-id'];
  const traceId = createHash('sha512').update(requestId).digest('base64');
  const body = writeError({
    Code: refusal.code,
    Message: refusal.message,
    ...refusal.extras,
    Resource: resource,
    RequestId: requestId,
    TraceId: traceId,
  });
  const more = { ...refusal.headers, 'x-cos-trace-id': traceId };
  return { status: refusal.status, headers: { ...headers, ...more }, body };
}

/** The address of the bucket or the object; what is none is shown as it came. */
function resourceOf(head: RequestHead): string {
  try {
    const { host, path } = readRequest({ ...head, fault: null });
    const { name, kind, region } = readBucketAddress(host);
    return `${name}.${kind}.${region}.myqcloud.com${path === '/' ? '' : textOf(path)}`;
  } catch {
    return head.url;
  }
}
