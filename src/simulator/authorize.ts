import { type AccessPolicy, type AccessStatement, segmentsOf } from './access-policy.ts';
import { holds, type RequestKeys } from './conditions.ts';

/** What is asked: an action on a bucket of the sub-account's own account, or on an object in it. */
export interface AccessRequest {
  /** Like `ci:SetImageSlim`; its service decides what the resource looks like. */
  readonly action: string;
  readonly region: string;
  readonly bucket: string;
  /** Of an object; only object storage has some. */
  readonly key?: string;
  readonly appId: string;
  /** The account id of the owner, for resources that say `uin/`. */
  readonly ownerUin: string;
  /** What conditions look at; absent: nothing of it is known. */
  readonly keys?: RequestKeys;
}

/**
 * Whether a sub-account's policies allow a request: a deny wins, and nothing is allowed by default.
 * Source: CAM documentation, "Permission Evaluation Logic".
 */
export function isAllowed(policies: readonly AccessPolicy[], request: AccessRequest): boolean {
  const applying = policies
    .flatMap(({ statement }) => statement)
    .filter((statement) => applies(statement, request));
  return (
    applying.some(({ effect }) => effect === 'allow') &&
    applying.every(({ effect }) => effect === 'allow')
  );
}

function applies(
  { action, resource, condition }: AccessStatement,
  request: AccessRequest,
): boolean {
  return (
    action.some((pattern) => matchesAction(pattern, request.action)) &&
    resource.some((pattern) => matchesResource(pattern, request)) &&
    (condition === undefined || holds(condition, request.keys ?? new Map()))
  );
}

function matchesAction(pattern: string, action: string): boolean {
  return matchesText(pattern.startsWith('name/') ? pattern.slice('name/'.length) : pattern, action);
}

/** An empty segment stands for every service, every region, or the policy's own account. */
function matchesResource(pattern: string, request: AccessRequest): boolean {
  if (pattern === '*') return true;
  if (API_LEVEL_ACTIONS.has(request.action)) return false;
  const [, , service = '', region = '', account = '', name = ''] = segmentsOf(pattern);
  const [asked = ''] = request.action.split(':');
  return (
    ['', '*', asked].includes(service) &&
    ['', '*', request.region].includes(region) &&
    ['', '*', `uid/${request.appId}`, `uin/${request.ownerUin}`].includes(account) &&
    (RESOURCE_NAMES[asked]?.(request) ?? []).some((resource) => matchesText(name, resource))
  );
}

/** Source: Cloud Infinite documentation, CAM actions: these are granted on `*` only. */
const API_LEVEL_ACTIONS: ReadonlySet<string> = new Set(['ci:DescribeCIBuckets']);

/**
 * The sixth segments that name what is asked, by service.
 * Source: Cloud Infinite and COS documentation, resource descriptions; the form with `prefix//` is
 * an older one that the provider's own libraries still write.
 */
const RESOURCE_NAMES: Readonly<Record<string, (request: AccessRequest) => readonly string[]>> = {
  ci: ({ bucket }) => [`bucket/${bucket}/`],
  cos: ({ bucket, appId, key = '' }) => [
    `${bucket}/${key}`,
    `prefix//${appId}/${bucket.slice(0, -appId.length - 1)}/${key}`,
  ],
};

function matchesText(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}
