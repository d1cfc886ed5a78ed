import { z } from 'zod';
import { isIndexed } from '../src/audit/index-row.ts';
import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import type { AuditPlace, AuditQuery, FoundRecord } from '../src/store/audit-records.ts';
import { answerJson } from './reply.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

const MAX_LIMIT = 500;

// PostgreSQL knows no NUL.
const text = z.string().regex(/^[^\0]{1,256}$/);
// Compared as texts in the index: one form for each moment.
const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((value) => new Date(value).toISOString());

const PARAMETERS = z.strictObject({
  region: text.optional(),
  bucket: text.optional(),
  operation: text.optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  outcome: text.optional(),
  kind: text.refine(isIndexed, 'is not in the index: search for its closing').optional(),
  requestId: text.optional(),
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(50),
  after: z.string().max(512).transform(placeOf).optional(),
});

/** What an auditor may also ask for. */
const AUDITOR_PARAMETERS = PARAMETERS.extend({ tenant: text.optional() });

/** A tenant's own records out of the index; nothing that it sends can ask for another's. */
export function answerOwnRecords(services: Services): GatewayStep {
  return async function answerOwnRecords(ctx) {
    const { name } = stepResult(ctx.state, 'tenant');
    const asked = parametersOf(ctx, PARAMETERS);
    await answerPage(ctx, services, { ...asked, tenant: name });
  };
}

/** Anybody's records out of the index, for who may read them all. */
export function answerRecords(services: Services): GatewayStep {
  return async function answerRecords(ctx) {
    await answerPage(ctx, services, parametersOf(ctx, AUDITOR_PARAMETERS));
  };
}

type Asked = AuditQuery & { readonly limit: number; readonly after?: AuditPlace | undefined };

async function answerPage(
  ctx: GatewayContext,
  { auditRecords, indexer }: Services,
  { limit, after, ...query }: Asked,
): Promise<void> {
  const found = await auditRecords.find(query, { limit, after: after ?? null }).catch((cause) => {
    throw new GatewayError('index-unavailable', 'the records are safe; search again later', {
      headers: { 'retry-after': '5' },
      cause,
    });
  });
  const last = found.at(-1);
  answerJson(ctx, {
    records: found.map(recordOf),
    next: found.length === limit && last !== undefined ? textOf(last) : null,
    behind: indexer.status().behind,
  });
}

function parametersOf<Shape extends z.ZodType<Asked>>(
  { querystring }: GatewayContext,
  shape: Shape,
): z.output<Shape> {
  const given = [...new URLSearchParams(querystring)];
  const parameters = Object.fromEntries(given);
  const parsed = shape.safeParse(parameters);
  if (parsed.success && Object.keys(parameters).length === given.length) return parsed.data;
  const [issue] = parsed.error?.issues ?? [];
  const detail = issue ? `${issue.path.join('.')} ${issue.message}`.trim() : 'name each once';
  throw new GatewayError('query-invalid', `the search cannot be read: ${detail}`);
}

/** A line that was damaged on its disk before it came into the index is told as what it is. */
function recordOf({ journal, seq, at, line }: FoundRecord): object {
  try {
    return { journal, ...JSON.parse(line) };
  } catch {
    return { journal, seq, at, kind: 'damaged' };
  }
}

/** The place behind which the next page begins, for the caller an opaque text. */
function textOf({ at, journal, seq }: AuditPlace): string {
  return Buffer.from(JSON.stringify([at, journal, seq])).toString('base64url');
}

const PLACE = z.tuple([z.string(), z.string(), z.int().nonnegative()]);

function placeOf(given: string, context: z.RefinementCtx): AuditPlace {
  try {
    const [at, journal, seq] = PLACE.parse(JSON.parse(Buffer.from(given, 'base64url').toString()));
    return { at, journal, seq };
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a `next` of an earlier answer' });
    return z.NEVER;
  }
}
