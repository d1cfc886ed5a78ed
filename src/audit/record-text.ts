import { boundedText } from './bounded-text.ts';
import { encode, type RecordText, type UnsealedRecord } from './chain.ts';
import { eventBody } from './event-body.ts';
import { createIsoText } from './iso-text.ts';
import type { ClosingFacts, RecordBody, RecordFacts, RequestFacts } from './record.ts';
import { closingBody, requestBody } from './request-body.ts';

/** Turn a body into text at once, so that later changes of its parts do not reach the record. */
export function recordText(body: RecordBody): RecordText {
  const { kind, requestId } = body;
  return {
    kind,
    requestId: typeof requestId === 'string' ? requestId : null,
    members: [encode(body).slice(1)],
  };
}

/** A record of the journal's own, with its time. */
export function unsealedRecord(body: RecordBody, at: Date): UnsealedRecord {
  return { ...recordText(body), at: at.toISOString() };
}

/** Turn finished facts into the text of their record. */
export type RecordWriter = (facts: RecordFacts) => RecordText;

/**
 * Make the one builder of the records that the gateway asks for. What an intent says of its request
 * is kept until its closing, or as long as the facts are: the closing says the same.
 */
export function createRecordWriter(): RecordWriter {
  const requestTexts = new WeakMap<RequestFacts, string>();
  const isoText = createIsoText();
  return (facts) => {
    if (facts.kind !== 'intent' && facts.kind !== 'closing') return recordText(eventBody(facts));
    const { kind, request } = facts;
    const said = requestTexts.get(request) ?? inner(requestBody(request, isoText));
    if (kind === 'intent') requestTexts.set(request, said);
    else requestTexts.delete(request);
    const ended = kind === 'closing' ? endOf(facts.closing) : NOT_ENDED;
    const requestId = boundedText(request.requestId);
    return { kind, requestId, members: [KINDS[kind], said, ended] };
  };
}

const KINDS = { intent: '"kind":"intent",', closing: '"kind":"closing",' };

/** The members of a body without the braces around. */
function inner(body: object): string {
  return encode(body).slice(1, -1);
}

/** The members behind those of the request, and the brace that ends the record. */
function endOf(closing: ClosingFacts | null): string {
  return `,${encode(closingBody(closing)).slice(1)}`;
}

const NOT_ENDED = endOf(null);
