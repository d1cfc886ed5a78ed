import type { SubAccount } from '../accounts/sub-account.ts';
import { ConfigurationError, GatewayError } from '../errors.ts';
import { readStrictYaml } from '../strict-yaml.ts';
import { ADMIN_OPERATIONS, type AdminOperationName, adminResource } from './admin-operation.ts';
import type { DecisionContext } from './context.ts';
import { type Decision, decide } from './decide.ts';
import { pointerOf, segmentsOf } from './locate-problem.ts';
import { compileDocument } from './parse-table.ts';
import type { PolicyTable } from './policy-table.ts';
import { diffTables, type TableDifference } from './table-diff.ts';
import { type TableDocument, tableDocument, versionName } from './table-document.ts';

/** Who asks for an operation of the gateway's own management. */
export interface AdminRequest {
  readonly tenant: string;
  readonly operation: AdminOperationName;
  readonly context: Omit<DecisionContext, 'operation' | 'configuration'>;
}

/** The configured sub-accounts that tenants may be bound to. */
export interface KnownSubAccounts {
  readonly names: ReadonlySet<string>;
  find(name: string): SubAccount | null;
}

/** Decide about the gateway's own management, by the same table as everything. */
export function decideAdmin(
  { tenant, operation, context }: AdminRequest,
  table: PolicyTable,
  subAccounts: Pick<KnownSubAccounts, 'find'>,
): Decision {
  const account = subAccounts.find(table.subAccountOf.get(tenant) ?? '');
  return decide(
    {
      tenant,
      action: ADMIN_OPERATIONS[operation],
      resource: adminResource(account ?? undefined),
      subAccount: account && { name: account.name, account },
      context: { ...context, operation, configuration: null },
    },
    table,
  );
}

/** A change as it is asked for. */
export interface ProposedChange {
  /** A text in YAML or JSON, or the value that it holds. */
  readonly document: unknown;
  /** The version it is made from; null: the first. */
  readonly base: { readonly number: number; readonly document: string } | null;
  /** Who asks, as the lock-out question needs it; null: the gateway itself. */
  readonly author: Omit<AdminRequest, 'operation'> | null;
  /** Also when nobody could change the table afterwards. */
  readonly isForced: boolean;
}

/** A change that can be made: valid as a whole. */
export interface PlannedChange {
  readonly number: number;
  readonly document: TableDocument;
  readonly table: PolicyTable;
  readonly difference: TableDifference;
}

/**
 * Find out what a change would make, and that it can be made.
 * @throws GatewayError `policy-invalid` with every problem at its place; `policy-lockout`
 */
export function planChange(
  { document: given, base, author, isForced }: ProposedChange,
  subAccounts: KnownSubAccounts,
): PlannedChange {
  const number = (base?.number ?? 0) + 1;
  const { document, table } = compileGiven(given, number, subAccounts.names);
  if (!isForced && author !== null && !isAdministered(table, author, subAccounts)) {
    throw new GatewayError(
      'policy-lockout',
      'after this change nobody would be allowed `slimgate:ApplyPolicy` for certain; keep a statement for it, or send `force`',
    );
  }
  return { number, document, table, difference: diffTables(base?.document ?? null, document.text) };
}

interface Located {
  readonly value: unknown;
  readonly lineOf: (path: readonly (string | number)[]) => number | null;
}

function compileGiven(
  given: unknown,
  number: number,
  subAccounts: ReadonlySet<string>,
): Pick<PlannedChange, 'document' | 'table'> {
  let located: Located = { value: given, lineOf: () => null };
  try {
    if (typeof given === 'string') located = readStrictYaml('the policy table', given);
    const document = tableDocument(located.value);
    const version = versionName(number, document.digest);
    // What is compiled is what will be kept, not what it was written in.
    const value = JSON.parse(document.text);
    return { document, table: compileDocument({ version, value }, subAccounts) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw invalid(error.problems, located);
  }
}

/** Of more faults than this the first are told. */
const MAX_TOLD = 200;

function invalid(problems: readonly string[], { value, lineOf }: Located): GatewayError {
  const errors = problems.slice(0, MAX_TOLD).map((problem) => {
    const path = segmentsOf(problem, value);
    const line = problem.startsWith('line ') ? null : lineOf(path);
    return {
      pointer: pointerOf(['document', ...path]),
      detail: line === null ? problem : `line ${line}: ${problem}`,
    };
  });
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const first = errors[0]?.detail ?? '';
  const detail = `the table is refused as a whole for ${count}; ${first}`;
  return new GatewayError('policy-invalid', detail, { errors });
}

/**
 * Whether somebody may change this table for certain: its author from where they are now, or a tenant
 * whose right depends on no address and no claim.
 */
function isAdministered(
  table: PolicyTable,
  author: Omit<AdminRequest, 'operation'>,
  subAccounts: KnownSubAccounts,
): boolean {
  const operation = 'apply-policy';
  const may = (request: Omit<AdminRequest, 'operation'>) =>
    decideAdmin({ ...request, operation }, table, subAccounts).effect === 'allow';
  const { receivedAt } = author.context;
  const nowhere = { sourceAddress: null, receivedAt, claims: {} };
  if (may(author)) return true;
  return [...table.subAccountOf.keys()].some((tenant) => may({ tenant, context: nowhere }));
}
