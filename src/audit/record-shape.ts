import { z } from 'zod';
import { MAX_CARRIED_INTENTS, MAX_ITEMS, MAX_TEXT } from './record.ts';

const text = z.string().max(MAX_TEXT);
const textOrNull = text.nullable();
const textsOrNull = z.array(text).max(MAX_ITEMS).nullable();
const numberOrNull = z.number().nullable();
const time = z.iso.datetime();
const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const base64url = z.string().regex(/^[\w-]{1,128}$/);
const keyId = z.string().regex(/^[0-9a-f]{16}$/);

const policyVersion = z.strictObject({
  number: z.number().int().positive().nullable(),
  digest: sha256.nullable(),
});

/** On buckets, and of the gateway's own management. */
const OPERATIONS = [
  'enable',
  'describe',
  'savings',
  'disable',
  'read-policy',
  'apply-policy',
  'read-audit',
  'resolve-audit',
  'prune-audit',
  'revoke-token',
];

const place = { v: z.literal(1), seq: count, previous: sha256, at: time };

const request = {
  requestId: text,
  traceId: textOrNull,
  receivedAt: time.nullable(),
  // Missing in records from before it was noted.
  peerAddress: textOrNull.optional(),
  sourceAddress: textOrNull,
  method: text,
  path: text,
  tenant: z.strictObject({
    name: textOrNull,
    subject: textOrNull,
    issuer: textOrNull,
    tokenId: textOrNull,
  }),
  operation: z.strictObject({
    name: z.enum(OPERATIONS).nullable(),
    region: textOrNull,
    bucket: textOrNull,
    action: textOrNull,
    resource: textOrNull,
    modes: textsOrNull,
    suffixes: textsOrNull,
    isDryRun: z.boolean().nullable(),
  }),
  bodySha256: textOrNull,
  decision: z.strictObject({
    effect: z.enum(['allow', 'deny']).nullable(),
    reason: textOrNull,
    statements: textsOrNull,
    tableVersion: textOrNull,
  }),
  subAccount: z.strictObject({ name: textOrNull, uin: textOrNull, secretId: textOrNull }),
  upstream: z.strictObject({ host: textOrNull, requestSha256: textOrNull }),
  // Missing in records from before it was read.
  stateBefore: z
    .strictObject({
      status: z.enum(['on', 'off']).nullable(),
      modes: z
        .array(z.enum(['Auto', 'API']))
        .max(2)
        .nullable(),
      suffixes: z
        .array(z.enum(['jpg', 'png', 'gif']))
        .max(3)
        .nullable(),
      code: textOrNull,
    })
    .optional(),
  policyChange: z
    .strictObject({ from: policyVersion, to: policyVersion, isForced: z.boolean() })
    .optional(),
  revocationChange: z
    .strictObject({
      change: z.enum(['revoke', 'lift']),
      id: text,
      kind: z.enum(['token', 'subject', 'tenant']),
      issuer: textOrNull,
      value: text,
      until: time.nullable(),
    })
    .optional(),
  auditPruning: z.strictObject({ before: time }).optional(),
};

const closing = {
  outcome: z.enum(['applied', 'not_applied', 'unknown', 'refused']),
  status: numberOrNull,
  code: textOrNull,
  upstreamStatus: numberOrNull,
  upstreamCode: textOrNull,
  upstreamRequestId: textOrNull,
  attempts: numberOrNull,
  durationMs: numberOrNull,
};

/**
 * What a line of the journal may be, kind by kind, written apart from the builder so that one can
 * vouch for the other. The order of the members is part of the shape.
 */
export const AUDIT_RECORD = z.discriminatedUnion('kind', [
  z.strictObject({
    ...place,
    kind: z.literal('intent'),
    ...request,
    ...closing,
    outcome: z.null(),
  }),
  z.strictObject({ ...place, kind: z.literal('closing'), ...request, ...closing }),
  z.strictObject({
    ...place,
    kind: z.literal('policy-seed'),
    requestId: text,
    digest: sha256,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('refusals-skipped'),
    count,
    since: time.nullable(),
  }),
  z.strictObject({
    ...place,
    kind: z.literal('requests-limited'),
    tenant: text,
    count: count.positive(),
    since: time,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('connection-refused'),
    peerAddress: textOrNull,
    reason: text,
    status: numberOrNull,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('resolved'),
    requestId: text,
    tenant: z.strictObject({ name: textOrNull }),
    operation: z.strictObject({
      name: z.enum(['enable', 'disable']),
      region: text,
      bucket: text,
    }),
    finding: z.enum(['matches_intent', 'matches_before', 'matches_neither', 'not_asked']),
    state: z.strictObject({ status: textOrNull, modes: textsOrNull, suffixes: textsOrNull }),
    code: textOrNull,
    attempts: count,
    orderedBy: textOrNull,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('journal-opened'),
    version: textOrNull,
    records: count,
    tailBytes: count,
    openIntents: count,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('tail-set-aside'),
    file: text,
    bytes: count,
    sha256,
  }),
  z.strictObject({
    ...place,
    kind: z.literal('journal-recovered'),
    problem: text,
    since: time,
    lost: count,
  }),
  z.strictObject({ ...place, kind: z.literal('journal-closed'), lost: count }),
  z.strictObject({
    ...place,
    kind: z.literal('segment-opened'),
    journal: base64url,
    segment: count,
    openIntents: z.array(z.strictObject({ requestId: text, seq: count })).max(MAX_CARRIED_INTENTS),
  }),
  z.strictObject({
    ...place,
    kind: z.literal('checkpoint'),
    journal: base64url,
    head: z.strictObject({ seq: count, hash: sha256 }),
    within: count.positive(),
    keyId,
    signature: base64url,
  }),
]);

/** A record as it is read back. */
export type AuditRecord = z.infer<typeof AUDIT_RECORD>;
