import type { Command } from 'commander';
import { GatewayError } from '../errors.ts';
import { CALLS } from '../policy/calls.ts';
import type { DecisionRequest } from '../policy/decide.ts';
import { explain } from '../policy/explain.ts';
import { bucketResource } from '../policy/resource.ts';
import { explanationLines } from '../policy/wording.ts';
import { parseConfiguration } from '../slim/parse-configuration.ts';
import type { SlimConfiguration } from '../slim/slim-configuration.ts';
import { print, requestLine, statementLine } from './policy-lines.ts';
import { type PolicySource, policySource, type SourceOptions } from './policy-source.ts';

export interface ExplainOptions extends SourceOptions {
  readonly tenant: string;
  readonly operation: 'enable' | 'disable' | 'describe';
  readonly region: string;
  readonly bucket: string;
  readonly modes?: string;
  readonly suffixes?: string;
  readonly ip?: string;
  readonly at?: Date;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

/** What the table says to one request, and why. */
export async function printExplanation(options: ExplainOptions, command: Command): Promise<void> {
  const source = await policySource(options);
  const table = source.parse(source.text);
  const subAccount = table.subAccountOf.get(options.tenant) ?? '';
  const request = readRequest(options, { source, subAccount, command });
  const explanation = explain(request, table);
  const { allowed = null } = explanation.nearestMiss ?? {};
  const lines = [
    requestLine(request),
    ...explanationLines(explanation),
    ...explanation.deciding.map((one) => `  ${statementLine(one)}`),
    ...(allowed === null ? [] : [`it would allow: ${requestLine(allowed)}`]),
  ];
  print({ request, ...explanation }, lines, options);
}

interface Reading {
  readonly source: PolicySource;
  readonly subAccount: string;
  readonly command: Command;
}

function readRequest(
  options: ExplainOptions,
  { source, subAccount, command }: Reading,
): DecisionRequest {
  const { tenant, operation, region, bucket, ip = null, claims = {} } = options;
  const account = source.surroundings.accountOf(subAccount);
  const read = usage(command, () => ({
    target: source.endpoint.parseTarget(region, bucket),
    configuration: readConfiguration(options),
  }));
  const { appId } = read.target;
  const call = CALLS.find((one) => one.operation === operation);
  const ownerUin = account?.appId === appId ? account.ownerUin : '';
  return {
    tenant,
    action: call?.action ?? '',
    resource: bucketResource(read.target, { appId, ownerUin }),
    subAccount: account && { name: subAccount, account },
    context: {
      sourceAddress: ip,
      receivedAt: options.at ?? source.surroundings.now,
      operation,
      configuration: read.configuration,
      claims,
    },
  };
}

function readConfiguration(options: ExplainOptions): SlimConfiguration | null {
  const { operation, modes, suffixes } = options;
  if (operation !== 'enable' && modes === undefined && suffixes === undefined) return null;
  if (operation !== 'enable') {
    throw new GatewayError('body-unexpected', 'only `enable` takes --modes and --suffixes');
  }
  const listOf = (text: string | undefined) => text?.split(',');
  const body = JSON.stringify({ modes: listOf(modes), suffixes: listOf(suffixes) });
  return parseConfiguration(Buffer.from(body));
}

/** What a tenant would be refused for is wrong usage here. */
function usage<Value>(command: Command, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof GatewayError) return command.error(`error: ${error.detail}`);
    throw error;
  }
}
