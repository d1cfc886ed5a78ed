import { SLIMGATE_ACTIONS } from './admin-operation.ts';
import { coversAction } from './applying.ts';
import { someBucket } from './bucket-names.ts';
import { ASKED_ACTIONS, CALLS, OBJECT_ACTION } from './calls.ts';
import { API_LEVEL_ACTIONS } from './ci-actions.ts';
import { type Aspect, type Comparison, comparisonsOf } from './comparisons.ts';
import { contextValues } from './context.ts';
import { type Finding, findingOf, severityOfMiss } from './findings.ts';
import { quoted } from './report.ts';
import { emptyRequest } from './representative-requests.ts';
import { representatives } from './representatives.ts';
import type { ResourceAccount, ResourcePattern } from './resource.ts';
import type { Statement } from './statement.ts';
import { conjunction } from './truth.ts';
import { withValue } from './vary.ts';
import { matchWildcard } from './wildcard.ts';
import { resourceText } from './writing.ts';

/** What a statement is judged by. */
export interface StatementPlace {
  readonly statement: Statement;
  /** The main accounts of all tenants that it holds for. */
  readonly accounts: readonly ResourceAccount[];
  readonly regions: ReadonlySet<string>;
  readonly now: Date;
}

const LINTED_ACTIONS = [...ASKED_ACTIONS, OBJECT_ACTION];

/** What is wrong with a statement by itself, whatever else the table says. */
export function lintStatement(place: StatementPlace): readonly Finding[] {
  const { statement, now } = place;
  const end = statement.expiresAt;
  if (end !== null && end <= now) {
    const problem = `it ended at ${end.toISOString()}`;
    return [findingOf(statement, { code: 'expired', severity: 'warning', problem })];
  }
  return [
    ...lintActions(statement),
    ...lintManagement(statement),
    ...statement.resources.flatMap((pattern) => lintResource(pattern, place)),
    ...lintCondition(place),
  ];
}

function lintActions(statement: Statement): readonly Finding[] {
  const isAsked = LINTED_ACTIONS.some((action) => coversAction(statement, action));
  const strange = statement.actions.filter(
    ({ name }) => !LINTED_ACTIONS.some((action) => matchWildcard(name, action)),
  );
  const found: Finding[] = strange.map(({ name }) =>
    findingOf(statement, {
      code: 'action-never-asked',
      severity: isAsked ? 'note' : 'warning',
      problem: `its action \`${name}\` is none of ${quoted(LINTED_ACTIONS)}`,
    }),
  );
  const hasStar = statement.resources.some(({ matchesAll }) => matchesAll);
  const starved = hasStar ? [] : strange.filter(({ name }) => API_LEVEL_ACTIONS.has(name));
  for (const { name } of starved) {
    const problem = `its action \`${name}\` does not go with a bucket`;
    found.push(
      findingOf(statement, {
        code: 'action-needs-star',
        severity: severityOfMiss(statement),
        problem,
      }),
    );
  }
  return found;
}

/** The gateway's own management is on the resource `*`; a star among actions takes it in unsaid. */
function lintManagement(statement: Statement): readonly Finding[] {
  const hasStar = statement.resources.some(({ matchesAll }) => matchesAll);
  if (statement.effect === 'deny' || !hasStar) return [];
  const unsaid = statement.actions.filter(({ name }) => !name.startsWith('slimgate:'));
  return unsaid.flatMap(({ name }) => {
    const granted = [...SLIMGATE_ACTIONS].filter((action) => matchWildcard(name, action));
    if (granted.length === 0) return [];
    const problem = `its action \`${name}\` on \`*\` also grants ${quoted(granted)}`;
    return [findingOf(statement, { code: 'grants-management', severity: 'note', problem })];
  });
}

function lintResource(
  pattern: ResourcePattern,
  { statement, accounts, regions }: StatementPlace,
): readonly Finding[] {
  if (pattern.matchesAll) return [];
  const severity = severityOfMiss(statement);
  const text = resourceText(pattern);
  const { service, region } = pattern.scope;
  if (service === 'cos' && coversAction(statement, OBJECT_ACTION)) return [];
  if (service !== null && service !== 'ci') {
    const problem = `\`${text}\` is of the service \`${service}\``;
    return [findingOf(statement, { code: 'other-service', severity: 'note', problem })];
  }
  const own = accounts.filter((account) => isAccount(pattern, account));
  if (accounts.length > 0 && own.length === 0) {
    const appIds = quoted(new Set(accounts.map(({ appId }) => `uid/${appId}`)));
    const problem = `\`${text}\` is of another account than ${appIds}`;
    return [findingOf(statement, { code: 'other-account', severity, problem })];
  }
  const found: Finding[] = [];
  if (region !== null && !regions.has(region)) {
    const problem = `\`${text}\` is in the region \`${region}\``;
    found.push(findingOf(statement, { code: 'unknown-region', severity, problem }));
  }
  if (own.length > 0 && own.every(({ appId }) => someBucket(pattern, appId) === null)) {
    const problem = `\`${text}\` covers no bucket \`bucket/<name>-${own[0]?.appId}/\``;
    found.push(findingOf(statement, { code: 'resource-never-matches', severity, problem }));
  }
  return found;
}

function isAccount(pattern: ResourcePattern, { appId, ownerUin }: ResourceAccount): boolean {
  if (pattern.matchesAll) return true;
  const { account } = pattern.scope;
  if (account.kind === 'any' || account.kind === 'owner') return true;
  return { appId, ownerUin }[account.kind] === account.number;
}

function lintCondition(place: StatementPlace): readonly Finding[] {
  const { statement } = place;
  const comparisons = comparisonsOf(statement);
  const found: Finding[] = [];
  const never = [...new Set(comparisons.map(({ aspect }) => aspect))].filter(
    (aspect) => !canHold(aspect, comparisons, place),
  );
  for (const aspect of never) {
    const keys = comparisons.filter((one) => one.aspect === aspect).map(({ key }) => key);
    const problem = `no request ${statement.effect === 'deny' ? 'meets' : 'has'} what it wants of ${quoted(new Set(keys))}`;
    const severity = severityOfMiss(statement);
    found.push(findingOf(statement, { code: 'never-holds', severity, problem }));
  }
  if (comparisons.some(({ key }) => key === 'qcs:ip')) {
    const problem = 'it has a condition on `qcs:ip`';
    found.push(findingOf(statement, { code: 'ip-not-in-cam', severity: 'note', problem }));
  }
  const open = never.length === 0 ? openOperations(statement, comparisons) : [];
  if (statement.effect === 'deny' && open.length > 0) {
    const problem = `it also denies ${open.join(' and ')}, because those set nothing that it could compare`;
    found.push(findingOf(statement, { code: 'open-deny', severity: 'warning', problem }));
  }
  return found;
}

/** Whether some request can satisfy the comparisons on one aspect; of a deny, fail to fail them. */
function canHold(
  aspect: Aspect,
  comparisons: readonly Comparison[],
  { statement, now }: StatementPlace,
): boolean {
  const own = comparisons.filter((one) => one.aspect === aspect);
  const { values, isComplete } = representatives(aspect, own, [now.getTime()]);
  if (!isComplete) return true;
  const empty = emptyRequest('', null, now);
  return values.some((value) => {
    const request = withValue(empty, value);
    if (aspect === 'call' && !isAskedHere(statement, request.action)) return false;
    const context = contextValues(request.context);
    if (context.time < now.getTime()) return false;
    const truth = conjunction(own, ({ test }) => test(context));
    return truth === true || (truth === 'unknown' && statement.effect === 'deny');
  });
}

/** A statement about actions that are never asked for is told so once, elsewhere. */
function isAskedHere(statement: Statement, action: string): boolean {
  const isAsked = ASKED_ACTIONS.some((one) => coversAction(statement, one));
  return !isAsked || coversAction(statement, action);
}

/** The operations whose requests leave the condition open, because they set nothing. */
function openOperations(statement: Statement, comparisons: readonly Comparison[]): string[] {
  const own = comparisons.filter(({ aspect }) => aspect === 'call');
  const empty = emptyRequest('', null, new Date(0));
  const open = CALLS.filter((call) => {
    const { context } = withValue(empty, { aspect: 'call', call });
    const values = contextValues(context);
    return (
      coversAction(statement, call.action) &&
      own.length > 0 &&
      conjunction(own, ({ test }) => test(values)) === 'unknown'
    );
  });
  return [...new Set(open.map(({ operation }) => operation))];
}
