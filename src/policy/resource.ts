import { matchWildcard, type Wildcard } from './wildcard.ts';

/** What is acted on, in the parts of CAM's six-segment name. */
export interface Resource {
  readonly service: string;
  readonly region: string;
  readonly account: ResourceAccount;
  /** The sixth segment. */
  readonly path: string;
}

/** The main account that owns a resource, by both of its names. */
export interface ResourceAccount {
  readonly appId: string;
  readonly ownerUin: string;
}

/** A resource pattern of a statement. Source: CAM documentation, "Resource Description Method". */
export type ResourcePattern =
  | { readonly matchesAll: true }
  | {
      readonly matchesAll: false;
      readonly scope: ResourceScope;
      /** The sixth segment. */
      readonly path: Wildcard;
    };

/** What a pattern says in its segments three to five: few different ones stand in a table. */
export interface ResourceScope {
  /** Null: all. */
  readonly service: string | null;
  readonly region: string | null;
  readonly account: AccountPattern;
}

/** The fifth segment: `uid/<APPID>`, `uin/<main account>`, `*`, or empty: the policy's owner. */
export type AccountPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'owner' }
  | { readonly kind: 'appId' | 'ownerUin'; readonly number: string };

/**
 * The bucket a bucket setting acts on. The upstream's exact text is unconfirmed; with a slash at
 * the end it matches the documented pattern `bucket/<name>/*` and not `bucket/<name>`.
 */
export function bucketResource(
  { region, bucket }: { region: string; bucket: string },
  account: ResourceAccount,
): Resource {
  return { service: 'ci', region, account, path: `bucket/${bucket}/` };
}

/** An object, whose resources have no `bucket/` in front. Source: COS documentation, "Working with CAM". */
export function objectResource(
  { region, bucket, key }: { region: string; bucket: string; key: string },
  account: ResourceAccount,
): Resource {
  return { service: 'cos', region, account, path: `${bucket}/${key}` };
}

/** The six-segment name, as records and explanations show it. */
export function resourceName({ service, region, account, path }: Resource): string {
  return `qcs::${service}:${region}:uid/${account.appId}:${path}`;
}

/**
 * Parse a pattern.
 * @param scopeOf parses what stands before the sixth segment; a table remembers what comes of it
 * @returns the pattern, or what is wrong with it as a sentence that says what to change
 */
export function parseResourcePattern(
  text: string,
  scopeOf: typeof parseScope = parseScope,
): ResourcePattern | string {
  if (text === '*') return MATCHES_ALL;
  const head = headLength(text);
  const scope = head === -1 ? SIX_SEGMENTS : scopeOf(text.slice(0, head));
  if (typeof scope === 'string') return scope;
  const path = text.slice(head);
  const fault = PATH_RULES.find(({ isMet }) => !isMet(path, scope))?.fault;
  return fault ?? { matchesAll: false, scope, path };
}

const MATCHES_ALL: ResourcePattern = { matchesAll: true };
const SIX_SEGMENTS = 'must be `*` or have six segments, qcs::service:region:account:resource';

/** Up to and with the fifth colon, -1 without one: more can only belong to the sixth segment. */
function headLength(text: string): number {
  let colon = -1;
  for (let count = 0; count < 5; count += 1) {
    colon = text.indexOf(':', colon + 1);
    if (colon === -1) return -1;
  }
  return colon + 1;
}

/**
 * Parse the first five segments of a pattern.
 * @param head with the colon at its end
 * @returns as parseResourcePattern
 */
export function parseScope(head: string): ResourceScope | string {
  const [qcs, project, service = '', region = '', account = ''] = head.split(':');
  if (qcs !== 'qcs' || project !== '') return 'must begin with `qcs::`';
  const segments = { service, region, account };
  const fault = SCOPE_RULES.find(({ isMet }) => !isMet(segments))?.fault;
  if (fault !== undefined) return fault;
  return {
    service: nullForAll(service),
    region: nullForAll(region),
    account: accountPattern(account),
  };
}

type Segments = Readonly<Record<'service' | 'region' | 'account', string>>;

const SCOPE_RULES: readonly { fault: string; isMet: (segments: Segments) => boolean }[] = [
  {
    fault: 'segment 3 must be a service in lower case, like `ci`, or empty for all',
    isMet: ({ service }) => /^(?:[a-z]+|\*|)$/.test(service),
  },
  {
    fault: 'segment 4 must be a region code, or empty for all',
    isMet: ({ region }) => /^(?:[a-z0-9-]+|\*|)$/.test(region),
  },
  {
    fault: 'segment 5 must be `uid/<APPID>`, `uin/<main account>`, or empty for the owner',
    isMet: ({ account }) => /^(?:ui[dn]\/[1-9][0-9]{4,19}|\*|)$/.test(account),
  },
];

const PATH_RULES: readonly {
  fault: string;
  isMet: (path: string, scope: ResourceScope) => boolean;
}[] = [
  {
    fault: 'segment 6 must not be empty',
    isMet: (path) => path !== '',
  },
  {
    fault: 'segment 6 of a `ci` resource begins with `bucket/`, or is `*`',
    isMet: (path, { service }) => service !== 'ci' || path === '*' || path.startsWith('bucket/'),
  },
  {
    fault: 'a `*` directly behind a name also covers longer names; put `/` or `-` before it',
    isMet: (path) => !path.includes('*') || !/[A-Za-z0-9]\*/.test(path),
  },
  {
    fault: 'the APPID in segment 5 and the one in the bucket’s name differ',
    isMet: (path, { service, account }) => {
      if (account.kind !== 'appId') return true;
      const bucket =
        service === 'cos' ? /^[^/*]*-([0-9]+)(?:\/|$)/ : /^bucket\/[^/*]*-([0-9]+)(?:\/|$)/;
      const appId = bucket.exec(path)?.[1];
      return appId === undefined || appId === account.number;
    },
  },
];

/**
 * Whether a pattern covers a resource.
 * @param resource `*` for an action that is about no resource: then only the pattern `*` does
 * @param policyOwner the main account that an empty account segment stands for
 */
export function matchResource(
  pattern: ResourcePattern,
  resource: Resource | '*',
  policyOwner: ResourceAccount,
): boolean {
  if (pattern.matchesAll) return true;
  if (resource === '*') return false;
  return (
    matchScope(pattern.scope, resource, policyOwner) && matchWildcard(pattern.path, resource.path)
  );
}

/** Whether a pattern covers a resource as far as its segments three to five say. */
export function matchScope(
  { service, region, account }: ResourceScope,
  resource: Resource,
  policyOwner: ResourceAccount,
): boolean {
  return (
    (service === null || service === resource.service) &&
    (region === null || region === resource.region) &&
    matchAccount(account, resource.account, policyOwner)
  );
}

/** Whether the fifth segment of a pattern covers an account. */
export function matchAccount(
  pattern: AccountPattern,
  account: ResourceAccount,
  policyOwner: ResourceAccount,
): boolean {
  if (pattern.kind === 'any') return true;
  if (pattern.kind === 'owner') return policyOwner.appId === account.appId;
  return account[pattern.kind] === pattern.number;
}

function nullForAll(segment: string): string | null {
  return segment === '' || segment === '*' ? null : segment;
}

function accountPattern(segment: string): AccountPattern {
  if (segment === '*') return { kind: 'any' };
  if (segment === '') return { kind: 'owner' };
  const [kind, number = ''] = segment.split('/');
  return { kind: kind === 'uid' ? 'appId' : 'ownerUin', number };
}
