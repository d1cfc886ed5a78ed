import { z } from 'zod';
import { milliseconds, name, path } from './setting-values.ts';

const ownCredentials = [
  z.strictObject({
    from: z.literal('file'),
    path: path.describe('YAML: secretId, secretKey; of temporary keys securityToken and expires'),
    checkSeconds: z.number().min(0.05).max(3600).default(2).describe('how often it is read again'),
    exposed: z
      .enum(['allow', 'warn', 'refuse'])
      .optional()
      .describe('when group or world can reach it; left out: warn in production'),
  }),
  z.strictObject({
    from: z.literal('environment'),
    prefix: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('reads <prefix>_SECRET_ID, <prefix>_SECRET_KEY, <prefix>_SECURITY_TOKEN'),
  }),
  z.strictObject({
    from: z.literal('metadata'),
    role: z
      .string()
      .regex(/^[A-Za-z0-9_+=,.@-]{1,128}$/)
      .describe('the role that this machine is bound to'),
  }),
] as const;

/** Source: STS documentation, "AssumeRole". */
const assumedRole = z.strictObject({
  from: z.literal('sts'),
  caller: z.discriminatedUnion('from', [...ownCredentials]).describe('whose keys ask for the role'),
  roleArn: z.string().regex(/^qcs::cam::uin\/[0-9]+:role(?:Name)?\/[A-Za-z0-9_+=,.@/-]{1,256}$/, {
    error: 'must look like `qcs::cam::uin/100000000001:roleName/slim-operator`',
  }),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,128}$/)
    .optional()
    .describe('left out: slimgate-<name of the sub-account>'),
  durationSeconds: z.int().min(1).max(43_200).default(7_200).describe('in production 900 or more'),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,128}$/)
    .optional(),
  sessionPolicy: z
    .enum(['slim', 'slim-and-objects', 'none'])
    .default('slim')
    .describe('narrows the role to the setting of buckets, and to reading objects, or not at all'),
});

const credentials = z.discriminatedUnion('from', [...ownCredentials, assumedRole]);

/** A sub-account, and where its keys come from. */
export const subAccount = z.strictObject({
  name,
  uin: z.string().regex(/^[1-9][0-9]{4,19}$/, 'must be the sub-account’s numeric id, in quotes'),
  ownerUin: z.string().regex(/^[1-9][0-9]{4,19}$/, 'must be the main account’s id, in quotes'),
  appId: z.string().regex(/^[1-9][0-9]{4,11}$/, 'must be the main account’s APPID, in quotes'),
  credentials,
});

/** Where STS is. */
export const sts = z.strictObject({
  hostTemplate: z
    .string()
    .regex(/^sts\.(?:(?:\{region\}|[a-z0-9-]+)\.)?[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `sts.tencentcloudapi.com` or `sts.{region}.tencentcloudapi.com`',
    })
    .default('sts.tencentcloudapi.com')
    .describe('always https, except for upstream.connect'),
  region: z
    .string()
    .regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region code')
    .default('ap-guangzhou'),
  timeoutMs: milliseconds(100, 60_000).default(5_000).describe('for a call'),
});
