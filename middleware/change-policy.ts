import { z } from 'zod';
import { GatewayError } from '../src/errors.ts';
import { type PlannedChange, planChange } from '../src/policy/plan-change.ts';
import type { Services } from '../src/services.ts';
import type { PolicyVersion } from '../src/store/policy-versions.ts';
import { askedBy } from './authorize-admin.ts';
import { readBodyAs } from './read-body-as.ts';
import { answerJson } from './reply.ts';
import { requestFacts } from './request-facts.ts';
import { readVersion, summaryOf } from './show-policy.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';

/** A table of a hundred thousand statements is about so large. */
const MAX_BODY_BYTES = 33_554_432;

const change = {
  basedOn: z.int('must be the number of a version').min(1),
  note: z.string('must be a text').max(1_000, 'must be at most 1000 characters').default(''),
  force: z.boolean('must be true or false').default(false),
};
const proposal = z.strictObject({
  ...change,
  document: z.unknown().refine((value) => value !== undefined, 'is missing'),
});
const rollback = z.strictObject({ ...change, to: z.int('must be the number of a version').min(1) });

interface Asked {
  readonly document: unknown;
  readonly basedOn: number;
  readonly note: string;
  readonly force: boolean;
}

/** Make the document of the body the next version of the policy table. */
export function applyPolicy(services: Services): GatewayStep {
  return async function applyPolicy(ctx) {
    const isDryRun = parseDryRun(ctx.querystring);
    const { document, ...asked } = await readBodyAs(ctx, expected(proposal, services));
    await makeChange({ ...asked, document }, { ctx, services, isDryRun });
  };
}

/** Make the document of an earlier version the next version of the policy table. */
export function rollBackPolicy(services: Services): GatewayStep {
  return async function rollBackPolicy(ctx) {
    const isDryRun = parseDryRun(ctx.querystring);
    const { to, ...asked } = await readBodyAs(ctx, expected(rollback, services));
    const { document } = await readVersion(to, services);
    const note = asked.note === '' ? `back to version ${to}` : asked.note;
    await makeChange(
      { ...asked, note, document: JSON.parse(document) },
      { ctx, services, isDryRun },
    );
  };
}

interface Place {
  readonly ctx: GatewayContext;
  readonly services: Services;
  readonly isDryRun: boolean;
}

async function makeChange(asked: Asked, place: Place): Promise<void> {
  const { ctx, services, isDryRun } = place;
  const base = await baseOf(asked.basedOn, services);
  const planned = planChange(
    { document: asked.document, base, author: askedBy(ctx.state), isForced: asked.force },
    services.knownSubAccounts,
  );
  const { document, difference } = planned;
  const isSame = document.digest === base.digest;
  if (isSame || isDryRun) {
    answerJson(ctx, { applied: false, from: summaryOf(base), digest: document.digest, difference });
    return;
  }
  ctx.state.policyChange = {
    from: { number: base.number, digest: base.digest },
    to: { number: planned.number, digest: document.digest },
    isForced: asked.force,
  };
  const made = await recordAndAdd({ asked, base, planned }, place);
  ctx.state.reply.status = 201;
  answerJson(ctx, { applied: true, from: summaryOf(base), ...summaryOf(made), difference });
}

async function baseOf(basedOn: number, services: Services): Promise<PolicyVersion> {
  const latest = await services.policyVersions.latest();
  if (latest?.number !== basedOn) throw conflict(basedOn, latest?.number ?? 0);
  return readVersion(basedOn, services);
}

interface Change {
  readonly asked: Asked;
  readonly base: PolicyVersion;
  readonly planned: PlannedChange;
}

/** INVARIANT: no version is made before its intent is durable; without it the answer is 503. */
async function recordAndAdd(
  { asked, base, planned }: Change,
  { ctx, services }: Place,
): Promise<PolicyVersion> {
  const { journal, policyVersions, policyTable } = services;
  const { number, document, table } = planned;
  const { requestId, receivedAt } = ctx.state;
  ctx.state.intent = await journal.append({ kind: 'intent', request: requestFacts(ctx) });
  ctx.state.changeOutcome = 'unknown';
  const version = {
    number,
    parent: base.number,
    digest: document.digest,
    document: document.text,
    author: stepResult(ctx.state, 'tenant').name,
    note: asked.note,
    createdAt: receivedAt,
    requestId,
  };
  const isAdded = await policyVersions.add(version);
  ctx.state.changeOutcome = isAdded ? 'applied' : 'not_applied';
  if (!isAdded) throw conflict(base.number, base.number + 1);
  policyTable.adopt({ number, digest: document.digest, table });
  return version;
}

function conflict(basedOn: number, latest: number): GatewayError {
  return new GatewayError(
    'policy-conflict',
    `version ${latest} is in force, and this change is based on ${basedOn}: look at what has changed, and repeat it`,
  );
}

function parseDryRun(querystring: string): boolean {
  if (querystring === '' || querystring === 'dryRun=false') return false;
  if (querystring === 'dryRun=true') return true;
  throw new GatewayError('query-invalid', 'only `dryRun=true` or `dryRun=false` is taken, once');
}

function expected<Schema extends z.ZodType>(schema: Schema, { limits }: Services) {
  const bounds = { maxBytes: MAX_BODY_BYTES, timeoutMs: limits.bodyTimeoutMs };
  return { schema, code: 'policy-invalid', ...bounds } as const;
}
