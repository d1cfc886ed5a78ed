import { coversAction, coversResource } from './applying.ts';
import { bucketNames } from './bucket-names.ts';
import { CALLS, type Call } from './calls.ts';
import { combinations } from './combinations.ts';
import type { DecisionRequest } from './decide.ts';
import type { Standing } from './standing.ts';
import type { Statement } from './statement.ts';
import { withBucket, withValue } from './vary.ts';

/** Requests of one tenant that stand for all it can make. */
export interface RepresentativeRequests {
  readonly requests: Iterable<DecisionRequest>;
  /** What could not be gone through, in words; it grows while the requests are taken. */
  readonly limits: ReadonlySet<string>;
}

export interface RequestsWanted {
  /** The tenant in each of the tables that shall decide; it is known in at least one. */
  readonly standings: readonly Standing[];
  readonly now: Date;
  /** Whether requests about a bucket and an action are wanted; undefined: all are. */
  readonly isWanted?: (request: DecisionRequest, named: readonly Statement[]) => boolean;
  /** Sixth segments and regions to tell apart beside those of the statements. */
  readonly paths?: readonly string[];
  readonly regions?: readonly string[];
}

/** A statement with the sub-account it is looked at for. */
interface Entry {
  readonly statement: Statement;
  readonly subAccount: DecisionRequest['subAccount'];
}

/**
 * Requests so that every way in which the statements of all tables can apply together is had with
 * one of them. Each carries the sub-account of the first table that knows the tenant; who decides
 * under another table puts that one’s in its place.
 */
export function representativeRequests(wanted: RequestsWanted): RepresentativeRequests {
  const limits = new Set<string>();
  return { requests: walk(wanted, limits), limits };
}

function* walk(wanted: RequestsWanted, limits: Set<string>): Generator<DecisionRequest> {
  const entries = wanted.standings.flatMap(({ statements, subAccount }) =>
    statements.map((statement): Entry => ({ statement, subAccount })),
  );
  const seen = new Set<string>();
  for (const base of bases(wanted, limits)) {
    for (const [action, calls] of CALLS_BY_ACTION) {
      const request = { ...base, action };
      const numbers = entries.flatMap((entry, number) => (names(entry, request) ? [number] : []));
      const named = numbers.flatMap((number) => entries[number]?.statement ?? []);
      if (wanted.isWanted?.(request, named) === false) continue;
      // Of buckets about which the same statements speak one is enough.
      const cell = `${action} ${numbers.join()}`;
      if (seen.has(cell)) continue;
      seen.add(cell);
      for (const call of calls) {
        const asked = withValue(request, { aspect: 'call', call });
        yield* combinations(asked, named, { limits, now: wanted.now });
      }
    }
  }
}

const CALLS_BY_ACTION: ReadonlyMap<string, readonly Call[]> = Map.groupBy(
  CALLS,
  ({ action }) => action,
);

function names({ statement, subAccount }: Entry, request: DecisionRequest): boolean {
  return (
    coversAction(statement, request.action) && coversResource(statement, { ...request, subAccount })
  );
}

/** The requests’ buckets: every name in every region, for each account. */
function* bases(wanted: RequestsWanted, limits: Set<string>): Generator<DecisionRequest> {
  const { regions, paths } = placesNamed(wanted);
  const accounts = new Set<string>();
  for (const { tenant, subAccount } of wanted.standings) {
    if (subAccount === null || accounts.has(subAccount.account.appId)) continue;
    accounts.add(subAccount.account.appId);
    const { names, isComplete } = bucketNames(paths, subAccount.account.appId);
    if (!isComplete) limits.add('the patterns of bucket names overlap in too many ways');
    const empty = emptyRequest(tenant, subAccount, wanted.now);
    for (const bucket of names) {
      for (const region of regions) yield withBucket(empty, { region, bucket });
    }
  }
}

/** The regions and the sixth segments that the statements name, and one region that none names. */
function placesNamed({ standings, regions = [], paths = [] }: RequestsWanted) {
  const patterns = standings
    .flatMap(({ statements }) => statements.flatMap(({ resources }) => resources))
    .filter((pattern) => !pattern.matchesAll);
  const named = new Set([...regions, ...patterns.flatMap(({ scope }) => scope.region ?? [])]);
  const elsewhere = ELSEWHERE.find((region) => !named.has(region)) ?? 'ap-elsewhere-1';
  return {
    regions: [...named, elsewhere],
    paths: [...patterns.map(({ path }) => path), ...paths],
  };
}

/** Regions that stand for all that no statement names; one is taken. */
const ELSEWHERE = ['ap-nanjing', 'ap-chengdu', 'ap-tokyo', 'eu-frankfurt'] as const;

/** A request of a tenant that asks for nothing yet. */
export function emptyRequest(
  tenant: string,
  subAccount: DecisionRequest['subAccount'],
  now: Date,
): DecisionRequest {
  const account = subAccount?.account ?? { appId: '', ownerUin: '' };
  return {
    tenant,
    action: '',
    resource: { service: 'ci', region: '', account, path: '' },
    subAccount,
    context: {
      sourceAddress: '192.0.2.1',
      receivedAt: now,
      operation: 'describe',
      configuration: null,
      claims: {},
    },
  };
}
