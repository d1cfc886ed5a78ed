import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { textOf } from './canonical-form.ts';
import type { BodyDigest, ReceivedRequest } from './read-request.ts';
import type { SlimSetting } from './slim-setting.ts';

/** What became of one request. */
export interface Verdict {
  /** The access key that the request names, proven or not; null when it names none. */
  readonly secretId: string | null;
  readonly isSignatureAccepted: boolean;
  /** The error code of the answer; null for a success. */
  readonly error: string | null;
  readonly bucket: string | null;
  readonly region: string | null;
  /** Like `PutImageSlim`; null when the request was refused before that was clear. */
  readonly operation: string | null;
  /** What the bucket is being set to; null when its setting stays. */
  readonly changedTo: SlimSetting | null;
  /** What becomes of objects; absent when nothing does. */
  readonly objects?: readonly ObjectChange[];
  /** What the refusal says beside its code, the texts that should have been signed among them. */
  readonly explanation?: Readonly<Record<string, string>>;
  /** The kind of misbehaviour that answered; left out when none did. */
  readonly misbehaviour?: string | null;
}

/** One object put in place or removed. */
export interface ObjectChange {
  readonly key: string;
  /** Null for a removal. */
  readonly put: { readonly bytes: number; readonly md5: string } | null;
}

/** One request as it was received, and its verdict. */
export interface WitnessEntry extends Verdict {
  /** From 1, without gaps, across restarts. */
  readonly sequence: number;
  readonly receivedAt: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** At most 8192 characters; empty where there is a digest. */
  readonly body: string;
  /** Of a body that belongs to an object. */
  readonly bodyDigest?: BodyDigest;
  readonly misbehaviour: string | null;
}

/**
 * The witness's own journal of everything that the local Cloud Infinite received. It is a test
 * instrument: it holds signatures and security tokens on purpose, and must not meet real ones.
 */
export interface Witness {
  /** The line is with the operating system when this returns: a killed process doesn't lose it. */
  record(received: ReceivedRequest, verdict: Verdict, receivedAt: Date): void;
  /** The entries of this run, oldest first; the latest 10,000. */
  received(): readonly WitnessEntry[];
  close(): void;
}

const MAX_BODY_CHARACTERS = 8192;
const MAX_ENTRIES_IN_MEMORY = 10_000;
/** More than the longest line: header names and values are bounded by the HTTP parser. */
const TAIL_BYTES = 1024 * 1024;

/** Open the journal to append to; a line that a crash has torn is cut off. */
export function openWitness(path: string): Witness {
  const descriptor = openSync(path, 'a+', 0o600);
  let sequence = lastSequence(descriptor);
  const entries: WitnessEntry[] = [];
  let isOpen = true;
  return {
    record({ method, url, headers, body, bodyDigest }, verdict, receivedAt) {
      // A descriptor that is closed may be another file's by now.
      if (!isOpen) throw new Error('the witness is closed');
      sequence += 1;
      const entry: WitnessEntry = {
        sequence,
        receivedAt: receivedAt.toISOString(),
        method,
        url,
        headers: headers.map(([name, value]) => [name, textOf(value)]),
        body: body.toString('utf8').slice(0, MAX_BODY_CHARACTERS),
        ...(bodyDigest === undefined ? {} : { bodyDigest }),
        ...verdict,
        misbehaviour: verdict.misbehaviour ?? null,
      };
      appendFileSync(descriptor, `${JSON.stringify(entry)}\n`);
      entries.push(entry);
      if (entries.length > MAX_ENTRIES_IN_MEMORY) entries.shift();
    },
    received: () => [...entries],
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

function lastSequence(descriptor: number): number {
  const { size } = fstatSync(descriptor);
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(descriptor, tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf('\n') + 1;
  ftruncateSync(descriptor, size - tail.length + end);
  const line = tail.subarray(0, end).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
  if (line === '') return 0;
  const { sequence }: { sequence: number } = JSON.parse(line);
  return sequence;
}
