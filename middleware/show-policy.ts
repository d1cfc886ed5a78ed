import { z } from 'zod';
import { GatewayError } from '../src/errors.ts';
import { versionName } from '../src/policy/table-document.ts';
import type { Services } from '../src/services.ts';
import type { PolicyVersion, PolicyVersionSummary } from '../src/store/policy-versions.ts';
import { answerJson } from './reply.ts';
import type { GatewayStep } from './state.ts';

const MAX_PAGE = 200;
const number = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .transform(Number);
const page = z.strictObject({
  before: number.default(1_000_000_000),
  limit: number.refine((limit) => limit <= MAX_PAGE).default(50),
});

/** The latest version, with its document. */
export function showPolicy(services: Services): GatewayStep {
  return async function showPolicy(ctx) {
    refuseQuery(ctx.querystring);
    const latest = await services.policyVersions.latest();
    answerJson(ctx, withDocument(await readVersion(latest?.number ?? 0, services)));
  };
}

/** The history, newest first, page by page. */
export function listPolicyVersions({ policyVersions }: Services): GatewayStep {
  return async function listPolicyVersions(ctx) {
    const asked = page.safeParse({ ...ctx.query });
    if (!asked.success) {
      const detail = `only \`before\` (a version) and \`limit\` (up to ${MAX_PAGE}) are taken, once`;
      throw new GatewayError('query-invalid', detail);
    }
    const versions = await policyVersions.list(asked.data);
    const last = versions.at(-1)?.number ?? 1;
    answerJson(ctx, { versions: versions.map(summaryOf), next: last > 1 ? last : null });
  };
}

/** One version, with its document. */
export function showPolicyVersion(services: Services): GatewayStep {
  return async function showPolicyVersion(ctx) {
    refuseQuery(ctx.querystring);
    const asked = number.safeParse(ctx.params.number);
    answerJson(ctx, withDocument(await readVersion(asked.data ?? 0, services)));
  };
}

/** @throws GatewayError `no-such-version` */
export async function readVersion(
  wanted: number,
  { policyVersions }: Services,
): Promise<PolicyVersion> {
  const version = await policyVersions.read(wanted);
  if (version !== null) return version;
  throw new GatewayError('no-such-version', 'look at /v1/policy/versions for those there are');
}

/** A version as the admin API shows it. */
export function summaryOf({ number, parent, digest, ...made }: PolicyVersionSummary) {
  const { author, note, createdAt, requestId } = made;
  const version = versionName(number, digest);
  return { number, version, digest, parent, author, note, createdAt, requestId };
}

function withDocument(version: PolicyVersion) {
  return { ...summaryOf(version), document: JSON.parse(version.document) };
}

function refuseQuery(querystring: string): void {
  if (querystring === '') return;
  throw new GatewayError('query-invalid', 'this operation takes no query parameter');
}
