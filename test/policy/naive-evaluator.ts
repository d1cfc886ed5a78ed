import { parse } from 'yaml';
import { certainly, type Facts, possibly } from './naive-conditions.ts';
import { glob } from './naive-glob.ts';

/**
 * A second evaluator for the policy table, written from CAM's rules as plainly as can be: slow,
 * without any index, patterns as backtracking on single characters. It shares no code with
 * src/policy and serves as its witness.
 */

interface NaiveStatement {
  effect: string;
  action: string | string[];
  resource: string | string[];
  condition?: Record<string, Record<string, unknown>>;
}

type NaiveRow = {
  id: string;
  principal: string;
  expires?: string;
  policy?: { statement: NaiveStatement | NaiveStatement[] };
} & Partial<NaiveStatement>;

/** A table as it stands in its file. */
export interface NaiveTable {
  tenants: Record<string, { subAccount: string }>;
  statements: NaiveRow[];
}

export interface Asked {
  tenant: string;
  action: string;
  region: string;
  bucket: string;
  /** Of the sub-account that the tenant acts as. */
  appId: string;
  ownerUin: string;
  /** What conditions ask about; left out where no statement has one. */
  facts?: Facts;
}

const NO_FACTS: Facts = {
  ip: null,
  at: '2026-06-01T00:00:00.000Z',
  operation: 'describe',
  modes: null,
  suffixes: null,
  claims: {},
};

/** What the table says, as the reason of a decision. */
export function naiveReason(table: NaiveTable, asked: Asked): string {
  const binding = Object.hasOwn(table.tenants, asked.tenant) ? table.tenants[asked.tenant] : null;
  if (!binding) return 'unknown-tenant';
  if (!asked.bucket.endsWith(`-${asked.appId}`)) return 'other-account';

  const facts = asked.facts ?? NO_FACTS;
  const named = table.statements
    .filter((row) =>
      isInForce(row, [`tenant/${asked.tenant}`, `sub-account/${binding.subAccount}`], facts),
    )
    .flatMap(statementsOf)
    .filter((statement) => coversAction(statement, asked) && coversResource(statement, asked));
  const denies = named.filter(({ effect }) => effect === 'deny');
  const allows = named.filter(({ effect }) => effect === 'allow');
  if (denies.some(({ condition }) => certainly(condition, facts))) return 'explicit-deny';
  if (denies.some(({ condition }) => possibly(condition, facts))) return 'undecidable-deny';
  if (allows.some(({ condition }) => certainly(condition, facts))) return 'allowed';
  return 'default-deny';
}

function isInForce({ principal, expires }: NaiveRow, ours: string[], { at }: Facts): boolean {
  return ours.includes(principal) && !(expires && new Date(at) >= new Date(expires));
}

export function naiveDecision(tableText: string, asked: Asked): 'allow' | 'deny' {
  return naiveReason(parse(tableText), asked) === 'allowed' ? 'allow' : 'deny';
}

function statementsOf(row: NaiveRow): NaiveStatement[] {
  return row.policy ? [row.policy.statement].flat() : [row as NaiveStatement];
}

function coversAction({ action }: NaiveStatement, asked: Asked): boolean {
  for (const pattern of [action].flat()) {
    const short = pattern.replace(/^name\//, '');
    if (glob(short, asked.action)) return true;
  }
  return false;
}

/** Actions that are about no bucket; the list is written again, from CAM's documentation. */
const WITHOUT_RESOURCE =
  /^ci:(?:Describe(?:CI|Media|Asr)Buckets|(?:Describe|Create|Delete)RiskLib(?:Image|Text)|GetPrivateM3U8)$/;

function coversResource({ resource }: NaiveStatement, asked: Asked): boolean {
  const isNamed = !WITHOUT_RESOURCE.test(asked.action);
  return [resource]
    .flat()
    .some((pattern) => pattern === '*' || (isNamed && coversName(pattern, asked)));
}

function coversName(pattern: string, asked: Asked): boolean {
  const [, , service = '', region = '', account = '', ...rest] = pattern.split(':');
  const accounts = ['', '*', `uid/${asked.appId}`, `uin/${asked.ownerUin}`];
  if (!['', '*', 'ci'].includes(service)) return false;
  if (!['', '*', asked.region].includes(region)) return false;
  if (!accounts.includes(account)) return false;
  return glob(rest.join(':'), `bucket/${asked.bucket}/`);
}
