import type { ArrivingRequest, CloudParts } from '../answer-request.ts';
import { CloudError } from '../cloud-errors.ts';
import type { RequestHead } from '../read-request.ts';
import type { Verdict, Witness } from '../witness.ts';
import { type Answer, releaseBody, writeAnswer } from '../write-answer.ts';
import { askedOf } from './asked-of.ts';
import type { Effect } from './effect.ts';
import { effectOf, type Misbehaviour } from './misbehaviour.ts';
import type { Misbehaviours } from './misbehaviours.ts';
import { orderedByHeader } from './ordered-by-header.ts';

/** What misbehaving needs. */
export interface MisbehavingParts extends CloudParts {
  readonly misbehaviours: Misbehaviours;
  /** Whether a request may order a misbehaviour for itself. */
  readonly isTestMode: boolean;
}

/** Answers a request as the cloud does; never rejects. */
type AnswerWell<Parts> = (arriving: ArrivingRequest, parts: Parts) => Promise<Answer>;

/** Answer well, unless a misbehaviour is on order. It comes before any look at a signature. */
export async function answerOrMisbehave<Parts extends MisbehavingParts>(
  arriving: ArrivingRequest,
  parts: Parts,
  answerWell: AnswerWell<Parts>,
): Promise<Answer> {
  let ordered: Misbehaviour | null;
  try {
    ordered = orderedFor(arriving.head, parts);
  } catch (error) {
    const refusal = error instanceof CloudError ? error : new CloudError('InternalError');
    const refuse: Effect = { instead: insteadOf(refusal) };
    return answerInstead(arriving, parts, { kind: null, ...refuse });
  }
  if (ordered === null) return answerWell(arriving, parts);
  const { kind } = ordered;
  const effect = effectOf(ordered);
  const { manner } = effect;
  const answer = await (effect.instead
    ? answerInstead(arriving, parts, { kind, ...effect })
    : answerAfterwards(await answerWell(arriving, misled(parts, kind, effect)), effect));
  return manner === undefined ? answer : { ...answer, manner };
}

function orderedFor(head: RequestHead, parts: MisbehavingParts): Misbehaviour | null {
  // What is no HTTP, or wants a tunnel, is answered outside of it.
  if (head.fault !== null || head.method === 'CONNECT') return null;
  const byHeader = parts.isTestMode ? orderedByHeader(head) : null;
  return byHeader ?? parts.misbehaviours.take(askedOf(head));
}

function insteadOf(error: CloudError): Effect['instead'] & object {
  return { code: error.code, answer: (facts) => writeAnswer(error, facts) };
}

/** The request is read to its end and recorded, and that is all. */
async function answerInstead(
  { head, body }: ArrivingRequest,
  { witness, now, nextRequestId }: MisbehavingParts,
  { kind, instead }: Effect & { readonly kind: string | null },
): Promise<Answer> {
  const { code = null, answer } = instead ?? insteadOf(new CloudError('InternalError'));
  const facts = { head, now: now(), requestId: nextRequestId() };
  await body.drain().catch(() => undefined);
  const verdict: Verdict = {
    ...askedOf(head),
    secretId: null,
    isSignatureAccepted: false,
    error: code,
    changedTo: null,
    misbehaviour: kind,
  };
  const { bytes, sha256 } = body.measure();
  const isObject = bytes > 0 && /Object$/.test(verdict.operation ?? '');
  const kept = isObject
    ? { body: Buffer.alloc(0), bodyDigest: { bytes, sha256 } }
    : { body: body.beginning() };
  try {
    witness.record({ ...head, ...kept }, verdict, facts.now);
    return answer(facts);
  } catch {
    return writeAnswer(new CloudError('InternalError'), facts);
  }
}

/** The same cloud, with a clock that is wrong and a witness who knows why. */
function misled<Parts extends MisbehavingParts>(
  parts: Parts,
  misbehaviour: string,
  { clockSkewSeconds = 0 }: Effect,
): Parts {
  const { witness, now } = parts;
  const knowing: Witness = {
    ...witness,
    record: (received, verdict) => witness.record(received, { ...verdict, misbehaviour }, now()),
  };
  const wrong = () => new Date(now().getTime() + clockSkewSeconds * 1000);
  return { ...parts, witness: knowing, now: wrong };
}

function answerAfterwards(answer: Answer, { rewrite }: Effect): Answer {
  const rewritten = rewrite?.(answer) ?? answer;
  if (rewritten.body !== answer.body) releaseBody(answer);
  return rewritten;
}
