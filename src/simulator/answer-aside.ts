import type { ArrivingRequest } from './answer-request.ts';
import type { Metadata } from './metadata/answer-metadata.ts';
import { type ReceivedRequest, type RequestHead, readTarget } from './read-request.ts';
import type { Sts, StsAnswer } from './sts/answer-sts.ts';
import type { Witness } from './witness.ts';
import type { Answer } from './write-answer.ts';

/** The services that stand beside Cloud Infinite, on hosts of their own. */
export interface AsideParts {
  readonly sts: Sts;
  readonly metadata: Metadata;
  readonly witness: Witness;
  readonly now: () => Date;
}

/** A request for one of them, with what is needed to answer it but the body. */
type Aside = (body: Buffer) => StsAnswer;

/**
 * Answer a request for STS or for instance metadata; null for all others. What they issue is no
 * bucket's, so the witness has its line after that, and before the answer.
 */
export async function answerAside(
  arriving: ArrivingRequest,
  parts: AsideParts,
): Promise<Answer | null> {
  const aside = asideOf(arriving.head, parts);
  if (aside === null) return null;
  const now = parts.now();
  // A body that is cut short is another body, which its signature will tell.
  const body = await arriving.body.whole().catch(() => arriving.body.beginning());
  const { status, headers, body: text, verdict } = aside(body);
  const received: ReceivedRequest = { ...arriving.head, body };
  try {
    const nowhere = { bucket: null, region: null, changedTo: null };
    parts.witness.record(received, { ...verdict, ...nowhere }, now);
  } catch {
    return { status: 500, headers: {}, body: '' };
  }
  return { status, headers: { Date: now.toUTCString(), ...headers }, body: text };
}

function asideOf(head: RequestHead, { sts, metadata }: AsideParts): Aside | null {
  const hosts = head.headers.filter(([name]) => name.toLowerCase() === 'host');
  const target = hosts.length === 1 ? readTarget(head) : null;
  if (head.fault !== null || target === null) return null;
  const { host, path, query } = target;
  const { method, headers } = head;
  if (sts.isStsHost(host)) {
    const originForm = query === undefined ? path : `${path}?${query}`;
    return (body) => sts.answer({ method, host, path: originForm, headers, body });
  }
  if (metadata.isMetadataRequest({ host, path }))
    return () => metadata.answer({ method, host, path });
  return null;
}
