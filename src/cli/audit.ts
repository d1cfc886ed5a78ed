import { type VerificationReport, verifyJournal } from '../audit/verify.ts';

export interface AuditVerifyOptions {
  readonly journal: string;
  /** `seq:hash`, noted down elsewhere. */
  readonly head?: string;
}

/** Walk a journal, or a copy of one, and tell the first place that is not as it was written. */
export async function printVerification({ journal, head }: AuditVerifyOptions): Promise<void> {
  const [seq, hash] = head?.split(':') ?? [];
  const expected = hash === undefined ? {} : { expectedHead: { seq: Number(seq), hash } };
  const report = await verifyJournal(journal, expected);
  process.stdout.write(`${textOf(report).join('\n')}\n`);
  process.exitCode = report.isIntact ? 0 : 1;
}

function textOf({ isIntact, records, head, firstBad, openIntents }: VerificationReport): string[] {
  return [
    isIntact ? `intact: ${records} records` : `DAMAGED after ${records} good records`,
    ...(head ? [`head: ${head.seq}:${head.hash}`] : []),
    ...(firstBad
      ? [
          `first bad place: ${firstBad.segment} line ${firstBad.line}, record ${firstBad.seq}: ${firstBad.problem}`,
        ]
      : []),
    ...openIntents.map(({ seq, requestId }) => `open intent: record ${seq}, request ${requestId}`),
  ];
}
