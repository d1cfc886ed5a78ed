import { z } from 'zod';
import type { ActionPattern } from './action.ts';
import { listEntries, type Report, under } from './report.ts';
import { parseResourcePattern, type ResourcePattern } from './resource.ts';
import { lowerCaseHints, readShape, strictObject } from './shape.ts';
import type { ConditionPart, SharedParts } from './shared-parts.ts';
import type { CompiledStatement } from './statement.ts';

const ONE_OR_MANY = 'must be a text or a non-empty list of texts';
const oneOrMany = z.union([z.string(), z.array(z.string()).min(1, ONE_OR_MANY)], {
  error: ONE_OR_MANY,
});

const elements = {
  effect: z.enum(['allow', 'deny'], { error: 'must be `allow` or `deny`, in lower case' }),
  action: oneOrMany,
  resource: oneOrMany,
  condition: z.unknown().optional(),
};

/** The names of a statement's elements. Source: CAM documentation, "Syntax". */
export const CAM_ELEMENTS = Object.keys(elements);

const camStatement = {
  schema: strictObject(elements),
  hints: { ...lowerCaseHints(CAM_ELEMENTS), principal: 'the row names the principal' },
};

const statementInRow = { schema: z.object(elements) };

type Elements = z.output<typeof statementInRow.schema>;

const policyDocument = {
  schema: strictObject({
    version: z.literal('2.0', { error: 'must be the text "2.0", in quotes' }),
    statement: z.unknown().refine((value) => value !== undefined, 'is missing'),
  }),
  hints: lowerCaseHints(['version', 'statement']),
};

/**
 * Compile the statements of a CAM policy document, in their order.
 * Source: CAM documentation, "Syntax Structure"; a single statement may stand without its brackets.
 * @param report takes everything that is wrong; then what is returned must not be used
 */
export function compilePolicyDocument(
  document: unknown,
  parts: SharedParts,
  report: Report,
): CompiledStatement[] {
  const read = readShape(policyDocument, document, report);
  if (read === null) return [];
  const entries = listEntries(read.statement, 'statement');
  if (entries.length === 0) report('statement', 'must not be an empty list');
  return entries.flatMap(
    ([path, item]) => compileCamStatement(item, parts, under(report, path)) ?? [],
  );
}

/**
 * Compile one CAM statement that stands by itself.
 * @param report takes everything that is wrong; then what is returned must not be used
 */
export function compileCamStatement(
  value: unknown,
  parts: SharedParts,
  report: Report,
): CompiledStatement | null {
  return compileElements(value, readShape(camStatement, value, report), { parts, report });
}

/**
 * Compile the statement whose elements stand in a row, among members that are no business of CAM's.
 * @param report as compileCamStatement
 */
export function compileStatementInRow(
  row: unknown,
  parts: SharedParts,
  report: Report,
): CompiledStatement | null {
  return compileElements(row, readShape(statementInRow, row, report), { parts, report });
}

function compileElements(
  value: unknown,
  read: Elements | null,
  { parts, report }: { readonly parts: SharedParts; readonly report: Report },
): CompiledStatement | null {
  const condition = conditionOf(value, parts, under(report, 'condition'));
  if (read === null) return null;
  const actions = parts.actions(read.action, under(report, 'action'));
  const resources = compileResources(read.resource, { actions, parts }, under(report, 'resource'));
  return {
    effect: read.effect,
    actions,
    resources,
    condition: condition?.test ?? null,
    writtenCondition: condition?.written ?? null,
  };
}

/** Read apart from the rest, so that its faults are told together with theirs. */
function conditionOf(value: unknown, parts: SharedParts, report: Report): ConditionPart | null {
  const isThere = typeof value === 'object' && value !== null && 'condition' in value;
  return isThere ? parts.condition(value.condition, report) : null;
}

function compileResources(
  texts: string | readonly string[],
  { actions, parts }: { readonly actions: readonly ActionPattern[]; readonly parts: SharedParts },
  report: Report,
): ResourcePattern[] {
  const compile = (text: string, path: string): ResourcePattern[] => {
    const pattern = parseResourcePattern(text, parts.scope);
    const fault = typeof pattern === 'string' ? pattern : foreignService(pattern, actions);
    if (typeof pattern !== 'string' && fault === null) return [pattern];
    report(path, `\`${text}\`: ${fault}`);
    return [];
  };
  // A list of one that is made with it takes no more room than that.
  if (typeof texts === 'string') return compile(texts, '');
  return texts.flatMap((text, index) => compile(text, `[${index}]`));
}

/** A resource of a service that no action is of matches nothing: a deny written so would not bite. */
function foreignService(
  pattern: ResourcePattern,
  actions: readonly ActionPattern[],
): string | null {
  const wanted = pattern.matchesAll ? null : pattern.scope.service;
  if (wanted === null) return null;
  const isUsed = actions.some(({ service }) => service === null || service === wanted);
  return isUsed ? null : `no action of the statement is of \`${wanted}\``;
}
