import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import { parseStrictJsonText } from '../../strict-json.ts';
import { type KeyHolder, type KeyRing, keyHolders, type LocalCloud } from '../local-cloud.ts';
import type { Role } from './role.ts';
import { type Session, sessionSchema } from './session.ts';

/** Whose permission a key is to have, and for how long. */
export type Grant = Pick<KeyHolder, 'account' | 'subAccount'> & {
  readonly session: Session;
  readonly seconds: number;
};

/** A key that was issued; it is of no use without its token. */
export interface TemporaryKey {
  readonly secretId: string;
  readonly secretKey: Secret;
  readonly token: Secret;
  /** A whole second. */
  readonly expires: Date;
}

/** The temporary keys issued so far: found in memory, kept in one file. */
export interface TemporaryKeys {
  /** The key is with the operating system when this returns: a killed process doesn't lose it. */
  issue(grant: Grant): TemporaryKey;
  /** An expired key is still found for a day, so that it can be told from one that never was. */
  find(secretId: string): KeyHolder | undefined;
  close(): void;
}

const keptSchema = z.strictObject({
  secretId: z.string(),
  secretKey: z.string(),
  token: z.string(),
  expires: z.iso.datetime(),
  appId: z.string(),
  /** Of the sub-account; of a role, its id. */
  uin: z.string(),
  session: sessionSchema,
});

type KeptKey = z.output<typeof keptSchema>;

const REMEMBERED_MS = 24 * 3600 * 1000;
const SWEEP_EVERY = 1000;

/**
 * Open the file of temporary keys, which is made when it isn't there; keys long expired are left
 * out, and so are those whose sub-account or role is gone. For one simulator at a time. Like the
 * witness's journal the file holds what would be secrets elsewhere.
 * @throws ConfigurationError when the file holds something else
 */
export function openTemporaryKeys(
  path: string,
  { cloud, now }: { readonly cloud: LocalCloud; readonly now: () => Date },
): TemporaryKeys {
  const keys = new Map<string, KeyHolder>();
  const lines: string[] = [];
  for (const kept of readKept(path)) {
    const holder = holderOf(kept, cloud);
    if (holder === undefined || isForgotten(holder, now())) continue;
    keys.set(kept.secretId, holder);
    lines.push(`${JSON.stringify(kept)}\n`);
  }
  const append = openToAppend(path, lines.join(''));
  let issued = 0;
  return {
    issue({ account, subAccount, session, seconds }) {
      const key = newKey(new Date((Math.floor(now().getTime() / 1000) + seconds) * 1000));
      const kept = { ...textsOf(key), appId: account.appId, uin: subAccount.uin, session };
      append.write(Buffer.from(`${JSON.stringify(kept)}\n`));
      keys.set(key.secretId, { key, account, subAccount, session });
      issued += 1;
      if (issued % SWEEP_EVERY === 0) sweep(keys, now());
      return key;
    },
    find: (secretId) => keys.get(secretId),
    close: () => append.close(),
  };
}

/** All keys that may sign: the cloud's own and those issued. */
export function keyRing(cloud: LocalCloud, temporaryKeys: TemporaryKeys): KeyRing {
  const own = keyHolders(cloud);
  return { get: (secretId) => own.get(secretId) ?? temporaryKeys.find(secretId) };
}

/** When a key ends, as the answers that hold a key say it. */
export function expiryOf({ expires }: TemporaryKey) {
  return {
    ExpiredTime: expires.getTime() / 1000,
    Expiration: expires.toISOString().replace('.000Z', 'Z'),
  };
}

/** A role in the place of a sub-account. */
export function asSubAccount({ name, id, policies }: Role): KeyHolder['subAccount'] {
  return { name, uin: id, keys: [], policies };
}

function newKey(expires: Date): TemporaryKey {
  return {
    secretId: `AKID${randomBytes(30).toString('base64url')}`,
    secretKey: new Secret(randomBytes(32).toString('base64')),
    token: new Secret(randomBytes(120).toString('base64url')),
    expires,
  };
}

function textsOf({ secretId, secretKey, token, expires }: TemporaryKey) {
  return {
    secretId,
    secretKey: secretKey.reveal(),
    token: token.reveal(),
    expires: expires.toISOString(),
  };
}

function holderOf(kept: KeptKey, { accounts }: LocalCloud): KeyHolder | undefined {
  const { secretId, appId, uin, session } = kept;
  const account = accounts.find((known) => known.appId === appId);
  const role = account?.roles.find(({ id }) => id === uin);
  const subAccount =
    session.kind === 'role'
      ? role && asSubAccount(role)
      : account?.subAccounts.find((known) => known.uin === uin);
  if (account === undefined || subAccount === undefined) return undefined;
  const key = {
    secretId,
    secretKey: new Secret(kept.secretKey),
    token: new Secret(kept.token),
    expires: new Date(kept.expires),
  };
  return { key, account, subAccount, session };
}

function isForgotten({ key }: KeyHolder, now: Date): boolean {
  return key.expires !== undefined && now.getTime() - key.expires.getTime() > REMEMBERED_MS;
}

function sweep(keys: Map<string, KeyHolder>, now: Date): void {
  for (const [secretId, holder] of keys) if (isForgotten(holder, now)) keys.delete(secretId);
}

/** What follows the last line feed is a line that a crash has torn, and was never answered. */
function readKept(path: string): readonly KeptKey[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  try {
    return lines.map((line) => keptSchema.parse(parseStrictJsonText(line)));
  } catch {
    throw new ConfigurationError('the kept temporary keys are refused', [
      `${path}: not temporary keys; remove the file to begin anew`,
    ]);
  }
}

/** INVARIANT: at every moment the path leads to every key that was answered and has not expired. */
function openToAppend(path: string, text: string) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  const descriptor = openSync(path, 'r+');
  let { size } = fstatSync(descriptor);
  let isOpen = true;
  return {
    write(line: Buffer) {
      // A descriptor that is closed may be another file's by now.
      if (!isOpen) throw new Error('the temporary keys are closed');
      // At its place: what a failed write has left behind is written over.
      for (let done = 0; done < line.length; ) {
        done += writeSync(descriptor, line, done, line.length - done, size + done);
      }
      size += line.length;
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
