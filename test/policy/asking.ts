import { stringify } from 'yaml';
import type { DecisionContext } from '../../src/policy/context.ts';
import { type Decision, type DecisionRequest, decide } from '../../src/policy/decide.ts';
import { compileTable } from '../../src/policy/parse-table.ts';
import type { PolicyTable } from '../../src/policy/policy-table.ts';
import { bucketResource } from '../../src/policy/resource.ts';
import type { SlimMode, SlimSuffix } from '../../src/slim/slim-configuration.ts';
import { type NaiveTable, naiveReason } from './naive-evaluator.ts';

export const APP_ID = '1250000000';
export const OWNER_UIN = '100000000001';
export const SUB_ACCOUNTS = new Set(['media', 'spare']);
export const E = `examplebucket-${APP_ID}`;
export const P = `prod-${APP_ID}`;
export const T = `test-${APP_ID}`;
export const SH = `qcs::ci:ap-shanghai:uid/${APP_ID}:bucket`;
export const SET = 'ci:SetImageSlim';
export const DESCRIBE = 'ci:DescribeImageSlim';
const LOOKING: ReadonlySet<string> = new Set(['describe', 'savings']);

export type TestCondition = Record<string, Record<string, unknown>>;

/** A row as the table's file has it; without an id it is counted, without a principal tenant a’s. */
export interface TestRow {
  readonly id?: string;
  readonly principal?: string;
  readonly effect?: 'allow' | 'deny';
  readonly action?: string | string[];
  readonly resource?: string | string[];
  readonly condition?: TestCondition;
  readonly policy?: unknown;
  readonly expires?: string;
}

/** One request, the ordinary one where it says nothing: tenant a enables E for jpg. */
export interface TestRequest {
  readonly tenant?: string;
  /** Left out: the one of the operation. */
  readonly action?: string;
  readonly operation?: DecisionContext['operation'];
  readonly region?: string;
  readonly bucket?: string;
  readonly modes?: readonly SlimMode[];
  readonly suffixes?: readonly SlimSuffix[];
  readonly ip?: string | null;
  readonly at?: string;
  readonly claims?: Record<string, unknown>;
}

const TENANTS = {
  a: { subAccount: 'media' },
  b: { subAccount: 'media' },
  c: { subAccount: 'spare' },
};

/** A table’s file, as its value. */
export function fileOf(rows: readonly TestRow[]) {
  const statements = rows.map((row, index) => ({
    id: `s${index}`,
    principal: 'tenant/a',
    ...row,
  }));
  return { version: 1, tenants: TENANTS, statements };
}

export const textOf = (rows: readonly TestRow[]): string => stringify(fileOf(rows));

export function tableOf(rows: readonly TestRow[]): PolicyTable {
  const { statements } = fileOf(rows);
  const tenants = Object.entries(TENANTS).map(([name, own]) => [name, own.subAccount] as const);
  return compileTable({ version: 'v', tenants: new Map(tenants), rows: statements }, SUB_ACCOUNTS);
}

/** The decision of a table with tenants of its own. */
export function decideIn(
  tenants: Readonly<Record<string, string>>,
  rows: readonly TestRow[],
  request: TestRequest,
): Decision {
  const content = { version: 'v', tenants: new Map(Object.entries(tenants)), rows };
  return decideOn(compileTable(content, SUB_ACCOUNTS), request);
}

function complete(request: TestRequest) {
  const { action, operation = action === DESCRIBE ? 'describe' : 'enable' } = request;
  return {
    tenant: 'a',
    region: 'ap-shanghai',
    bucket: E,
    modes: ['Auto'] as readonly SlimMode[],
    suffixes: ['jpg'] as readonly SlimSuffix[],
    ip: '10.1.2.3',
    at: '2026-06-01T12:00:00.000Z',
    claims: {},
    ...request,
    operation,
    action: action ?? (LOOKING.has(operation) ? DESCRIBE : SET),
  };
}

/** The decision of src/policy. */
export function decideOn(table: PolicyTable, request: TestRequest): Decision {
  return decide(decisionRequest(table, request), table);
}

/** The request as src/policy takes it. */
export function decisionRequest(table: PolicyTable, request: TestRequest): DecisionRequest {
  const asked = complete(request);
  const name = table.subAccountOf.get(asked.tenant);
  const appId = asked.bucket.slice(asked.bucket.lastIndexOf('-') + 1);
  const account = { appId: APP_ID, ownerUin: OWNER_UIN };
  return {
    tenant: asked.tenant,
    action: asked.action,
    resource: bucketResource(asked, { appId, ownerUin: OWNER_UIN }),
    subAccount: name === undefined ? null : { name, account },
    context: {
      sourceAddress: asked.ip,
      receivedAt: new Date(asked.at),
      operation: asked.operation,
      configuration: asked.operation === 'enable' ? asked : null,
      claims: Object.freeze(Object.assign(Object.create(null), asked.claims)),
    },
  };
}

/** The reason that the naive evaluator gives. */
export function witness(rows: readonly TestRow[], request: TestRequest): string {
  const asked = complete(request);
  const { modes, suffixes, ip, at, operation, claims } = asked;
  const sets = operation === 'enable' ? { modes, suffixes } : { modes: null, suffixes: null };
  return naiveReason(fileOf(rows) as NaiveTable, {
    ...asked,
    appId: APP_ID,
    ownerUin: OWNER_UIN,
    facts: { ip, at, operation, claims, ...sets },
  });
}
