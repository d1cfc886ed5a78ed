import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SingleBar } from 'cli-progress';
import type { JournalPosition } from '../audit/chain.ts';
import { parseCheckpoint } from '../audit/checkpoint.ts';
import { PUBLIC_KEY_FILE, type PublicKeys, parsePublicKeys } from '../audit/signing-key.ts';
import {
  type Progress,
  type VerificationReport,
  verifyJournal,
  type Witness,
} from '../audit/verify.ts';
import { type ExportReport, verifyExport } from '../audit/verify-export.ts';
import { ConfigurationError } from '../errors.ts';

export interface AuditVerifyOptions {
  readonly journal: string;
  /** Files with public keys in PEM; left out: the one in the directory that the journal is in. */
  readonly key?: readonly string[];
  /** A place in the chain that was noted down elsewhere. */
  readonly head?: JournalPosition;
  /** Files with receipts, a line each; `-` is the standard input. */
  readonly receipt?: readonly string[];
  /** Files with checkpoints, like the operator's log; `-` is the standard input. */
  readonly checkpoint?: readonly string[];
  /** A file that was exported, to be verified in place of a journal. */
  readonly export?: string;
}

/** Prove that a journal is as it was written, or tell the first place that is not. */
export async function printVerification(options: AuditVerifyOptions): Promise<void> {
  const { journal, key = [join(dirname(journal), PUBLIC_KEY_FILE)] } = options;
  const keys = new Map(key.flatMap((file) => [...publicKeysOf(file)]));
  if (options.export !== undefined) return printExportReport(options.export, keys);
  const witnesses = await witnessesOf(options);
  const progress = progressBar();
  const report = await verifyJournal(journal, { keys, witnesses, onProgress: progress.show });
  progress.clear();
  process.stdout.write(`${linesOf(report, witnesses).join('\n')}\n`);
  const isGood = report.isIntact && report.witnesses.every(({ problem }) => problem === null);
  process.exitCode = isGood ? 0 : 1;
}

async function printExportReport(file: string, keys: PublicKeys): Promise<void> {
  const report = await verifyExport(file, keys);
  process.stdout.write(`${exportLines(report).join('\n')}\n`);
  process.exitCode = report.isIntact ? 0 : 1;
}

function exportLines({ firstBad, first, last, lastCheckpoint, unsigned }: ExportReport): string[] {
  if (firstBad !== null) return [`DAMAGED: line ${firstBad.line}: ${firstBad.problem}`];
  const { journal, seq, at, keyId } = lastCheckpoint ?? {};
  return [
    `intact: records ${first} to ${last} without a gap, journal ${journal}`,
    `signed: the checkpoint of ${at} with key ${keyId} vouches for them up to ${seq}`,
    ...(unsigned > 0 ? [`${unsigned} records behind it are vouched for by the chain alone`] : []),
  ];
}

export function publicKeysOf(file: string): PublicKeys {
  try {
    return parsePublicKeys(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`the public key ${file}`, [`${reason}; give one with --key`]);
  }
}

async function witnessesOf(options: AuditVerifyOptions): Promise<Witness[]> {
  const { head, receipt = [], checkpoint = [] } = options;
  const witnesses: Witness[] = head === undefined ? [] : [{ kind: 'head', head }];
  for (const file of receipt) {
    const lines = await linesIn(file);
    witnesses.push(...lines.map((line) => ({ kind: 'receipt', text: line }) as const));
    if (lines.length === 0) throw new ConfigurationError(file, ['there is no receipt in it']);
  }
  for (const file of checkpoint) {
    const found = (await linesIn(file)).map(parseCheckpoint).filter((one) => one !== null);
    witnesses.push(...found.map((one) => ({ kind: 'checkpoint', checkpoint: one }) as const));
    if (found.length === 0) throw new ConfigurationError(file, ['there is no checkpoint in it']);
  }
  return witnesses;
}

async function linesIn(file: string): Promise<string[]> {
  const content = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const PROGRESS_AFTER_MS = 1_000;

/** For people who wait: nothing is written where nobody looks, or when it is done at once. */
function progressBar() {
  const bar = new SingleBar({
    format: 'verifying {bar} {percentage}% | {records} records | {eta_formatted} to go',
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
    hideCursor: true,
  });
  const startedAt = Date.now();
  return {
    show({ records, bytes, totalBytes }: Progress): void {
      if (!process.stderr.isTTY || Date.now() - startedAt < PROGRESS_AFTER_MS) return;
      if (!bar.isActive) bar.start(totalBytes, bytes, { records });
      bar.update(bytes, { records });
    },
    clear: () => bar.stop(),
  };
}

function linesOf(report: VerificationReport, witnesses: readonly Witness[]): string[] {
  const { isIntact, records, segments, journal, head, firstBad } = report;
  return [
    isIntact
      ? `intact: ${records} records, ${segments} segments, journal ${journal}`
      : `DAMAGED after ${records} good records`,
    ...(firstBad
      ? [
          `first bad place: ${firstBad.segment} line ${firstBad.line}, record ${firstBad.seq}: ${firstBad.problem}`,
        ]
      : []),
    ...(report.pruned
      ? [
          `pruned: segments 1 to ${report.pruned.segments}, records 1 to ${report.pruned.seq}, on ${report.pruned.at} with key ${report.pruned.keyId}`,
        ]
      : []),
    ...signatureLines(report),
    ...(report.unfinishedBytes > 0
      ? [`${report.unfinishedBytes} bytes of an unfinished line: being written, or left by a crash`]
      : []),
    ...(head ? [`head: ${head.seq}:${head.hash}`] : []),
    ...report.openIntents.map(
      ({ seq, requestId }) => `open intent: record ${seq}, request ${requestId}`,
    ),
    ...witnessLines(report, witnesses),
  ];
}

function signatureLines({ checkpoints, lastCheckpoint, unsigned }: VerificationReport): string[] {
  if (lastCheckpoint === null) return ['no checkpoint: nothing is signed'];
  const { seq, at, keyId } = lastCheckpoint;
  return [
    `signed: ${checkpoints} checkpoints; the last, of ${at} with key ${keyId}, vouches for records 1 to ${seq}`,
    `${unsigned} records after the last checkpoint are vouched for by the chain alone`,
  ];
}

/** Receipts one by one; of checkpoints, which may be a whole log, the number of those that stand. */
function witnessLines(report: VerificationReport, witnesses: readonly Witness[]): string[] {
  const told = witnesses.map((witness, index) => ({
    witness,
    problem: report.witnesses[index]?.problem ?? null,
  }));
  const checkpoints = told.filter(({ witness }) => witness.kind === 'checkpoint');
  const standing = checkpoints.filter(({ problem }) => problem === null).length;
  return [
    ...(checkpoints.length > 0
      ? [`checkpoints from elsewhere: ${standing} of ${checkpoints.length} stand`]
      : []),
    ...told.flatMap(({ witness, problem }) => witnessLine(witness, problem)),
  ];
}

function witnessLine(witness: Witness, problem: string | null): string[] {
  if (witness.kind === 'receipt') {
    return [`receipt: ${problem === null ? 'stands' : `DOES NOT STAND: ${problem}`}`];
  }
  if (problem === null) return [];
  const { seq } = witness.kind === 'head' ? witness.head : witness.checkpoint;
  return [`${witness.kind} of record ${seq}: DOES NOT STAND: ${problem}`];
}
