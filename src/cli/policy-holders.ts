import type { Command } from 'commander';
import { ASKED_ACTIONS } from '../policy/calls.ts';
import { can } from '../policy/can.ts';
import { parseResourcePattern, type ResourcePattern } from '../policy/resource.ts';
import { type Holder, whoCan } from '../policy/who-can.ts';
import { limitLines, print, requestLine, statementLine } from './policy-lines.ts';
import { policySource, type SourceOptions } from './policy-source.ts';

type Options = SourceOptions & { readonly json: boolean };

/** Everybody who may do an action on some of a resource. */
export async function printHolders(
  action: string,
  resource: string,
  options: Options,
  command: Command,
): Promise<void> {
  if (!ASKED_ACTIONS.includes(action)) {
    command.error(`error: the gateway asks for ${ASKED_ACTIONS.join(', ')} alone`);
  }
  const pattern = readPattern(resource, command);
  const source = await policySource(options);
  const asked = { action, resource: pattern };
  const found = whoCan(asked, source.parse(source.text), source.surroundings);
  const lines = found.holders.flatMap(holderLines);
  const none = lines.length === 0 ? ['nobody'] : [];
  print(found, [...lines, ...none, ...limitLines(found.limits)], options);
}

function readPattern(resource: string, command: Command): ResourcePattern {
  const pattern = parseResourcePattern(longName(resource));
  if (typeof pattern !== 'string') return pattern;
  return command.error(`error: \`${resource}\`: ${pattern}`);
}

/** `REGION/BUCKET` for short. */
function longName(resource: string): string {
  const [, region, bucket] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(resource) ?? [];
  return bucket === undefined ? resource : `qcs::ci:${region}::bucket/${bucket}/*`;
}

function holderLines(holder: Holder): string[] {
  const { tenant, subAccount, isAlways, allowing, denying, witness, counterexample } = holder;
  const how = isAlways ? 'always' : 'depending on the request';
  return [
    `${tenant} (as ${subAccount}): ${how}, by ${allowing.join(', ')}`,
    `  for example: ${requestLine(witness)}`,
    ...(counterexample === null ? [] : [`  but not: ${requestLine(counterexample)}`]),
    ...(denying.length === 0 ? [] : [`  because of ${denying.join(', ')}`]),
  ];
}

/** Everything that one tenant may do. */
export async function printRights(tenant: string, options: Options): Promise<void> {
  const source = await policySource(options);
  const found = can(tenant, source.parse(source.text), source.surroundings);
  const lines = found.rights.flatMap(({ statement, operations, deniedBy, witness }) => [
    statementLine(statement),
    operations.length === 0
      ? `  nothing is left of it: ${deniedBy.join(', ')}`
      : `  ${operations.join(', ')}${deniedBy.length > 0 ? `, but for what ${deniedBy.join(', ')} denies` : ''}`,
    ...(witness === null ? [] : [`  for example: ${requestLine(witness)}`]),
  ]);
  const { subAccount } = found;
  const head =
    subAccount === null
      ? `${tenant} is not in the table`
      : `${tenant} acts as ${subAccount}${lines.length === 0 ? ', and may do nothing' : ''}`;
  print(found, [head, ...lines, ...limitLines(found.limits)], options);
}
