import { type AccessPolicy, type AccessStatement, segmentsOf } from './access-policy.ts';

/** What is asked: an action on one bucket of the sub-account's own account. */
export interface AccessRequest {
  /** Like `ci:SetImageSlim`. */
  readonly action: string;
  readonly region: string;
  readonly bucket: string;
  readonly appId: string;
  /** The account id of the owner, for resources that say `uin/`. */
  readonly ownerUin: string;
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

function applies({ action, resource }: AccessStatement, request: AccessRequest): boolean {
  return (
    action.some((pattern) => matchesAction(pattern, request.action)) &&
    resource.some((pattern) => matchesResource(pattern, request))
  );
}

function matchesAction(pattern: string, action: string): boolean {
  return matchesText(pattern.startsWith('name/') ? pattern.slice('name/'.length) : pattern, action);
}

/** An empty segment stands for every service, every region, or the policy's own account. */
function matchesResource(pattern: string, request: AccessRequest): boolean {
  if (pattern === '*') return true;
  const [, , service = '', region = '', account = '', name = ''] = segmentsOf(pattern);
  return (
    ['', '*', 'ci'].includes(service) &&
    ['', '*', request.region].includes(region) &&
    ['', '*', `uid/${request.appId}`, `uin/${request.ownerUin}`].includes(account) &&
    matchesText(name, `bucket/${request.bucket}/`)
  );
}

function matchesText(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}
