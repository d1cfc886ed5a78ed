import { readFileSync, writeFileSync } from 'node:fs';
import { SlimgateError } from '../../client/client.ts';
import { columns } from '../columns.ts';
import { print } from '../policy-lines.ts';
import { refusalLine } from '../tenant-call.ts';
import { type DesiredBucket, readDesired } from './desired.ts';
import { eachBucket, type Fleet, type FleetOptions, openFleet, stopSignal } from './each.ts';
import { type Outcome, openRunJournal, type RunJournal } from './journal.ts';
import { type Differing, type Look, settingText } from './look.ts';
import { lookAtAll, planLines } from './plan.ts';
import { openProgress, type Progress } from './progress.ts';

export interface ApplyOptions extends FleetOptions {
  readonly maxFailures: number;
  /** Whether a bucket is changed whatever somebody has made of it since the plan. */
  readonly force: boolean;
  readonly report?: string;
}

/** They count against `--max-failures`: many changed ones tell that somebody else is at it, too. */
const UNWELL: ReadonlySet<Outcome['outcome']> = new Set(['failed', 'changed-meanwhile']);

/** What is at hand while buckets are brought into their state. */
interface Applying {
  readonly fleet: Fleet;
  readonly journal: RunJournal;
  readonly progress: Progress;
  readonly maxFailures: number;
  readonly force: boolean;
  readonly outcomes: Map<DesiredBucket, Outcome>;
}

/** Look at all buckets, say what differs, change that, and report; exit 1 unless all are in place. */
export async function applyFleet(options: ApplyOptions): Promise<void> {
  const desired = readDesired(options.file);
  const fleet = openFleet(options, stopSignal());
  const journal = openRunJournal(options.file, {
    text: readFileSync(options.file, 'utf8'),
    gateway: options.gateway,
    now: new Date(),
  });
  const looks = await lookAtAll(desired, fleet);
  print(null, planLines(looks, desired.length), { json: false });

  const outcomes = await changeAll(looks, { ...options, fleet, journal });
  const all = desired.map((bucket) => outcomes.get(bucket) ?? notTried(bucket, looks));
  report(all, journal, options);
  if (all.every(({ outcome }) => outcome === 'applied' || outcome === 'unchanged')) {
    journal.remove();
  } else {
    process.exitCode = 1;
  }
}

async function changeAll(
  looks: readonly Look[],
  more: Pick<Applying, 'fleet' | 'journal' | 'maxFailures' | 'force'>,
): Promise<ReadonlyMap<DesiredBucket, Outcome>> {
  const outcomes = new Map<DesiredBucket, Outcome>();
  for (const look of looks) {
    const known = outcomeWithoutChange(look, more.journal);
    if (known !== null) outcomes.set(look.bucket, known);
  }
  const left = looks.filter((look) => look.kind === 'differs');
  const progress = openProgress('changing', left.length);
  const applying = { ...more, progress, outcomes };
  if (!isEnough(applying)) {
    await eachBucket(left, more.fleet, (look) => change(look, applying));
  }
  progress.close();
  return outcomes;
}

/** A bucket that is in place, or that cannot be looked at, is not changed. */
function outcomeWithoutChange(look: Look, journal: RunJournal): Outcome | null {
  const named = namedOutcome(look);
  if (look.kind === 'failed') return { ...named, outcome: 'failed', ...problemOf(look.error) };
  if (look.kind === 'differs') return null;
  const earlier = journal.earlier(named);
  if (earlier === undefined) return { ...named, outcome: 'unchanged' };
  const { before, requestId = null } = earlier;
  return { ...named, before, outcome: 'applied', requestId };
}

async function change(look: Differing, applying: Applying): Promise<boolean> {
  const { fleet, journal, progress, outcomes, force } = applying;
  const named = namedOutcome(look);
  const { configuration } = look.bucket;
  const begun = { ...named, before: journal.earlier(named)?.before ?? named.before };
  journal.begin(begun);
  let outcome: Outcome;
  let isCertain = true;
  try {
    const seen = force ? {} : { ifMatch: [look.etag] };
    const { requestId } = await (configuration === null
      ? fleet.client.disable(look.bucket, seen)
      : fleet.client.enable(look.bucket, configuration, seen));
    outcome = { ...begun, outcome: 'applied', requestId };
  } catch (error) {
    if (!(error instanceof SlimgateError)) throw error;
    const isChanged = error.code === 'precondition-failed';
    outcome = {
      ...begun,
      outcome: isChanged ? 'changed-meanwhile' : 'failed',
      ...problemOf(error),
    };
    isCertain = error.status >= 400 && error.status < 500;
    progress.say(`! ${named.region}/${named.bucket}: ${refusalLine(error)}`);
  }
  outcomes.set(look.bucket, outcome);
  journal.end(outcome, isCertain);
  progress.step();
  return !isEnough(applying);
}

function isEnough({ outcomes, maxFailures }: Pick<Applying, 'outcomes' | 'maxFailures'>): boolean {
  let failures = 0;
  for (const { outcome } of outcomes.values()) if (UNWELL.has(outcome)) failures += 1;
  return failures >= maxFailures;
}

function namedOutcome(look: Look) {
  const { region, bucket, configuration } = look.bucket;
  const before =
    look.kind === 'failed' ? null : settingText(look.state.status === 'on' ? look.state : null);
  return { region, bucket, desired: settingText(configuration), before };
}

function notTried(bucket: DesiredBucket, looks: readonly Look[]): Outcome {
  const look = looks.find((one) => one.bucket === bucket);
  const named = {
    region: bucket.region,
    bucket: bucket.bucket,
    desired: settingText(bucket.configuration),
    before: look === undefined ? null : namedOutcome(look).before,
  };
  return { ...named, outcome: 'not-tried' };
}

function problemOf({ code, detail, requestId }: SlimgateError) {
  return { code, detail, requestId };
}

const OUTCOMES = ['applied', 'unchanged', 'changed-meanwhile', 'failed', 'not-tried'] as const;

function report(all: readonly Outcome[], journal: RunJournal, options: ApplyOptions): void {
  const totals = Object.fromEntries(
    OUTCOMES.map((name) => [name, all.filter(({ outcome }) => outcome === name).length]),
  );
  const unwell = all.filter(({ outcome }) => UNWELL.has(outcome));
  const rows = unwell.map(({ region, bucket, code = '', requestId }) => {
    return [`${region}/${bucket}`, code, requestId ?? ''];
  });
  const lines = [
    ...columns([['outcome', 'buckets'], ...Object.entries(totals)]),
    ...(rows.length > 0 ? ['', ...columns([['not applied', 'code', 'request'], ...rows])] : []),
  ];
  print(null, lines, { json: false });
  if (options.report === undefined) return;
  const { file, gateway } = options;
  const { startedAt, runs } = journal;
  const finishedAt = new Date().toISOString();
  const value = { file, gateway, startedAt, finishedAt, runs, totals, buckets: all };
  writeFileSync(options.report, `${JSON.stringify(value, null, 2)}\n`);
}
