import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { policySchema } from './access-policy.ts';
import { appIdOf, isBucketName } from './bucket-address.ts';
import { misbehaviourSchema } from './misbehaviour/misbehaviour.ts';
import { slimSettingSchema } from './slim-setting.ts';
import { INSTANCE_SERVICE, roleSchema, withRoleId } from './sts/role.ts';
import type { Session } from './sts/session.ts';

/** Account ids may be written as numbers. */
const digits = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().regex(/^[1-9][0-9]{4,11}$/, 'must be 5 to 12 digits'),
);

const secretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const accessKeySchema = z
  .strictObject({
    secretId: z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, `_` and `-`'),
    secretKey: secretText,
    token: secretText.optional(),
    expires: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .optional(),
  })
  .refine(({ token, expires }) => token !== undefined || expires === undefined, {
    path: ['expires'],
    error: 'only a temporary key, one with a token, expires',
  });

const subAccountSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => name !== INSTANCE_SERVICE, 'is what roles call the instance'),
  uin: digits,
  keys: z.array(accessKeySchema).min(1),
  policies: z.array(policySchema).default([]),
});

const accountSchema = z
  .strictObject({
    appId: digits,
    uin: digits,
    subAccounts: z.array(subAccountSchema).default([]),
    roles: z.array(roleSchema).default([]),
    instance: z.strictObject({ role: z.string() }).optional(),
  })
  .transform((account) => ({
    ...account,
    roles: account.roles.map((role) => withRoleId(role, account.uin)),
  }));

/** A bucket as it stands in the document. */
export const bucketSchema = z.strictObject({
  name: z.string().refine(isBucketName, 'must be `<BucketName-APPID>`'),
  region: z.string().regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region'),
  bound: z.boolean(),
  slim: slimSettingSchema.optional(),
});

const localCloudSchema = z.strictObject({
  accounts: z.array(accountSchema).min(1),
  buckets: z.array(bucketSchema).default([]),
  misbehaviour: z.array(misbehaviourSchema).default([]),
});

/** Accounts, sub-accounts with their keys and policies, roles, and buckets. */
export type LocalCloud = z.output<typeof localCloudSchema>;
export type Account = LocalCloud['accounts'][number];
export type SubAccount = Account['subAccounts'][number];
export type AccessKey = SubAccount['keys'][number];
export type Bucket = LocalCloud['buckets'][number];

const REFUSAL = 'the local cloud is refused';

/** @throws ConfigurationError with every problem and its path */
export function parseLocalCloud(yamlText: string): LocalCloud {
  const parsed = localCloudSchema.safeParse(readYaml(yamlText));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'the document'}: ${message}`,
    );
    throw new ConfigurationError(REFUSAL, problems);
  }
  const problems = [repeats, strayBuckets, strayTrusts, strayInstances].flatMap((problemsOf) =>
    problemsOf(parsed.data),
  );
  if (problems.length > 0) throw new ConfigurationError(REFUSAL, problems);
  return parsed.data;
}

/** An access key, and whose it is. */
export interface KeyHolder {
  readonly key: AccessKey;
  /** Of a role's session: the role in the place of a sub-account, its id for a uin. */
  readonly subAccount: SubAccount;
  readonly account: Account;
  /** Of a temporary key that was issued, not written into the document. */
  readonly session?: Session;
}

/** Access keys by secret id; a map of them is one. */
export interface KeyRing {
  get(secretId: string): KeyHolder | undefined;
}

/** All access keys, by secret id. */
export function keyHolders({ accounts }: LocalCloud): ReadonlyMap<string, KeyHolder> {
  const holders = accounts.flatMap((account) =>
    account.subAccounts.flatMap((subAccount) =>
      subAccount.keys.map((key): KeyHolder => ({ key, subAccount, account })),
    ),
  );
  return new Map(holders.map((holder) => [holder.key.secretId, holder]));
}

function readYaml(text: string): unknown {
  const document = parseDocument(text);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    // The first line says what and where; the lines after it quote the text, keys and all.
    const problems = faults.map(({ message }) => (message.split('\n')[0] ?? '').replace(/:$/, ''));
    throw new ConfigurationError(REFUSAL, problems);
  }
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new ConfigurationError(REFUSAL, ['aliases are not taken: write the value out']);
  }
}

function repeats({ accounts, buckets }: LocalCloud): string[] {
  const subAccounts = accounts.flatMap((account) => account.subAccounts);
  const secretIds = subAccounts.flatMap(({ keys }) => keys.map(({ secretId }) => secretId));
  const groups: [string, string[]][] = [
    ['the appId', accounts.map(({ appId }) => appId)],
    ['the uin', [...accounts, ...subAccounts].map(({ uin }) => uin)],
    ['the secretId', secretIds],
    ['the sub-account', namesIn(accounts, 'subAccounts')],
    ['the role', namesIn(accounts, 'roles')],
    ['the role id', accounts.flatMap(({ roles }) => roles.map(({ id }) => id))],
    ['the bucket', buckets.map(({ name, region }) => `${name} in ${region}`)],
  ];
  return groups.flatMap(([what, values]) =>
    [...new Set(values.filter((value, at) => values.indexOf(value) < at))].map(
      (value) => `${what} ${value} stands more than once`,
    ),
  );
}

function strayBuckets({ accounts, buckets }: LocalCloud): string[] {
  const appIds = new Set(accounts.map(({ appId }) => appId));
  return buckets.flatMap(({ name }, at) =>
    appIds.has(appIdOf(name)) ? [] : [`buckets.${at}.name: ${name} belongs to no account here`],
  );
}

function namesIn(accounts: readonly Account[], members: 'subAccounts' | 'roles'): string[] {
  return accounts.flatMap((account) =>
    account[members].map(({ name }) => `${name} of ${account.appId}`),
  );
}

function strayTrusts({ accounts }: LocalCloud): string[] {
  return accounts.flatMap(({ roles, subAccounts }, at) => {
    const known = new Set([INSTANCE_SERVICE, ...subAccounts.map(({ name }) => name)]);
    return roles.flatMap(({ trusts }, index) =>
      trusts
        .filter((name) => !known.has(name))
        .map((name) => `accounts.${at}.roles.${index}.trusts: ${name} is no sub-account here`),
    );
  });
}

function strayInstances({ accounts }: LocalCloud): string[] {
  const owners = accounts.filter(({ instance }) => instance !== undefined);
  const strays = accounts.flatMap(({ instance, roles }, at) => {
    const role = roles.find(({ name }) => name === instance?.role);
    const isFit = instance === undefined || role?.trusts.includes(INSTANCE_SERVICE) === true;
    return isFit ? [] : [`accounts.${at}.instance.role: no role here that trusts cvm`];
  });
  return owners.length > 1 ? [...strays, 'more than one account has the instance'] : strays;
}
