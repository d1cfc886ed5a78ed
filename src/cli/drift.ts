import type { Command } from 'commander';
import { latestOf, type RecordedState, recordedStates } from '../audit/recorded-states.ts';
import type { StateFacts } from '../audit/resolution.ts';
import { SlimgateError } from '../client/client.ts';
import { ConfigurationError } from '../errors.ts';
import { columns } from './columns.ts';
import { eachBucket, openFleet, stopSignal } from './fleet/each.ts';
import { print } from './policy-lines.ts';
import { type TenantOptions, withTenant } from './tenant-options.ts';

interface DriftOptions extends TenantOptions {
  readonly journal: readonly string[];
  readonly json: boolean;
}

/** A bucket, compared. */
interface Compared extends RecordedState {
  readonly verdict: 'in-sync' | 'drifted' | 'unknown';
  /** Null when it could not be read. */
  readonly now: StateFacts | null;
  /** Of what is not known, why. */
  readonly reason: string | null;
}

const CONCURRENCY = 8;

/** The verb that finds what was changed behind the gateway's back. */
export function addDrift(drift: Command): void {
  withTenant(drift)
    .option('--journal <directory...>', 'the journals of all replicas', ['var/journal'])
    .option('--json', 'for programs', false)
    .action(printDrift);
}

/** Compare each bucket of the journals with what it is now; what cannot be read is never in sync. */
async function printDrift({ journal, json, ...tenant }: DriftOptions): Promise<void> {
  const recorded = latestOf(await Promise.all(journal.map(recordedStates)));
  const fleet = openFleet({ ...tenant, concurrency: CONCURRENCY }, stopSignal());
  const compared = new Map<RecordedState, Compared>();
  await eachBucket(recorded, fleet, async (one) => {
    compared.set(one, compare(one, await fleet.client.describe(one).catch(refusalOf)));
    return true;
  });
  // Of those that a signal has left out, nothing is known either.
  const buckets = recorded.map((one) => compared.get(one) ?? compare(one, 'not-asked'));
  print(buckets, [...columns([HEAD, ...buckets.map(row)]), summaryOf(buckets)], { json });
  if (buckets.some(({ verdict }) => verdict !== 'in-sync')) process.exitCode = 1;
}

/** @throws ConfigurationError without an answer: then the rest would have none either */
function refusalOf(error: unknown): string {
  if (!(error instanceof SlimgateError)) throw error;
  if (error.code === 'no-answer') throw new ConfigurationError('no answer', [error.detail]);
  return error.code;
}

function compare(recorded: RecordedState, told: StateFacts | string): Compared {
  if (typeof told === 'string') return { ...recorded, verdict: 'unknown', now: null, reason: told };
  const { status, modes, suffixes } = told;
  const now = { status, modes, suffixes };
  if (recorded.state === null) {
    return { ...recorded, verdict: 'unknown', now, reason: 'outcome-unknown' };
  }
  const isSame = stateText(recorded.state) === stateText(now);
  return { ...recorded, verdict: isSame ? 'in-sync' : 'drifted', now, reason: null };
}

const HEAD = ['bucket', 'recorded', 'now', 'verdict', 'last change'];

function row({ region, bucket, state, now, verdict, reason, requestId }: Compared): string[] {
  const why = reason === null ? verdict : `${verdict}: ${reason}`;
  return [`${region}/${bucket}`, stateText(state), stateText(now), why, requestId];
}

/** In few words, equal for equal states; what an `off` bucket remembers counts for nothing. */
function stateText(state: StateFacts | null): string {
  if (state === null) return '?';
  if (state.status !== 'on') return state.status;
  const lists = [state.modes, state.suffixes].map((list) => list.toSorted().join('+'));
  return lists.filter((text) => text !== '').join(' ');
}

function summaryOf(buckets: readonly Compared[]): string {
  const count = (wanted: Compared['verdict']) =>
    buckets.filter(({ verdict }) => verdict === wanted).length;
  const [inSync, drifted, unknown] = [count('in-sync'), count('drifted'), count('unknown')];
  return `${buckets.length} buckets: ${inSync} in sync, ${drifted} drifted, ${unknown} unknown`;
}
