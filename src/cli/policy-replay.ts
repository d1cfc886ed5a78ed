import type { Command } from 'commander';
import { allRecords } from '../audit/reading.ts';
import { type Replay, replay } from '../policy/replay.ts';
import { print, requestLine } from './policy-lines.ts';
import { policySource, type SourceOptions } from './policy-source.ts';

export interface ReplayOptions extends Omit<SourceOptions, 'table'> {
  readonly journal: string;
  /** The proposed table; undefined: that of a running gateway. */
  readonly file?: string;
  readonly since?: Date;
  readonly strict: boolean;
  readonly json: boolean;
}

/** What a proposed table would have decided otherwise; exit 1 when it is anything. */
export async function printReplay(options: ReplayOptions, command: Command): Promise<void> {
  const { journal, file, since, strict, ...where } = options;
  if (file === undefined && where.admin === undefined) {
    command.error('error: name the proposed table by --file, or a running gateway by --admin');
  }
  const source = await policySource({ ...where, ...(file !== undefined && { table: file }) });
  const records = membersSince(journal, since);
  const found = await replay(records, source.parse(source.text), source.surroundings);
  print(found, replayLines(found), options);
  if (found.flipped > 0 || (strict && found.unknown > 0)) process.exitCode = 1;
}

async function* membersSince(journal: string, since: Date | undefined) {
  const from = since?.toISOString() ?? '';
  for await (const { members } of allRecords(journal)) {
    if (String(members.receivedAt) >= from) yield members;
  }
}

function replayLines({ decisions, unchanged, flipped, unknown, ...found }: Replay): string[] {
  const flips = found.flips.flatMap(({ tenant, operation, becomes, count, examples }) => [
    `${tenant} ${operation}: ${count} would be ${becomes === 'allow' ? 'allowed' : 'denied'}`,
    ...examples.flatMap(({ requestId, request, before, after }) => [
      `  ${requestId}: ${requestLine(request)}`,
      `    was ${before.reason}, would be ${[after.reason, ...after.statements].join(' ')}`,
    ]),
  ]);
  const unclear = found.notReplayable.map(
    ({ tenant, why, count, examples }) =>
      `${tenant}: ${count} not replayable: ${why} (${examples.join(', ')})`,
  );
  const summary = `${decisions} decisions: ${unchanged} unchanged, ${flipped} would flip, ${unknown} not replayable`;
  return [...flips, ...unclear, summary];
}
