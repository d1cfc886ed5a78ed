import type { Command } from 'commander';
import { printable } from '../audit/chain.ts';
import type { UnknownOutcome } from '../audit/resolution.ts';
import { unresolvedOutcomes } from '../audit/unresolved.ts';
import { type AdminOptions, askAdmin } from './admin-client.ts';

export interface AuditResolveOptions {
  readonly journal: string;
  /** The admin listener of a running gateway, to be asked in place of the files. */
  readonly admin?: string;
  readonly tokenFile: string;
  /** Have the gateway ask the buckets. */
  readonly order: boolean;
  readonly requestId?: string;
}

/**
 * The changes of unknown outcome that nothing resolves; exit 1 when there are some, unless it was
 * ordered that they be resolved.
 */
export async function printUnresolved(
  options: AuditResolveOptions,
  command: Command,
): Promise<void> {
  const { journal, admin, tokenFile, order, requestId } = options;
  if (order && admin === undefined) command.error('error: --order needs --admin');
  if (requestId !== undefined && !order) command.error('error: --request-id needs --order');
  if (admin !== undefined && order) return orderResolution(requestId, { admin, tokenFile });
  const found =
    admin === undefined
      ? await unresolvedOutcomes(journal)
      : (await askAdmin<Unresolved>('/v1/audit/unresolved', { admin, tokenFile })).unresolved;
  printOutcomes(found);
  process.stderr.write(`${found.length} changes of unknown outcome are not resolved\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

interface Unresolved {
  readonly unresolved: readonly UnknownOutcome[];
}

async function orderResolution(requestId: string | undefined, where: AdminOptions): Promise<void> {
  const { ordered } = await askAdmin<{ ordered: readonly UnknownOutcome[] }>(
    '/v1/audit/resolve',
    where,
    { requestId },
  );
  printOutcomes(ordered);
  process.stderr.write(`the buckets of ${ordered.length} changes will be asked\n`);
  process.exitCode = requestId !== undefined && ordered.length === 0 ? 1 : 0;
}

function printOutcomes(found: readonly UnknownOutcome[]): void {
  for (const { requestId, tenant, operation } of found) {
    const { name, region, bucket, modes, suffixes } = operation;
    const wanted = [modes, suffixes].map((list) => list.join(',')).join(' ');
    const line = `${requestId}  ${tenant ?? '(nobody)'}  ${name} ${region} ${bucket} ${wanted}`;
    process.stdout.write(`${printable(line.trimEnd())}\n`);
  }
}
