import { textOrNull, textsOrNull } from './bounded-text.ts';
import type { EventFacts, RecordBody } from './record.ts';
import { closingBody } from './request-body.ts';
import type { ResolutionFacts, UnknownOutcome } from './resolution.ts';

/** What a record says that is about no single request, naming each fact that goes in. */
export function eventBody(facts: EventFacts): RecordBody {
  switch (facts.kind) {
    case 'refusals-skipped':
      return { kind: facts.kind, count: facts.count, since: facts.since };
    case 'requests-limited': {
      const { kind, tenant, count, since } = facts;
      return { kind, tenant: textOrNull(tenant), count, since };
    }
    case 'connection-refused': {
      const { kind, peerAddress, reason, status } = facts;
      return { kind, peerAddress: textOrNull(peerAddress), reason: textOrNull(reason), status };
    }
    case 'policy-seed': {
      const { kind, requestId, digest } = facts;
      return { kind, requestId: textOrNull(requestId), digest };
    }
    case 'resolved':
      return resolvedBody(facts.outcome, facts.resolution);
  }
}

function resolvedBody(
  { requestId, tenant, operation }: UnknownOutcome,
  { finding, state, code, attempts, orderedBy }: ResolutionFacts,
): RecordBody {
  const { name, region, bucket } = operation;
  return {
    kind: 'resolved',
    requestId: textOrNull(requestId),
    tenant: { name: textOrNull(tenant) },
    operation: { name, region: textOrNull(region), bucket: textOrNull(bucket) },
    finding,
    state: {
      status: textOrNull(state?.status),
      modes: textsOrNull(state?.modes),
      suffixes: textsOrNull(state?.suffixes),
    },
    code: textOrNull(code),
    attempts,
    orderedBy: textOrNull(orderedBy),
  };
}

/**
 * The closing of an intent whose process ended without one: the outcome is not known.
 * @param intent its members as they were read back from the journal
 */
export function recoveredClosing(intent: Readonly<Record<string, unknown>>): RecordBody {
  const { v, seq, previous, at, ...facts } = intent;
  return { ...facts, ...closingBody(null), kind: 'closing', outcome: 'unknown', code: 'recovered' };
}
