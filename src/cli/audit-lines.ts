import { printable } from '../audit/chain.ts';
import type { PlacedRecord } from '../audit/reading.ts';

type Members = Readonly<Record<string, unknown>>;

/** What a person reads of a record that is not about a request, kind by kind. */
const DETAILS: Readonly<Record<string, (members: Members) => string>> = {
  checkpoint: ({ head, keyId }) => `vouches for record ${membersOf(head).seq}, key ${keyId}`,
  'segment-opened': ({ segment, journal }) => `segment ${segment} of journal ${journal}`,
  'journal-opened': ({ version, openIntents }) =>
    `version ${version ?? 'not known'}, ${openIntents} intents were open`,
  'journal-closed': ({ lost }) => `${lost} notes lost`,
  'journal-recovered': ({ problem, since }) => `since ${since}: ${problem}`,
  'tail-set-aside': ({ file, bytes }) => `${bytes} bytes in ${file}`,
  'policy-seed': ({ digest }) =>
    `version 1 (${digest}) from policyTableFile, if no other was first`,
  'refusals-skipped': ({ count, since }) => `${count} refusals since ${since}`,
  'requests-limited': ({ tenant, count, since }) =>
    `${count} requests of ${tenant} beyond its limits since ${since}`,
  'connection-refused': ({ peerAddress, reason, status }) =>
    `${peerAddress ?? '(gone)'}: ${reason}${status === null ? '' : ` -> ${status}`}`,
};

/** A record in one line for people: number, time, kind, and what it is about. */
export function lineOf({ members }: Pick<PlacedRecord, 'members'>): string {
  const { seq, at, kind } = members;
  const detail = DETAILS[String(kind)]?.(members) ?? requestDetail(members);
  return printable(`${seq}  ${at}  ${kind}  ${detail}`);
}

function requestDetail(members: Members): string {
  const { name: tenant } = membersOf(members.tenant);
  const { name, region, bucket, modes, suffixes } = membersOf(members.operation);
  const { outcome, status, code, durationMs, requestId } = members;
  const configuration = [modes, suffixes].filter(Array.isArray).map((list) => list.join(','));
  const asked = [tenant ?? '(nobody)', name ?? '(not read)', region, bucket, ...configuration];
  const { from, to } = membersOf(members.policyChange);
  if (to !== undefined) asked.push(`${versionOf(from)} to ${versionOf(to)}`);
  const { change, kind, value } = membersOf(members.revocationChange);
  if (change !== undefined) asked.push(`${change} ${kind} ${value}`);
  const { before } = membersOf(members.auditPruning);
  if (before !== undefined) asked.push(`before ${before}`);
  const became = outcome === null ? [] : ['->', outcome, status, code, `${durationMs} ms`];
  return [...asked, ...became, String(requestId)].filter((part) => part ?? '').join(' ');
}

function versionOf(value: unknown): string {
  const { number, digest } = membersOf(value);
  return number === null ? 'nothing' : `version ${number} (${String(digest).slice(0, 16)})`;
}

/** A record with all its members for people: one a line, with the path to it. */
export function blockOf({ segment, line, members }: PlacedRecord): string {
  const lines = pathsOf(members).map(([path, value]) => printable(`  ${path}: ${value}`));
  return [`${segment} line ${line}`, ...lines].join('\n');
}

function pathsOf(value: unknown, path: readonly string[] = []): [string, string][] {
  const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isNested) return [[path.join('.'), textOf(value)]];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]));
}

function textOf(value: unknown): string {
  if (value === null) return '-';
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function membersOf(value: unknown): Members {
  // Members of an object are looked at one by one; of anything else there are none.
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
