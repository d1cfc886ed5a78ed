import { z } from 'zod';
import { GatewayError } from '../src/errors.ts';
import type { Revocation } from '../src/identity/revocation.ts';
import { PRINTABLE, TENANT_NAME } from '../src/identity/tenant.ts';
import { INSTANT_FORM, parseInstant } from '../src/policy/instant.ts';
import type { Services } from '../src/services.ts';
import { hasBody } from './read-body.ts';
import { readBodyAs } from './read-body-as.ts';
import { answerJson } from './reply.ts';
import { requestFacts } from './request-facts.ts';
import { type GatewayContext, type GatewayState, type GatewayStep, stepResult } from './state.ts';

const MAX_BODY_BYTES = 16_384;

/** What has ended is kept for so long: further apart are no two replicas' clocks. */
const KEPT_MS = 86_400_000;

const about = {
  until: z
    .string('must be a text')
    .refine((text) => parseInstant(text) !== null, INSTANT_FORM)
    .transform((text) => new Date(text))
    .nullable()
    .default(null),
  note: z
    .string('must be a text')
    .max(1_000, 'must be at most 1000 characters')
    .regex(/^\P{Cc}*$/u, 'must be one line')
    .default(''),
};
const identifier = z
  .string('must be a text')
  .regex(PRINTABLE, 'must be 1 to 256 ASCII characters, as tokens have them');
const ofIssuer = { ...about, issuer: identifier, value: identifier };
const asked = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('token'), ...ofIssuer }),
    z.strictObject({ kind: z.literal('subject'), ...ofIssuer }),
    z.strictObject({
      kind: z.literal('tenant'),
      ...about,
      value: z.string('must be a text').regex(TENANT_NAME, 'must be the name of a tenant'),
    }),
  ],
  'must be an object whose `kind` is `token`, `subject` or `tenant`',
);

/** Everything that is revoked, oldest first. */
export function listRevocations({ revocations }: Services): GatewayStep {
  return async function listRevocations(ctx) {
    refuseMore(ctx);
    answerJson(ctx, { revocations: await revocations.list() });
  };
}

/** Revoke a token, a subject or a tenant. */
export function revoke(services: Services): GatewayStep {
  return async function revoke(ctx) {
    refuseQuery(ctx);
    const revocation = await readRevocation(ctx, services);
    const { revocations, now } = services;
    await revocations.changeCount(); // Without the database nothing is begun.
    await recordChange(ctx, services, { change: 'revoke', ...revocation });
    await revocations.add(revocation, new Date(now().getTime() - KEPT_MS));
    await putInForce(ctx, services);
    ctx.state.reply.status = 201;
    answerJson(ctx, revocation);
  };
}

/** Take back a revocation; what another one revokes as well stays revoked. */
export function liftRevocation(services: Services): GatewayStep {
  return async function liftRevocation(ctx) {
    refuseMore(ctx);
    const { revocations } = services;
    const found = (await revocations.list()).find(({ id }) => id === ctx.params.id);
    if (found === undefined) throw nothingToLift();
    await recordChange(ctx, services, { change: 'lift', ...found });
    if ((await revocations.lift(found.id)) === null) {
      ctx.state.changeOutcome = 'not_applied';
      throw nothingToLift();
    }
    await putInForce(ctx, services);
    answerJson(ctx, found);
  };
}

async function readRevocation(
  ctx: GatewayContext,
  { limits, tokenVerifier, now }: Services,
): Promise<Revocation> {
  const limit = { maxBytes: MAX_BODY_BYTES, timeoutMs: limits.bodyTimeoutMs };
  const body = await readBodyAs(ctx, { schema: asked, code: 'body-invalid', ...limit });
  const issuer = body.kind === 'tenant' ? null : body.issuer;
  // A slip of the pen here would revoke nothing, and look as if it had.
  if (issuer !== null && !tokenVerifier.status(now()).some((known) => known.issuer === issuer)) {
    throw invalid('/issuer', 'must be one of the configured issuers');
  }
  if (body.until !== null && body.until <= now()) throw invalid('/until', 'must lie ahead');
  const { requestId: id, receivedAt: createdAt } = ctx.state;
  return { ...body, id, issuer, author: stepResult(ctx.state, 'tenant').name, createdAt };
}

/** INVARIANT: nothing is revoked or lifted before its intent is durable; without it: 503. */
async function recordChange(
  ctx: GatewayContext,
  { journal }: Services,
  { change, id, kind, issuer, value, until }: Revocation & { readonly change: 'revoke' | 'lift' },
): Promise<void> {
  const facts: GatewayState['revocationChange'] = { change, id, kind, issuer, value, until };
  ctx.state.revocationChange = facts;
  ctx.state.intent = await journal.append({ kind: 'intent', request: requestFacts(ctx) });
  ctx.state.changeOutcome = 'unknown';
}

async function putInForce({ state }: GatewayContext, { revocationList }: Services): Promise<void> {
  state.changeOutcome = 'applied';
  await revocationList.look();
}

function nothingToLift(): GatewayError {
  return new GatewayError('no-such-revocation', 'look at /v1/revocations for those there are');
}

function invalid(pointer: string, detail: string): GatewayError {
  const errors = [{ pointer, detail }];
  return new GatewayError('body-invalid', `${pointer}: ${detail}`, { errors });
}

function refuseMore(ctx: GatewayContext): void {
  refuseQuery(ctx);
  if (!hasBody(ctx.req)) return;
  throw new GatewayError('body-unexpected', 'send this operation without a body');
}

function refuseQuery({ querystring }: GatewayContext): void {
  if (querystring === '') return;
  throw new GatewayError('query-invalid', 'this operation takes no query parameter');
}
