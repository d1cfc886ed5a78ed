import { textOrNull, textsOrNull } from './bounded-text.ts';
import type { IsoText } from './iso-text.ts';
import type { ClosingFacts, PolicyVersionFacts, RequestFacts } from './record.ts';

/**
 * What a record says of a request, from finished facts, naming each fact that goes in.
 * INVARIANT: these members in this order, whatever became of the request.
 */
export function requestBody(
  request: RequestFacts,
  isoText: IsoText,
): Readonly<Record<string, unknown>> {
  const { tenant, operation, decision, subAccount, upstream, stateBefore } = request;
  const { policyChange, revocationChange, auditPruning } = request;
  return {
    requestId: textOrNull(request.requestId),
    traceId: textOrNull(request.traceId),
    receivedAt: timeOrNull(request.receivedAt, isoText),
    peerAddress: textOrNull(request.peerAddress),
    sourceAddress: textOrNull(request.sourceAddress),
    method: textOrNull(request.method),
    path: textOrNull(request.path),
    tenant: {
      name: textOrNull(tenant?.name),
      subject: textOrNull(tenant?.subject),
      issuer: textOrNull(tenant?.issuer),
      tokenId: textOrNull(tenant?.tokenId),
    },
    operation: {
      name: textOrNull(operation?.name),
      region: textOrNull(operation?.region),
      bucket: textOrNull(operation?.bucket),
      action: textOrNull(operation?.action),
      resource: textOrNull(operation?.resource),
      modes: textsOrNull(operation?.modes),
      suffixes: textsOrNull(operation?.suffixes),
      isDryRun: operation?.isDryRun ?? null,
    },
    bodySha256: textOrNull(request.bodySha256),
    decision: {
      effect: textOrNull(decision?.effect),
      reason: textOrNull(decision?.reason),
      statements: textsOrNull(decision?.statements),
      tableVersion: textOrNull(decision?.tableVersion),
    },
    subAccount: {
      name: textOrNull(subAccount?.name),
      uin: textOrNull(subAccount?.uin),
      secretId: textOrNull(subAccount?.secretId),
    },
    upstream: {
      host: textOrNull(upstream?.host),
      requestSha256: textOrNull(upstream?.requestSha256),
    },
    stateBefore: {
      status: stateBefore?.status ?? null,
      modes: stateBefore?.modes ?? null,
      suffixes: stateBefore?.suffixes ?? null,
      code: textOrNull(stateBefore?.code),
    },
    // Only some records have one of these: what is undefined is left out of JSON.
    policyChange: policyChange && policyChangeBody(policyChange),
    revocationChange: revocationChange && revocationChangeBody(revocationChange),
    auditPruning: auditPruning && { before: auditPruning.before },
  };
}

function timeOrNull(at: Date, isoText: IsoText): string | null {
  return Number.isNaN(at.getTime()) ? null : isoText(at);
}

function policyChangeBody({ from, to, isForced }: NonNullable<RequestFacts['policyChange']>) {
  return { from: versionBody(from), to: versionBody(to), isForced };
}

function versionBody(version: PolicyVersionFacts | null) {
  return { number: version?.number ?? null, digest: textOrNull(version?.digest) };
}

function revocationChangeBody(change: NonNullable<RequestFacts['revocationChange']>) {
  const { id, kind, issuer, value, until } = change;
  const what = { id: textOrNull(id), kind, issuer: textOrNull(issuer), value: textOrNull(value) };
  return { change: change.change, ...what, until };
}

/** What a record says of how it ended; of an intent, nothing. */
export function closingBody(closing: ClosingFacts | null): Readonly<Record<string, unknown>> {
  return {
    outcome: textOrNull(closing?.outcome),
    status: closing?.status ?? null,
    code: textOrNull(closing?.code),
    upstreamStatus: closing?.upstreamStatus ?? null,
    upstreamCode: textOrNull(closing?.upstreamCode),
    upstreamRequestId: textOrNull(closing?.upstreamRequestId),
    attempts: closing?.attempts ?? null,
    durationMs: closing?.durationMs ?? null,
  };
}
