import { type ErrorCode, GatewayError, type UpstreamRefusal } from '../errors.ts';
import { parseStrictXml, StrictXmlError, textOf } from '../strict-xml.ts';
import { UPSTREAM_ADVICE, UPSTREAM_CODES } from './error-codes.ts';
import type { AnswerHeaders, TransportFault, TransportResult } from './transport.ts';

/** What became of a mutation upstream. */
export type UpstreamOutcome = 'applied' | 'not_applied' | 'unknown';

/** What an exchange came to; the same facts for every way it can end. */
export interface UpstreamResult {
  /** For a query `applied` means answered. */
  readonly outcome: UpstreamOutcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  /** The answer's body, when it is one that a query can be read from. */
  readonly body: Buffer | null;
  readonly error: GatewayError | null;
}

type Answer = Extract<TransportResult, { kind: 'answer' }>;
type Fault = Extract<TransportResult, { kind: 'fault' }>;

/** Read the end of an exchange: success, or the one error that tells it to the tenant. */
export function interpretResult(result: TransportResult, hasAnswerBody: boolean): UpstreamResult {
  if (result.kind === 'fault') return interpretFault(result);
  if (result.status < 200 || result.status > 299) return interpretRefusal(result);
  return isSaneSuccess(result, hasAnswerBody)
    ? success(result)
    : failure(result, { code: 'upstream-unexpected', outcome: 'unknown' });
}

/** A mutation's answer is empty; a query's is XML. A 200 with an error in it is neither. */
function isSaneSuccess({ headers, body }: Answer, hasAnswerBody: boolean): boolean {
  if (!hasAnswerBody) return body.toString('latin1').trim() === '';
  return /^(?:application|text)\/xml\b/i.test(headers['content-type'] ?? '');
}

function success({ status, headers, body }: Answer): UpstreamResult {
  return {
    outcome: 'applied',
    status,
    code: null,
    requestId: requestIdOf(headers),
    body,
    error: null,
  };
}

const FAULTS: Readonly<Record<TransportFault, ErrorCode>> = {
  unreachable: 'upstream-unreachable',
  reset: 'upstream-failed',
  truncated: 'upstream-failed',
  'too-large': 'upstream-unexpected',
  timeout: 'upstream-timeout',
};

function interpretFault({ fault, wasSent, cause }: Fault): UpstreamResult {
  const code = FAULTS[fault];
  const advice = wasSent ? UPSTREAM_ADVICE[code] : 'nothing was sent; repeat the request later';
  return {
    outcome: wasSent ? 'unknown' : 'not_applied',
    status: null,
    code: null,
    requestId: null,
    body: null,
    error: new GatewayError(code, `${FAULT_TEXT[fault]}: ${advice}`, { cause }),
  };
}

const FAULT_TEXT: Readonly<Record<TransportFault, string>> = {
  unreachable: 'no connection could be made',
  reset: 'the connection was lost',
  truncated: 'the answer broke off',
  'too-large': 'the answer is too large',
  timeout: 'there was no answer in time',
};

function interpretRefusal(answer: Answer): UpstreamResult {
  const { isExpired, ...refusal } = readRefusal(answer);
  // The one place where the text counts: a closed signature window is a clock, not a permission.
  const code = isExpired ? 'clock-skew' : codeOf(answer.status, refusal.upstreamCode);
  const isRefusal = answer.status >= 300 && answer.status < 500; // Below 200 it is no final answer.
  const isCertain = isRefusal || code === 'upstream-throttled';
  return failure(answer, { ...refusal, code, outcome: isCertain ? 'not_applied' : 'unknown' });
}

function codeOf(status: number, upstreamCode: string | null): ErrorCode {
  const known = upstreamCode === null ? undefined : UPSTREAM_CODES.get(upstreamCode);
  if (known !== undefined) return known.code;
  if (status === 429) return 'upstream-throttled';
  return status >= 500 ? 'upstream-failed' : 'upstream-unexpected';
}

function failure(
  { status, headers }: Answer,
  reading: { code: ErrorCode; outcome: UpstreamOutcome } & Partial<Refusal>,
): UpstreamResult {
  const { code, outcome, upstreamCode = null } = reading;
  const requestId = requestIdOf(headers) ?? reading.requestId ?? null;
  const upstream: UpstreamRefusal = {
    status,
    code: upstreamCode,
    message: UPSTREAM_CODES.get(upstreamCode ?? '')?.meaning ?? null,
    requestId,
    traceId:
      opaque(headers['x-cos-trace-id'] ?? headers['x-ci-trace-id']) ?? reading.traceId ?? null,
  };
  const error = new GatewayError(code, UPSTREAM_ADVICE[code] ?? 'see upstream', {
    upstream,
    headers: code === 'upstream-throttled' ? { 'retry-after': retryAfterOf(headers) } : {},
  });
  return { outcome, status, code: upstreamCode, requestId, body: null, error };
}

/** A code is a word; anything else in its place is not repeated. */
const CODE_PATTERN = /^[A-Z][A-Za-z]{1,48}$/;

/** What an error document names. */
interface Refusal {
  readonly upstreamCode: string | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
}

function readRefusal({ body }: Answer): Refusal & { isExpired: boolean } {
  try {
    const { rootName, root } = parseStrictXml(body);
    const code = rootName === 'Error' ? textOf(root, 'Code') : null;
    const isKnown = code !== null && (UPSTREAM_CODES.has(code) || CODE_PATTERN.test(code));
    const message = textOf(root, 'Message')?.replace(/\.$/, '');
    return {
      upstreamCode: isKnown ? code : null,
      requestId: opaque(textOf(root, 'RequestId')),
      traceId: opaque(textOf(root, 'TraceId')),
      isExpired: code === 'AccessDenied' && message === 'Request has expired',
    };
  } catch (error) {
    if (!(error instanceof StrictXmlError)) throw error;
    return { upstreamCode: null, requestId: null, traceId: null, isExpired: false };
  }
}

/** Source: COS and Cloud Infinite documentation, "Common Response Headers". */
function requestIdOf(headers: AnswerHeaders): string | null {
  return opaque(headers['x-cos-request-id'] ?? headers['x-ci-request-id']);
}

/** An opaque id of the upstream is passed on when it looks like one. */
function opaque(value: string | null | undefined): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9+/=_-]{1,128}$/.test(value) ? value : null;
}

/** Whole seconds from 1 to 300; the upstream's own wish when it is one. */
function retryAfterOf(headers: AnswerHeaders): string {
  const wish = /^[0-9]{1,6}$/.test(headers['retry-after'] ?? '')
    ? Number(headers['retry-after'])
    : 1;
  return String(Math.min(Math.max(wish, 1), 300));
}
