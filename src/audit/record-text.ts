import { encode, type RecordText, type UnsealedRecord } from './chain.ts';
import {
  boundedText,
  closingBody,
  eventBody,
  type RecordBody,
  type RecordFacts,
  type RequestFacts,
  requestBody,
} from './record.ts';

/** Turn a body into text at once, so that later changes of its parts do not reach the record. */
export function recordText(body: RecordBody): RecordText {
  const { kind, requestId } = body;
  return {
    kind,
    requestId: typeof requestId === 'string' ? requestId : null,
    members: encode(body).slice(1),
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
 * is kept as long as the facts are: its closing says the same, and most of the work is in it.
 */
export function createRecordWriter(): RecordWriter {
  const requestTexts = new WeakMap<RequestFacts, string>();
  return (facts) => {
    if (facts.kind !== 'intent' && facts.kind !== 'closing') return recordText(eventBody(facts));
    const { kind, request } = facts;
    const said = requestTexts.get(request) ?? inner(requestBody(request));
    if (kind === 'intent') requestTexts.set(request, said);
    const outcome = kind === 'closing' ? inner(closingBody(facts.closing)) : NOT_CLOSED;
    const requestId = boundedText(request.requestId);
    return { kind, requestId, members: `"kind":"${kind}",${said},${outcome}}` };
  };
}

/** The members of a body without the braces around. */
function inner(body: object): string {
  return encode(body).slice(1, -1);
}

const NOT_CLOSED = inner(closingBody(null));
