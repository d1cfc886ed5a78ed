import { hash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What became of a bucket, over all runs of one command. */
export interface Outcome {
  readonly region: string;
  readonly bucket: string;
  readonly desired: string;
  /** Null: it could not be read. */
  readonly before: string | null;
  /**
   * `applied` by this command, in this run or one that was interrupted; `changed-meanwhile` is left
   * alone, because it is no longer what the plan was made from.
   */
  readonly outcome: 'applied' | 'unchanged' | 'changed-meanwhile' | 'failed' | 'not-tried';
  readonly code?: string;
  readonly detail?: string;
  readonly requestId?: string | null;
}

/** A change that is about to be asked for. */
type Begun = Named & Pick<Outcome, 'before' | 'requestId'>;
type Named = Pick<Outcome, 'region' | 'bucket' | 'desired'>;

/**
 * Lines beside the file of buckets: what was begun and what came of it, so that a command that is
 * killed goes on, and its report is right. The gateway’s word is what counts: a bucket that was begun
 * and is as it shall be was applied.
 */
export interface RunJournal {
  readonly startedAt: string;
  /** How often the command was started, this time included. */
  readonly runs: number;
  /** What an earlier run has begun and may have changed, with the request id when it was answered. */
  earlier(bucket: Named): Begun | undefined;
  begin(change: Begun): void;
  /** @param isCertain whether what was not applied is certain to have changed nothing */
  end(outcome: Outcome, isCertain: boolean): void;
  /** All is done: nothing is left to go on with. */
  remove(): void;
}

interface Head {
  readonly of: string;
  readonly startedAt: string;
}

/** Go on with the journal of the same file and gateway, or begin another one. */
export function openRunJournal(
  file: string,
  { text, gateway, now }: { readonly text: string; readonly gateway: string; readonly now: Date },
): RunJournal {
  const path = `${file}.progress`;
  const of = hash('sha256', `${gateway}\n${text}`);
  const lines = existsSync(path) ? readLines(path) : [];
  const isSame = (lines[0] as Head | undefined)?.of === of;
  const head = isSame ? (lines[0] as Head) : { of, startedAt: now.toISOString() };
  if (!isSame) writeFileSync(path, '', { mode: 0o600 });
  const kept = isSame ? lines : [];
  const begun = begunIn(kept);

  // Behind a torn line a new one begins.
  const append = (line: unknown) => appendFileSync(path, `\n${JSON.stringify(line)}`);
  append(isSame ? { run: now.toISOString() } : head);
  return {
    startedAt: head.startedAt,
    runs: 1 + (isSame ? 1 : 0) + kept.filter((line) => 'run' in (line as object)).length,
    earlier: (bucket) => begun.get(nameOf(bucket)),
    begin: (change) => append({ begun: change }),
    end: (ended, isCertain) => append({ ended, isCertain }),
    remove: () => rmSync(path, { force: true }),
  };
}

/** The lines that are whole: the last one of a killed run may not be. */
function readLines(path: string): object[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line): object[] => {
      try {
        const value: unknown = JSON.parse(line);
        return typeof value === 'object' && value !== null ? [value] : [];
      } catch {
        return [];
      }
    });
}

/** Its own lines, as they are written above. */
interface Line {
  readonly begun?: Begun;
  readonly ended?: Outcome;
  readonly isCertain?: boolean;
}

/** What was begun and not certainly refused. */
function begunIn(lines: readonly Line[]): ReadonlyMap<string, Begun | undefined> {
  const found = new Map<string, Begun | undefined>();
  /** What was known of a bucket before its last attempt: an earlier one may still have changed it. */
  const known = new Map<string, Begun | undefined>();
  for (const { begun, ended, isCertain } of lines) {
    if (begun) {
      known.set(nameOf(begun), found.get(nameOf(begun)));
      found.set(nameOf(begun), begun);
    }
    if (ended?.outcome === 'applied') found.set(nameOf(ended), ended);
    else if (ended && isCertain) found.set(nameOf(ended), known.get(nameOf(ended)));
  }
  return found;
}

function nameOf({ region, bucket, desired }: Named): string {
  return `${region}/${bucket} ${desired}`;
}
