import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';

/** How fast a journal is verified, beside the digest of its bytes alone; megabytes are 10⁶ bytes. */
export interface Verification {
  readonly megabytes: number;
  readonly records: number;
  readonly verifyPerSecond: number;
  readonly sha256PerSecond: number;
}

const ROUNDS = 5;

/** The best of some rounds of each: what disturbs only ever makes it slower. */
export async function measureVerification(directory: string): Promise<Verification> {
  const journal = join(directory, 'journal');
  const keys = parsePublicKeys(await readFile(join(directory, 'audit-signing.pub.pem'), 'utf8'));
  const names = (await readdir(journal)).filter((name) => name.endsWith('.jsonl')).sort();
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(journal, name))).size),
  );
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  let [verifyMs, sha256Ms, records] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    const report = await verifyJournal(journal, { keys });
    if (!report.isIntact) throw new Error('the journal that was just written is not intact');
    verifyMs = Math.min(verifyMs, performance.now() - startedAt);
    records = report.records;
    sha256Ms = Math.min(sha256Ms, await digestMs(names.map((name) => join(journal, name))));
  }
  const perSecond = (ms: number) => (1000 * megabytes) / ms;
  return {
    megabytes,
    records,
    verifyPerSecond: perSecond(verifyMs),
    sha256PerSecond: perSecond(sha256Ms),
  };
}

async function digestMs(files: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const digest = createHash('sha256');
  for (const file of files) digest.update(await readFile(file));
  digest.digest();
  return performance.now() - startedAt;
}
