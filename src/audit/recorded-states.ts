import { recordsBehind } from './reading.ts';
import { AUDIT_RECORD, type AuditRecord } from './record-shape.ts';
import type { StateFacts } from './resolution.ts';

/** What a journal says that a bucket was left as. */
export interface RecordedState {
  readonly region: string;
  readonly bucket: string;
  /** Null when the outcome of its last change is not known; off says nothing of what it remembers. */
  readonly state: StateFacts | null;
  /** Of that change. */
  readonly requestId: string;
  readonly at: string;
}

/** Buckets by region and name. */
export type RecordedStates = Map<string, RecordedState>;

type Closing = Extract<AuditRecord, { kind: 'closing' }>;
type Resolved = Extract<AuditRecord, { kind: 'resolved' }>;

const OFF: StateFacts = { status: 'off', modes: [], suffixes: [] };

/** The last recorded state of each bucket that a journal tells of. Nothing of it is verified. */
export async function recordedStates(directory: string): Promise<RecordedStates> {
  const states: RecordedStates = new Map();
  for await (const { record } of recordsBehind(directory, { number: 1, offset: 0 })) {
    const { kind } = record.members;
    if (kind !== 'closing' && kind !== 'resolved') continue;
    const parsed = AUDIT_RECORD.safeParse(record.members).data;
    if (parsed?.kind === 'closing') followClosing(states, parsed);
    else if (parsed?.kind === 'resolved') followResolved(states, parsed);
  }
  return states;
}

function followClosing(states: RecordedStates, { operation, requestId, at, ...record }: Closing) {
  const { name, region, bucket, modes, suffixes, isDryRun } = operation;
  if ((name !== 'enable' && name !== 'disable') || isDryRun) return;
  if (region === null || bucket === null) return;
  const isDone = record.outcome === 'applied' || record.code === 'no-op';
  if (!isDone && record.outcome !== 'unknown') return;
  const asked =
    name === 'disable' ? OFF : { status: 'on', modes: modes ?? [], suffixes: suffixes ?? [] };
  const state = isDone ? asked : null;
  states.set(keyOf(region, bucket), { region, bucket, state, requestId, at });
}

/** What was found is the bucket's state as long as no later change is recorded. */
function followResolved(states: RecordedStates, { operation, requestId, at, state }: Resolved) {
  const { region, bucket } = operation;
  const key = keyOf(region, bucket);
  const { status, modes, suffixes } = state;
  if (states.get(key)?.requestId !== requestId || status === null) return;
  const found = { status, modes: modes ?? [], suffixes: suffixes ?? [] };
  states.set(key, { region, bucket, state: found, requestId, at });
}

function keyOf(region: string, bucket: string): string {
  return `${region}/${bucket}`;
}

/** The later one of each bucket, of the journals of several replicas. */
export function latestOf(journals: readonly RecordedStates[]): RecordedState[] {
  const latest: RecordedStates = new Map();
  for (const [key, state] of journals.flatMap((states) => [...states])) {
    if (state.at > (latest.get(key)?.at ?? '')) latest.set(key, state);
  }
  return [...latest.keys()].sort().flatMap((key) => latest.get(key) ?? []);
}
