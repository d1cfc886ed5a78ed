import type { DryRun, SlimConfiguration, SlimMode, SlimSuffix } from '../client/client.ts';
import { settingText } from './fleet/look.ts';
import { print } from './policy-lines.ts';
import { calledOrTold } from './tenant-call.ts';
import { type TenantOptions, tenantClient } from './tenant-options.ts';

export interface BucketOptions extends TenantOptions {
  readonly region: string;
  readonly json: boolean;
}

export interface ChangeOptions extends BucketOptions {
  readonly dryRun: boolean;
}

export interface EnableOptions extends ChangeOptions {
  readonly modes: string;
  readonly suffixes?: string;
}

export async function printState(bucket: string, options: BucketOptions): Promise<void> {
  const state = await calledOrTold(
    tenantClient(options).describe({ region: options.region, bucket }),
  );
  if (state === null) return;
  const setting = settingText(state.status === 'on' ? state : null);
  print(state, [`${options.region}/${bucket}: ${setting}`], options);
}

export async function enableBucket(bucket: string, options: EnableOptions): Promise<void> {
  const { modes, suffixes } = options;
  // What they may be the gateway says better than we could.
  const configuration = {
    modes: modes.split(',') as SlimMode[],
    ...(suffixes !== undefined && { suffixes: suffixes.split(',') as SlimSuffix[] }),
  };
  await change(bucket, configuration, options);
}

export async function disableBucket(bucket: string, options: ChangeOptions): Promise<void> {
  await change(bucket, null, options);
}

async function change(
  bucket: string,
  configuration: SlimConfiguration | null,
  options: ChangeOptions,
): Promise<void> {
  const client = tenantClient(options);
  const target = { region: options.region, bucket };
  if (options.dryRun) {
    const asked = await calledOrTold(client.dryRun(target, configuration));
    if (asked !== null) print(asked, dryRunLines(asked), options);
    return;
  }
  const call =
    configuration === null ? client.disable(target) : client.enable(target, configuration);
  const answer = await calledOrTold<{ requestId: string }>(call);
  if (answer === null) return;
  const line = `${options.region}/${bucket}: ${settingText(configuration)} (request ${answer.requestId})`;
  print(answer, [line], options);
}

function dryRunLines({ upstreamRequest: { method, url, body }, decision }: DryRun): string[] {
  return [
    `allowed by ${decision.statements.join(', ')}; nothing was sent`,
    `${method} ${url}`,
    ...(body === null ? [] : [body]),
  ];
}
