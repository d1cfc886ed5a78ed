import { expect, test } from 'vitest';
import { ERROR_TABLE, type ErrorCode } from '../../src/errors.ts';
import { UPSTREAM_CODES } from '../../src/upstream/error-codes.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { answerText, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const METHODS = ['PUT', 'GET', 'DELETE'] as const;

/**
 * How a refusal upstream is told. Source: COS documentation, "Error Codes"; Cloud Infinite
 * documentation, "Error Codes"; the statuses of the first two and of InvalidToken are unconfirmed.
 */
const REFUSALS: readonly (readonly [upstreamCode: string, status: number, code: ErrorCode])[] = [
  ['UpsAppNotExist', 400, 'bucket-not-bound'],
  ['RegionUnsupport', 400, 'region-unsupported'],
  ['NoSuchBucket', 404, 'no-such-bucket'],
  ['InvalidBucketName', 400, 'no-such-bucket'],
  ['PermanentRedirect', 301, 'no-such-bucket'],
  ['AccessDenied', 403, 'upstream-access-denied'],
  ['AccessForbidden', 403, 'upstream-access-denied'],
  ['NoProcessAuthority', 403, 'upstream-access-denied'],
  ['PaymentRequired', 402, 'upstream-access-denied'],
  ['SignatureDoesNotMatch', 403, 'upstream-credentials'],
  ['InvalidAccessKeyId', 403, 'upstream-credentials'],
  ['VerifyAlgorithmNotSupported', 400, 'upstream-credentials'],
  ['ExpiredToken', 400, 'upstream-credentials'],
  ['InvalidToken', 403, 'upstream-credentials'],
  ['RequestTimeTooSkewed', 403, 'clock-skew'],
  ['SlowDown', 503, 'upstream-throttled'],
  ['MalformedXML', 400, 'upstream-unexpected'],
  ['InvalidArgument', 400, 'upstream-unexpected'],
  ['MissingRequestBodyError', 400, 'upstream-unexpected'],
  ['InvalidDigest', 400, 'upstream-unexpected'],
  ['BadDigest', 400, 'upstream-unexpected'],
  ['InternalError', 500, 'upstream-failed'],
  ['ServiceUnavailable', 503, 'upstream-failed'],
  // Codes that have no row: they are named, and their status decides.
  ['InvalidURI', 400, 'upstream-unexpected'],
  ['BucketLocked', 409, 'upstream-unexpected'],
  ['NotImplemented', 501, 'upstream-failed'],
  ['KmsFreqControl', 503, 'upstream-failed'],
];

const REQUEST_ID = 'NjVhMTFiYzNfY2FuYXJ5X3JlcXVlc3Q=';
const TRACE_ID = 'OGVmYzZiMmQzYjA2OWNhODk0NTRkMTBiOWVmMDAxODc=';
const HEADERS = [`x-cos-request-id: ${REQUEST_ID}`, `x-cos-trace-id: ${TRACE_ID}`];

const errorDocument = (code: string, message = 'Text.') =>
  `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n<Code>${code}</Code>\n` +
  `<Message>${message}</Message>\n<Resource>/</Resource>\n<RequestId>${REQUEST_ID}</RequestId>\n` +
  `<TraceId>${TRACE_ID}</TraceId>\n</Error>\n`;

/** An upstream that refuses the bucket `refusal-<index>` with that row. */
async function startRefusing(): Promise<RunningGateway> {
  const upstream: RawUpstream = await startRawUpstream((socket, { host }) => {
    const row = REFUSALS[Number(/^refusal-(\d+)-/.exec(host)?.[1])];
    socket.write(answerText(`${row?.[1]} Refused`, errorDocument(row?.[0] ?? ''), HEADERS));
  });
  return startGateway({ connect: upstream, limits: 'concurrentRequestsPerTenant: 1000' });
}

/** A gateway whose upstream gives one answer to everything. */
async function startAnswering(text: string): Promise<RunningGateway> {
  return startGateway({ connect: await startRawUpstream((socket) => void socket.write(text)) });
}

const call = (gateway: RunningGateway, method: string, bucket?: string) =>
  gateway.call(method, { ...(bucket && { bucket }), ...(method === 'PUT' && { body: AUTO }) });

test('every code of the table is among these refusals', () => {
  const codes = REFUSALS.map(([code]) => code);
  expect(codes).toEqual(expect.arrayContaining([...UPSTREAM_CODES.keys()]));
});

test.each(METHODS)('%s: every refusal is told by its code, and recorded', async (method) => {
  const gateway = await startRefusing();
  await Promise.all(
    REFUSALS.map(async ([upstreamCode, status, code], index) => {
      const answer = await call(gateway, method, `refusal-${index}-1250000000`);
      expect(answer.status, upstreamCode).toBe(ERROR_TABLE[code].status);
      expect(await answer.json(), upstreamCode).toMatchObject({
        code,
        requestId: answer.headers.get('x-request-id'),
        upstream: {
          status,
          code: upstreamCode,
          message: UPSTREAM_CODES.get(upstreamCode)?.meaning ?? null,
          requestId: REQUEST_ID,
          traceId: TRACE_ID,
        },
      });
    }),
  );
  await gateway.close();
  const closings = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(closings).toHaveLength(REFUSALS.length);
  for (const { upstreamCode, upstreamStatus, outcome, upstreamRequestId } of closings) {
    const isCertain = Number(upstreamStatus) < 500 || upstreamCode === 'SlowDown';
    const wanted = isCertain || method === 'GET' ? 'not_applied' : 'unknown';
    expect([outcome, upstreamRequestId], String(upstreamCode)).toEqual([wanted, REQUEST_ID]);
  }
});

test('a fault of the gateway’s own credentials or permissions is never a tenant’s 401 or 403', () => {
  const own = REFUSALS.filter(([, status]) => status === 403).map(
    ([, , code]) => ERROR_TABLE[code],
  );
  expect(own.every(({ status }) => status >= 500)).toBe(true);
});

test.each(['Request has expired', 'Request has expired.'])(
  'AccessDenied with the message `%s` is a clock, not a permission',
  async (message) => {
    const document = errorDocument('AccessDenied', message);
    const gateway = await startAnswering(answerText('403 Forbidden', document, HEADERS));
    const answer = await call(gateway, 'PUT');
    expect(await answer.json()).toMatchObject({ status: 503, code: 'clock-skew' });
    await gateway.close();
    const closing = gateway.records().find(({ kind }) => kind === 'closing');
    expect(closing).toMatchObject({ outcome: 'not_applied', code: 'clock-skew' });
  },
);

test.each([
  ['the upstream’s own wish', ['Retry-After: 7'], '7'],
  ['a wish beyond five minutes', ['Retry-After: 86400'], '300'],
  ['a wish of zero', ['Retry-After: 0'], '1'],
  ['a date', ['Retry-After: Fri, 31 Dec 2027 23:59:59 GMT'], '1'],
  ['a negative wish', ['Retry-After: -5'], '1'],
  ['no wish', [], '1'],
])('a throttled call is told to come back: %s', async (_, headers, wanted) => {
  const document = errorDocument('SlowDown');
  const gateway = await startAnswering(answerText('503 Slow Down', document, headers));
  const answer = await call(gateway, 'DELETE');
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe(wanted);
  expect(await answer.json()).toMatchObject({ code: 'upstream-throttled' });
});

test('the request id is found in Cloud Infinite’s own header, or else in the document', async () => {
  const document = errorDocument('NoSuchBucket');
  for (const headers of [[`x-ci-request-id: ${REQUEST_ID}`, `x-ci-trace-id: ${TRACE_ID}`], []]) {
    const gateway = await startAnswering(answerText('404 Not Found', document, headers));
    expect(await (await call(gateway, 'GET')).json()).toMatchObject({
      upstream: { requestId: REQUEST_ID, traceId: TRACE_ID },
    });
  }
});

test('a 429 from a front end, and a 200 that is JSON, are told without their text', async () => {
  const json = '{"code":-1,"message":"canary","request_id":"canary"}';
  const headers = ['Content-Type: application/json', 'Retry-After: 2'];
  for (const [status, code] of [
    ['429 Too Many Requests', 'upstream-throttled'],
    ['200 OK', 'upstream-unexpected'],
  ]) {
    const gateway = await startAnswering(answerText(status ?? '', json, headers));
    const text = await (await call(gateway, 'GET')).text();
    expect(JSON.parse(text)).toMatchObject({ code });
    expect(text).not.toContain('canary');
  }
});
