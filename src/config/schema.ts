import { z } from 'zod';

/** All settings with their defaults: this file is the one place where a default stands. */

const text = z.string().min(1);
const port = z.int().min(0).max(65535);
const milliseconds = (least: number, most: number) => z.int().min(least).max(most);
const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits, hyphens');
const path = text.describe('relative to this file');

const listener = (defaultPort: number) =>
  z.strictObject({
    host: text.default('127.0.0.1').describe('the address to listen on'),
    port: port.default(defaultPort).describe('0 takes any free port'),
  });

const issuerKey = z
  .strictObject({
    kid: text.optional().describe('left out: for tokens without `kid`'),
    algorithm: z.enum(['HS256', 'RS256', 'ES256']),
    secretFile: path.optional().describe('HS256: a file with at least 32 bytes'),
    secretEnvironment: text.optional().describe('HS256: the variable that holds the secret'),
    publicKeyFile: path.optional().describe('RS256, ES256: a public key in PEM'),
    jwkFile: path.optional().describe('RS256, ES256: a public key as JWK'),
  })
  .refine(
    ({ secretFile, secretEnvironment, publicKeyFile, jwkFile }) =>
      [secretFile, secretEnvironment, publicKeyFile, jwkFile].filter((one) => one !== undefined)
        .length === 1,
    'must name exactly one of secretFile, secretEnvironment, publicKeyFile, jwkFile',
  );

const issuer = z.strictObject({
  issuer: text.describe('compared with `iss` exactly'),
  audiences: z.array(text).min(1).describe('one of them must be in `aud`'),
  tenantClaim: text.default('sub').describe('the claim that names the tenant'),
  tenants: z.array(name).optional().describe('the tenants it may speak for; left out: any'),
  keys: z.array(issuerKey).min(1),
  development: z
    .boolean()
    .default(false)
    .describe('lets `slimgate token` mint tokens; refused in production'),
});

const credentials = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('file'),
    path: path.describe('YAML with secretId, secretKey and, for temporary keys, securityToken'),
  }),
  z.strictObject({
    from: z.literal('environment'),
    prefix: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('reads <prefix>_SECRET_ID, <prefix>_SECRET_KEY, <prefix>_SECURITY_TOKEN'),
  }),
]);

const subAccount = z.strictObject({
  name,
  uin: z.string().regex(/^[1-9][0-9]{4,19}$/, 'must be the sub-account’s numeric id, in quotes'),
  ownerUin: z.string().regex(/^[1-9][0-9]{4,19}$/, 'must be the main account’s id, in quotes'),
  appId: z.string().regex(/^[1-9][0-9]{4,11}$/, 'must be the main account’s APPID, in quotes'),
  credentials,
});

const identity = z.strictObject({
  toleranceSeconds: z.int().min(0).max(300).default(60).describe('for clocks that differ'),
  issuers: z.array(issuer).min(1),
});

const upstream = z.strictObject({
  hostTemplate: z
    .string()
    .regex(/^\{bucket\}\.[a-z0-9.-]*\{region\}\.[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `{bucket}.pic.{region}.myqcloud.com`',
    })
    .default('{bucket}.pic.{region}.myqcloud.com'),
  additionalRegions: z
    .array(z.string().regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region code'))
    .default([])
    .describe('region codes beyond the known ones'),
  connect: z
    .strictObject({ host: text, port: port.min(1) })
    .optional()
    .describe('one fixed place over plain http, for a local Cloud Infinite; refused in production'),
  timeoutMs: milliseconds(100, 120_000).default(10_000).describe('for a call, retry included'),
  keyTimeSeconds: z.int().min(180).max(600).default(300).describe('validity of a signature'),
  maxSockets: z.int().min(1).max(4096).default(256),
  idleSocketMs: milliseconds(100, 300_000).default(15_000),
});

const limits = z.strictObject({
  concurrentRequestsPerTenant: z.int().min(1).max(100_000).default(64),
  bodyTimeoutMs: milliseconds(100, 60_000).default(5_000),
  headersTimeoutMs: milliseconds(100, 60_000).default(10_000),
  shutdownMs: milliseconds(100, 120_000).default(15_000).describe('time to finish on SIGTERM'),
});

const audit = z.strictObject({
  segmentBytes: z
    .int()
    .min(65_536)
    .max(4_294_967_296)
    .default(67_108_864)
    .describe('a segment of the journal that has so many bytes is followed by another'),
  segmentHours: z.number().min(0.01).max(8_760).default(24).describe('and one that is so old'),
  checkpointRecords: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('a signed checkpoint after at most so many records'),
  checkpointSeconds: z.int().min(1).max(86_400).default(60).describe('and after so many seconds'),
  signingKeyFile: path
    .optional()
    .describe('an Ed25519 private key in PEM; left out: one is made in the state directory'),
});

const simulator = z.strictObject({
  embedded: z.boolean().default(false).describe('start a local Cloud Infinite inside'),
  ...listener(8082).shape,
  cloudFile: path.describe('its accounts, keys and buckets'),
});

export const settingsSchema = z
  .strictObject({
    mode: z.enum(['development', 'production']).default('production'),
    listen: listener(8080).prefault({}).describe('the tenants’ listener'),
    admin: listener(8081).prefault({}).describe('health; keep it inside'),
    stateDirectory: path.describe('where the journal and local state live'),
    logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    identity,
    subAccounts: z.array(subAccount).min(1),
    policyTableFile: path,
    upstream: upstream.prefault({}),
    limits: limits.prefault({}),
    audit: audit.prefault({}),
    simulator: simulator.optional(),
  })
  .superRefine((settings, context) => {
    if (settings.mode === 'development') return;
    for (const { path, isBroken, message } of PRODUCTION_RULES) {
      if (isBroken(settings)) context.addIssue({ code: 'custom', path, message });
    }
  });

interface ModeDependent {
  readonly identity: { readonly issuers: readonly { readonly development: boolean }[] };
  readonly upstream: { readonly connect?: unknown };
  readonly simulator?: { readonly embedded: boolean } | undefined;
}

/** What is for development only. */
const PRODUCTION_RULES: readonly {
  path: string[];
  isBroken: (settings: ModeDependent) => boolean;
  message: string;
}[] = [
  {
    path: ['identity', 'issuers'],
    isBroken: ({ identity }) => identity.issuers.some(({ development }) => development),
    message: 'a development issuer is refused in production; set mode or remove it',
  },
  {
    path: ['upstream', 'connect'],
    isBroken: ({ upstream }) => upstream.connect !== undefined,
    message: 'is plain http and refused in production; remove it',
  },
  {
    path: ['simulator', 'embedded'],
    isBroken: ({ simulator }) => simulator?.embedded === true,
    message: 'is refused in production; remove it',
  },
];

/** The settings as written, with defaults: no secret is among them. */
export type Settings = z.output<typeof settingsSchema>;
