import type { SubAccount, SubAccounts } from '../../accounts/sub-account.ts';
import type { Signer } from '../../signing/sign-request.ts';
import type { BucketTarget } from '../../slim/operation.ts';
import { Deadline } from '../../upstream/deadline.ts';
import { interpretResult } from '../../upstream/interpret-answer.ts';
import type { Transport, TransportResult } from '../../upstream/transport.ts';
import { createUpstreamRequest, type UpstreamRequest } from '../../upstream/upstream-request.ts';
import { wireRequestOf } from '../../upstream/wire-request.ts';
import { checkClock } from './clock.ts';
import { type Finding, fail, ok, warn, wordsOf } from './finding.ts';

export interface UpstreamParts {
  readonly subAccounts: SubAccounts;
  readonly transport: Transport;
  readonly signRequest: Signer;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

/** A bucket to ask about, and where it is. */
export interface ProbedBucket {
  readonly target: BucketTarget;
  readonly host: string;
}

/**
 * Ask about a bucket with the keys of each sub-account of its account: what the gateway needs, and
 * what it should be refused. Nothing that is asked changes anything.
 */
export async function checkUpstream(
  bucket: ProbedBucket,
  parts: UpstreamParts,
): Promise<readonly Finding[]> {
  const owners = parts.subAccounts
    .status()
    .filter(({ isUsable }) => isUsable)
    .flatMap(({ subAccount }) => parts.subAccounts.find(subAccount) ?? [])
    .filter(({ appId }) => appId === bucket.target.appId);
  if (owners.length === 0) {
    const seen = `no sub-account with usable keys is of the APPID ${bucket.target.appId}`;
    return [fail('bucket', seen, 'name a bucket of one of the sub-accounts')];
  }
  const found = await Promise.all(owners.map((owner) => checkOwner(owner, bucket, parts)));
  return found.flat();
}

async function checkOwner(
  owner: SubAccount,
  { target, host }: ProbedBucket,
  parts: UpstreamParts,
): Promise<readonly Finding[]> {
  const check = `${target.bucket} as ${owner.name}`;
  const result = await ask(createUpstreamRequest('GET', host, null), owner, parts);
  if (result.kind === 'fault') return [unreachable(check, host, result)];
  const { error, code } = interpretResult(result, true);
  const { date } = result.headers;
  const at = new Date(date ?? Number.NaN);
  const clock = Number.isNaN(at.getTime()) ? [] : [checkClock(host, at, parts.now())];
  if (error !== null) return [fail(check, `${code ?? result.status}`, error.detail), ...clock];
  const readable = ok(check, 'its setting can be read; setting it was not tried');
  return [readable, ...clock, await checkExcess(owner, host, parts)];
}

function unreachable(
  check: string,
  host: string,
  { fault, cause }: Extract<TransportResult, { kind: 'fault' }>,
): Finding {
  const reason = cause === null ? fault : `${fault}, ${wordsOf(cause)}`;
  return fail(check, `${host}: ${reason}`, 'see to names, routes, proxies and certificates');
}

/**
 * What the gateway never asks for, so that a key that may do it can do too much. Each only reads.
 * Source: COS documentation, "GET Bucket (List Objects)", "GET Bucket acl".
 */
const EXCESSES: readonly { readonly may: string; readonly parameters: Record<string, string> }[] = [
  { may: 'list its objects', parameters: { 'max-keys': '1' } },
  { may: 'read its access control list', parameters: { acl: '' } },
];

async function checkExcess(
  owner: SubAccount,
  host: string,
  parts: UpstreamParts,
): Promise<Finding> {
  const check = `excess of ${owner.name}`;
  const objectHost = host.replace('.pic.', '.cos.');
  if (objectHost === host) return ok(check, 'not asked: the host has no `.pic.` in it');
  const answers = await Promise.all(
    EXCESSES.map(async ({ may, parameters }) => {
      const result = await ask(readRequest(objectHost, parameters), owner, parts);
      return result.kind === 'answer' && result.status === 200 ? [may] : [];
    }),
  );
  const granted = answers.flat();
  if (granted.length === 0) return ok(check, 'none found: it may not list or look at more');
  return warn(
    check,
    `its key may also ${granted.join(' and ')}`,
    'grant it ci:SetImageSlim and ci:DescribeImageSlim, and no more',
  );
}

function readRequest(host: string, parameters: Record<string, string>): UpstreamRequest {
  const query = Object.entries(parameters).map(([name, value]) =>
    value ? `${name}=${value}` : name,
  );
  const target = `/?${query.join('&')}`;
  const headers = { host };
  return { method: 'GET', host, path: '/', parameters, headers, body: null, target, sha256: '' };
}

function ask(
  request: UpstreamRequest,
  owner: SubAccount,
  { subAccounts, transport, signRequest, timeoutMs, now }: UpstreamParts,
): Promise<TransportResult> {
  const signed = signRequest(request, subAccounts.credentialsOf(owner), now());
  return transport.exchange(wireRequestOf(signed), new Deadline(timeoutMs));
}
