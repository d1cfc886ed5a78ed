import { hash } from 'node:crypto';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { parseStrictYaml } from '../strict-yaml.ts';
import { parseActionPattern } from './action.ts';
import { compilePolicyTable, type PolicyTable } from './policy-table.ts';
import { parseResourcePattern, type ResourcePattern } from './resource.ts';
import type { Principal, Statement } from './statement.ts';

const REFUSED = 'the policy table is refused';
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const name = z.string().regex(NAME, 'must be lower-case letters, digits and hyphens, at most 63');
const ONE_OR_MANY = 'must be a text or a non-empty list of texts';
const oneOrMany = z.union(
  [z.string().transform((one) => [one]), z.array(z.string()).min(1, ONE_OR_MANY)],
  {
    error: ONE_OR_MANY,
  },
);

const statementRow = z.strictObject({
  id: name,
  principal: z
    .string()
    .regex(/^(?:tenant|sub-account)\/./, 'must be `tenant/<name>` or `sub-account/<name>`'),
  effect: z.enum(['allow', 'deny'], { error: 'must be `allow` or `deny`, in lower case' }),
  action: oneOrMany,
  resource: oneOrMany,
  condition: z.never({ error: 'conditions are not supported; remove the statement' }).optional(),
  note: z.string().max(1000).optional(),
});

const tableFile = z.strictObject({
  version: z.literal(1, { error: 'must be 1' }),
  tenants: z.record(name, z.strictObject({ subAccount: name })),
  statements: z.array(statementRow),
});

type StatementRow = z.output<typeof statementRow>;

/**
 * Load a policy table from its YAML text: the whole of it, or nothing.
 * @param subAccounts the names that tenants may be bound to
 * @throws ConfigurationError that lists every problem with its path
 */
export function parsePolicyTable(text: string, subAccounts: ReadonlySet<string>): PolicyTable {
  const { tenants, statements: rows } = parseStrictYaml(REFUSED, text, tableFile);
  const subAccountOf = new Map(
    Object.entries(tenants).map(([tenant, { subAccount }]) => [tenant, subAccount]),
  );
  const problems = [
    ...repeatedIds(rows),
    ...[...subAccountOf]
      .filter(([, subAccount]) => !subAccounts.has(subAccount))
      .map(([tenant, own]) => `tenants.${tenant}.subAccount: \`${own}\` is not configured`),
  ];
  const statements = rows.map((row, index) =>
    compileStatement(row, { tenant: subAccountOf, 'sub-account': subAccounts }, (path, fault) => {
      problems.push(`statements[${index}] \`${row.id}\`.${path}: ${fault}`);
    }),
  );
  if (problems.length > 0) throw new ConfigurationError(REFUSED, problems);
  return compilePolicyTable(`sha256:${hash('sha256', text)}`, subAccountOf, statements);
}

interface HasName {
  has(name: string): boolean;
}

function compileStatement(
  { id, principal, effect, action, resource, note }: StatementRow,
  known: Readonly<Record<Principal['kind'], HasName>>,
  report: (path: string, fault: string) => void,
): Statement {
  const [kind, name] = principal.split(/\/(.*)/) as [Principal['kind'], string]; // The schema's pattern holds.
  if (!known[kind].has(name)) report('principal', `there is no ${kind} \`${name}\``);
  const actions = action.flatMap((text) => {
    const parsed = parseActionPattern(text);
    if (typeof parsed !== 'string') return [parsed.pattern];
    report('action', `\`${text}\` ${parsed}`);
    return [];
  });
  const resources = resource.flatMap((text): ResourcePattern[] => {
    const parsed = parseResourcePattern(text);
    if (typeof parsed !== 'string') return [parsed];
    report('resource', `\`${text}\`: ${parsed}`);
    return [];
  });
  return { id, principal: { kind, name }, effect, actions, resources, note: note ?? null };
}

function repeatedIds(rows: readonly StatementRow[]): string[] {
  return [...Map.groupBy(rows, ({ id }) => id)]
    .filter(([, same]) => same.length > 1)
    .map(([id, same]) => `statements: the id \`${id}\` stands ${same.length} times`);
}
