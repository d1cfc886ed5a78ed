import { searchCovers } from './covering.ts';
import { decide } from './decide.ts';
import { type Finding, findingOf, LINT_CODES } from './findings.ts';
import { lintStatement } from './lint-statement.ts';
import type { PolicyTable } from './policy-table.ts';
import { representativeRequests } from './representative-requests.ts';
import type { ResourceAccount } from './resource.ts';
import { type Surroundings, standingOf } from './standing.ts';
import type { Statement } from './statement.ts';

export interface LintSurroundings extends Surroundings {
  /** The codes of all regions that can be asked about. */
  readonly regions: ReadonlySet<string>;
}

/** Find what in a table is dead, cannot be meant, or says something else than it seems to. */
export function lint(table: PolicyTable, surroundings: LintSurroundings): readonly Finding[] {
  const principals = [...table.byPrincipal.keys()];
  const tenants = [...table.subAccountOf.keys()];
  return [
    ...principals.flatMap((principal) => lintPrincipal(principal, table, surroundings)),
    ...tenants
      .filter((tenant) => !isReachable(tenant, table, surroundings))
      .map((tenant) => unreachable(tenant)),
  ];
}

function lintPrincipal(
  principal: string,
  { byPrincipal, subAccountOf }: PolicyTable,
  { accountOf, regions, now }: LintSurroundings,
): Finding[] {
  const statements = byPrincipal.get(principal) ?? [];
  const [kind = '', name = ''] = principal.split('/');
  const isTenant = kind === 'tenant';
  const subAccount = (isTenant ? subAccountOf.get(name) : name) ?? '';
  const account = accountOf(subAccount);
  const accounts: ResourceAccount[] = account === null ? [] : [account];
  const isUsed = new Set(subAccountOf.values()).has(subAccount);
  const shared = isTenant ? byPrincipal.get(`sub-account/${subAccount}`) : undefined;
  return [
    ...statements.flatMap((statement) => lintStatement({ statement, accounts, regions, now })),
    ...(isUsed ? [] : statements.map((one) => unused(one, name))),
    ...lintCovers(statements, shared ?? []),
  ];
}

function unused(statement: Statement, subAccount: string): Finding {
  const problem = `no tenant acts as \`${subAccount}\``;
  return findingOf(statement, { code: 'unused-principal', severity: 'warning', problem });
}

/** What another statement of the same principal, or of its sub-account, makes useless. */
function lintCovers(own: readonly Statement[], shared: readonly Statement[]): Finding[] {
  const all = [...shared, ...own];
  const denies = searchCovers(all.filter(({ effect }) => effect === 'deny'));
  const allows = searchCovers(all.filter(({ effect }) => effect === 'allow'));
  return own.flatMap((statement) => {
    const deny = denies.coverOf(statement);
    if (deny !== null && statement.effect === 'allow') {
      const problem = `\`${deny.id}\` denies all that it allows`;
      return [findingOf(statement, { code: 'allow-denied', severity: 'warning', problem })];
    }
    const cover = statement.effect === 'deny' ? deny : allows.coverOf(statement);
    if (cover === null) return [];
    const problem = `\`${cover.id}\` says all that it says`;
    return [findingOf(statement, { code: 'covered', severity: 'warning', problem })];
  });
}

/** Whether something can be allowed to a tenant, ever. */
function isReachable(tenant: string, table: PolicyTable, surroundings: Surroundings): boolean {
  const standing = standingOf(tenant, table, surroundings);
  const { requests, limits } = representativeRequests({
    standings: [standing],
    now: surroundings.now,
    isWanted: (_, named) => named.some(({ effect }) => effect === 'allow'),
  });
  for (const request of requests) if (decide(request, table).effect === 'allow') return true;
  return limits.size > 0;
}

function unreachable(tenant: string): Finding {
  const code = 'unreachable-tenant';
  return {
    code,
    severity: 'warning',
    statement: null,
    tenant,
    problem: 'no statement can ever allow it anything',
    remedy: LINT_CODES[code],
  };
}
