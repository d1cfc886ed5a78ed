import { z } from 'zod';
import { CAM_ELEMENTS, compilePolicyDocument, compileStatementInRow } from './cam-statement.ts';
import type { Condition } from './condition.ts';
import { INSTANT_FORM, parseInstant } from './instant.ts';
import { type Report, under } from './report.ts';
import { lowerCaseHints, type MemberHints, readShape, strictObject } from './shape.ts';
import type { SharedParts } from './shared-parts.ts';
import type { CompiledStatement, Principal, Statement } from './statement.ts';
import { allOf } from './truth.ts';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME_FORM = 'must be lower-case letters, digits and hyphens, at most 63';
const PRINCIPAL_FORM = 'must be `tenant/<name>` or `sub-account/<name>`';

/** The form of the names of rows, tenants and sub-accounts. */
export const name = z.string(NAME_FORM).regex(NAME, NAME_FORM);

const rowMembers = {
  id: name,
  principal: z.string(PRINCIPAL_FORM).regex(/^(?:tenant|sub-account)\/./, PRINCIPAL_FORM),
  expires: z
    .string(INSTANT_FORM)
    .refine((text) => parseInstant(text) !== null, INSTANT_FORM)
    .optional(),
  note: z.string('must be a text').max(1000, 'must be at most 1000 characters').optional(),
  author: z.string('must be a text').max(256, 'must be at most 256 characters').optional(),
};

type Row = z.output<z.ZodObject<typeof rowMembers>>;
type Members = Readonly<Record<string, unknown>>;

/** A kind of row: what it may hold beside the members of every row, and what comes of it. */
interface RowKind {
  readonly schema: z.ZodType<Row>;
  readonly hints: MemberHints;
  readonly compile: (
    members: Members,
    parts: SharedParts,
    report: Report,
  ) => readonly CompiledStatement[];
  readonly statementId: (id: string, index: number) => string;
}

/** A CAM statement, its elements standing in the row. */
const STATEMENT: RowKind = {
  schema: strictObject({ ...rowMembers, ...forEachElement(z.unknown().optional()) }),
  hints: lowerCaseHints(CAM_ELEMENTS),
  compile: (members, parts, report) => {
    const statement = compileStatementInRow(members, parts, report);
    return statement === null ? [] : [statement];
  },
  statementId: (id) => id,
};

/** Any number of statements, in a CAM policy document. */
const DOCUMENT: RowKind = {
  schema: strictObject({ ...rowMembers, policy: z.unknown().optional() }),
  hints: forEachElement('it stands inside `policy`'),
  compile: ({ policy }, parts, report) =>
    compilePolicyDocument(policy, parts, under(report, 'policy')),
  statementId: (id, index) => `${id}/${index + 1}`,
};

interface HasName {
  has(name: string): boolean;
}

/** The principals that there are. */
export type KnownPrincipals = Readonly<Record<Principal['kind'], HasName>>;

/** What the rows of a table have in common. */
export interface TableScope {
  readonly known: KnownPrincipals;
  readonly parts: SharedParts;
}

/**
 * Compile a row of the table, as it was kept: the statement it is, or those of the policy document
 * that it carries.
 * @param report takes everything that is wrong; then what is returned must not be used
 */
export function compileRow(value: unknown, scope: TableScope, report: Report): Statement[] {
  const kind = isObject(value) && Object.hasOwn(value, 'policy') ? DOCUMENT : STATEMENT;
  const row = readShape(kind, value, report);
  if (!isObject(value)) return [];
  const statements = kind.compile(value, scope.parts, report);
  if (row === null) return [];
  const attach = attachment(row, scope, report);
  return statements.map((one, index) => attach(kind.statementId(row.id, index), one));
}

/** What a row has for an id, whatever that is. */
export function writtenId(row: unknown): unknown {
  return isObject(row) ? row.id : undefined;
}

/** The id of a row that may have none worth the name. */
export function rowId(row: unknown): string | null {
  const id = writtenId(row);
  return typeof id === 'string' && NAME.test(id) ? id : null;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function forEachElement<Value>(value: Value): Record<string, Value> {
  return Object.fromEntries(CAM_ELEMENTS.map((element) => [element, value]));
}

/** What makes a CAM statement a statement of the table: the members that its row gives it. */
function attachment(
  row: Row,
  { known, parts }: TableScope,
  report: Report,
): (id: string, statement: CompiledStatement) => Statement {
  const principal = parts.principal(row.principal);
  const { kind, name } = principal;
  if (!known[kind].has(name)) report('principal', `there is no ${kind} \`${name}\``);
  const end = row.expires === undefined ? null : parseInstant(row.expires);
  return (id, statement) => ({
    id,
    principal,
    effect: statement.effect,
    actions: statement.actions,
    resources: statement.resources,
    condition: end === null ? statement.condition : inForceUntil(end, statement.condition),
    writtenCondition: statement.writtenCondition,
    expiresAt: end === null ? null : new Date(end),
    note: row.note ?? null,
    author: row.author ?? null,
  });
}

function inForceUntil(end: number, condition: Condition | null): Condition {
  // A clock that is not a number decides nothing.
  const isInForce: Condition = ({ time }) => (Number.isNaN(time) ? 'unknown' : time < end);
  return condition === null ? isInForce : allOf([isInForce, condition]);
}
