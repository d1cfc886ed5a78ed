import { printable } from '../audit/chain.ts';
import { API_LEVEL_ACTIONS } from '../policy/ci-actions.ts';
import type { DecisionRequest } from '../policy/decide.ts';
import type { WrittenStatement } from '../policy/writing.ts';

/** Print for people, or as JSON for programs. */
export function print(value: unknown, lines: readonly string[], { json }: { json: boolean }): void {
  const text = json ? JSON.stringify(value, null, 2) : lines.map(printable).join('\n');
  process.stdout.write(`${text}\n`);
}

/** A request in one line, with the facts it was decided by. */
export function requestLine({ tenant, action, resource, context }: DecisionRequest): string {
  const { operation, configuration, sourceAddress, receivedAt, claims } = context;
  const sets = configuration === null ? '' : ` ${configurationText(configuration)}`;
  const bucket = resource.path.split('/')[1] ?? resource.path;
  const has = Object.keys(claims).length === 0 ? '' : `, with the claims ${JSON.stringify(claims)}`;
  const from = sourceAddress === null ? 'from an unknown address' : `from ${sourceAddress}`;
  const on = API_LEVEL_ACTIONS.has(action) ? '' : ` on ${resource.region}/${bucket}`;
  return `${tenant} ${operation}${sets}${on}, ${from}, at ${receivedAt.toISOString()}${has}`;
}

function configurationText({
  modes,
  suffixes,
}: NonNullable<DecisionRequest['context']['configuration']>): string {
  return [modes.join('+'), suffixes.join('+')].filter((text) => text !== '').join(' ');
}

/** A statement in a few words: what, on what, when. */
export function statementLine(statement: WrittenStatement): string {
  const { id, principal, effect, action, resource, condition, expires } = statement;
  const when = condition === null ? '' : ` if ${conditionText(condition)}`;
  const until = expires === null ? '' : ` until ${expires}`;
  return `${id} (${principal}): ${effect} ${action.join(', ')} on ${resource.join(', ')}${when}${until}`;
}

function conditionText(condition: NonNullable<WrittenStatement['condition']>): string {
  return Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => {
        const wanted = [values].flat().map(String).join(' or ');
        return `${key} ${operator} ${wanted}`;
      }),
    )
    .join(' and ');
}

/** What could not be gone through, said so that nobody takes the rest for all. */
export function limitLines(limits: readonly string[]): string[] {
  return limits.map((limit) => `not all was looked at: ${limit}`);
}
