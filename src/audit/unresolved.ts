import { join } from 'node:path';
import { readRecord } from './chain.ts';
import { readLineRuns } from './lines.ts';
import { type UnknownOutcome, unknownOutcomeOf } from './resolution.ts';
import { segmentNames } from './segment-files.ts';

const UNKNOWN = '"outcome":"unknown"';
const RESOLVED = '"kind":"resolved"';

/**
 * The changes of unknown outcome that no record resolves, oldest first. That a bucket could not be
 * asked resolves nothing.
 * @param lastSegments how many segments are looked at, from the end; left out: all
 */
export async function unresolvedOutcomes(
  directory: string,
  lastSegments = Number.POSITIVE_INFINITY,
): Promise<UnknownOutcome[]> {
  const found = new Map<string, UnknownOutcome>();
  const names = await segmentNames(directory);
  for (const name of names.slice(-Math.min(lastSegments, names.length))) {
    for await (const run of readLineRuns(join(directory, name))) {
      for (const { bytes } of run) if (bytes !== null) follow(found, bytes);
    }
  }
  return [...found.values()];
}

function follow(found: Map<string, UnknownOutcome>, line: Buffer): void {
  if (!line.includes(UNKNOWN) && !line.includes(RESOLVED)) return;
  const { members } = readRecord(line) ?? {};
  if (members === undefined) return;
  const unknown = unknownOutcomeOf(members);
  if (unknown !== null) found.set(unknown.requestId, unknown);
  const { kind, finding, requestId } = members;
  if (kind === 'resolved' && finding !== 'not_asked') found.delete(String(requestId));
}
