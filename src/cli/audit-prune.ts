import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pruneJournal } from '../audit/prune.ts';
import type { PruneMark } from '../audit/prune-mark.ts';
import { PUBLIC_KEY_FILE, parseSigningKey, SIGNING_KEY_FILE } from '../audit/signing-key.ts';
import { Secret } from '../secret.ts';
import { askAdmin } from './admin-client.ts';
import { publicKeysOf } from './audit-verify.ts';

export interface AuditPruneOptions {
  readonly journal: string;
  /** The admin listener of a running gateway, which prunes its own journal then. */
  readonly admin?: string;
  readonly tokenFile: string;
  readonly before: Date;
  /** The gateway's private key; left out: the one in the directory that the journal is in. */
  readonly signingKey?: string;
}

/** Take out the segments that are older than a date, and leave a signed mark in their place. */
export async function pruneSegments(options: AuditPruneOptions): Promise<void> {
  const { admin, tokenFile, before } = options;
  const mark =
    admin === undefined
      ? await pruneFiles(options)
      : (
          await askAdmin<{ pruned: PruneMark | null }>(
            '/v1/audit/prune',
            { admin, tokenFile },
            { before: before.toISOString() },
          )
        ).pruned;
  process.stdout.write(
    mark === null
      ? `no whole segment is older than ${before.toISOString()}\n`
      : `segments 1 to ${mark.segments} are gone, records 1 to ${mark.seq}; pruned.json accounts for them\n`,
  );
}

function pruneFiles(options: AuditPruneOptions): Promise<PruneMark | null> {
  const { journal: directory, before } = options;
  const { signingKey = join(dirname(directory), SIGNING_KEY_FILE) } = options;
  const key = parseSigningKey(new Secret(readFileSync(signingKey, 'utf8')));
  const keys = publicKeysOf(join(dirname(directory), PUBLIC_KEY_FILE));
  return pruneJournal({ directory, before, key, keys, now: () => new Date() });
}
