import { z } from 'zod';
import { parseNetwork } from '../ip-address.ts';
import { savings } from './savings-schema.ts';
import { milliseconds, name, path, text } from './setting-values.ts';
import { sts, subAccount } from './sub-account-schema.ts';

/** All settings with their defaults: here and in the files it is made of is where defaults stand. */

const port = z.int().min(0).max(65535);

const listener = (defaultPort: number) =>
  z.strictObject({
    host: text.default('127.0.0.1').describe('the address to listen on'),
    port: port.default(defaultPort).describe('0 takes any free port'),
  });

const PUBLIC_ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const;

const tenantsListener = listener(8080).extend({
  trustedProxies: z
    .array(
      text.refine((network) => typeof parseNetwork(network) === 'object', {
        error: 'must be an IP address, or a block like `10.0.0.0/8`',
      }),
    )
    .default([])
    .describe('peers whose X-Forwarded-For is believed; left out: nobody’s'),
});

const issuerKey = z
  .strictObject({
    kid: text.optional().describe('left out: for tokens without `kid`'),
    algorithm: z.enum(['HS256', 'HS384', 'HS512', ...PUBLIC_ALGORITHMS]),
    secretFile: path.optional().describe('HS…: a file with at least 32, 48 or 64 bytes'),
    secretEnvironment: text.optional().describe('HS…: the variable that holds the secret'),
    publicKeyFile: path.optional().describe('the others: a public key in PEM'),
    jwkFile: path.optional().describe('the others: a public key as JWK'),
  })
  .refine(
    ({ secretFile, secretEnvironment, publicKeyFile, jwkFile }) =>
      [secretFile, secretEnvironment, publicKeyFile, jwkFile].filter((one) => one !== undefined)
        .length === 1,
    'must name exactly one of secretFile, secretEnvironment, publicKeyFile, jwkFile',
  );

const anyKeySet = {
  algorithms: z
    .array(z.enum(PUBLIC_ALGORITHMS))
    .min(1)
    .default(['RS256', 'ES256', 'EdDSA'])
    .describe('what its keys may be for; a key without `alg` must fit exactly one'),
  refreshSeconds: z.int().min(1).max(3600).default(30).describe('how often it is read'),
  cooldownSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(10)
    .describe('how often an unknown `kid` has it read once more'),
  staleSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(900)
    .describe('how long its keys are used when it cannot be read any more'),
  maxBytes: z.int().min(1024).max(4_194_304).default(262_144),
};

const fetchedKeySet = {
  ...anyKeySet,
  timeoutMs: milliseconds(100, 30_000).default(2_000).describe('for a document, in all'),
  caFile: path.optional().describe('certificates in PEM to trust in place of the system’s'),
  bearerTokenFile: path
    .optional()
    .describe('a token that is sent along, to that origin alone; read for each fetch'),
  allowHttp: z.boolean().default(false).describe('plain http beyond the loopback addresses'),
};

const keySet = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('file'), file: path, ...anyKeySet }),
  z.strictObject({ from: z.literal('url'), url: text, ...fetchedKeySet }),
  z.strictObject({
    from: z.literal('discovery'),
    jwksUrl: text.optional().describe('in place of the `jwks_uri` that is discovered'),
    ...fetchedKeySet,
  }),
]);

const issuer = z
  .strictObject({
    issuer: text.describe('compared with `iss` exactly'),
    audiences: z.array(text).min(1).describe('one of them must be in `aud`'),
    tenantClaim: text.default('sub').describe('the claim that names the tenant'),
    tenantsBySubject: z
      .record(text, name)
      .optional()
      .describe('from the tenant claim’s value to a tenant; left out: the value is its name'),
    tenants: z.array(name).optional().describe('the tenants it may speak for; left out: any'),
    groupsClaim: text.optional().describe('the claim with the caller’s groups'),
    toleranceSeconds: z.int().min(0).max(300).optional().describe('in place of the common one'),
    maxAgeSeconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .describe('the most that `iat` may lie back; left out: `exp` alone decides'),
    keys: z.array(issuerKey).default([]),
    keySet: keySet.optional().describe('public keys that the issuer changes'),
    development: z
      .boolean()
      .default(false)
      .describe('lets `slimgate token mint` mint tokens; refused in production'),
  })
  .refine(
    ({ keys, keySet }) => keys.length > 0 !== (keySet !== undefined),
    'must have either keys or a keySet',
  );

const identity = z.strictObject({
  toleranceSeconds: z.int().min(0).max(300).default(60).describe('for clocks that differ'),
  rememberedTokens: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe('the most verified tokens that are not verified again'),
  issuers: z.array(issuer).min(1),
});

const upstream = z.strictObject({
  hostTemplate: z
    .string()
    .regex(/^\{bucket\}\.[a-z0-9.-]*\{region\}\.[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `{bucket}.pic.{region}.myqcloud.com`',
    })
    .default('{bucket}.pic.{region}.myqcloud.com'),
  objectHostTemplate: z
    .string()
    .regex(/^\{bucket\}\.[a-z0-9.-]*\{region\}\.[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `{bucket}.cos.{region}.myqcloud.com`',
    })
    .default('{bucket}.cos.{region}.myqcloud.com')
    .describe('where objects are, for questions about savings'),
  additionalRegions: z
    .array(z.string().regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region code'))
    .default([])
    .describe('region codes beyond the known ones'),
  connect: z
    .strictObject({ host: text, port: port.min(1) })
    .optional()
    .describe('one fixed place over plain http, for a local Cloud Infinite; refused in production'),
  timeoutMs: milliseconds(100, 120_000).default(10_000).describe('for a call, retry included'),
  settleMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1_000)
    .describe('the bucket’s next change waits so long for one that was given up'),
  keyTimeSeconds: z.int().min(180).max(600).default(300).describe('validity of a signature'),
  maxSockets: z.int().min(1).max(4096).default(256).describe('connections in all'),
  callsPerRegion: z
    .int()
    .min(1)
    .max(4096)
    .default(128)
    .describe('at a time; below maxSockets, so that no region takes all connections'),
  readsPerBucket: z.int().min(1).max(4096).default(16).describe('at a time; others wait'),
  outage: z
    .strictObject({
      failures: z.int().min(2).max(100_000).default(10).describe('in a row'),
      pauseMs: milliseconds(100, 300_000).default(5_000).describe('before one call may try'),
    })
    .prefault({})
    .describe('when a bucket or region that keeps failing is left alone'),
  allowPrivateAddresses: z
    .boolean()
    .default(false)
    .describe('lets the upstream’s names lead to private addresses, as inside Tencent Cloud'),
  idleSocketMs: milliseconds(100, 300_000).default(15_000),
});

const count = z.int().min(1).max(100_000);
const rate = z.number().min(0.01).max(100_000);
const burst = count.optional();

const limits = z.strictObject({
  requestsPerSecondPerTenant: rate
    .default(200)
    .describe('of a tenant, unless the table has its own'),
  burstPerTenant: burst.describe('at once, after a pause; left out: twice the rate'),
  concurrentRequestsPerTenant: count.default(64),
  requestsPerSecondPerSource: rate
    .default(1_000)
    .describe('of an IPv4 address or an IPv6 /64, before its token is looked at'),
  burstPerSource: burst.describe('left out: twice the rate'),
  concurrentRequestsPerSource: count.default(256),
  sockets: count.default(4_096).describe('open at the same time'),
  socketsPerPeer: count.default(512).describe('of an IPv4 address or an IPv6 /64; not of a proxy'),
  idleSocketMs: milliseconds(100, 600_000).default(5_000).describe('kept for another request'),
  stalledSocketMs: milliseconds(100, 600_000)
    .default(30_000)
    .describe('nothing moves while a request is on its way, beyond timeoutMs and two waits'),
  changesWaitingPerBucket: z
    .int()
    .min(0)
    .max(1_000)
    .default(16)
    .describe('one change of a bucket is under way at a time; so many others may wait'),
  turnWaitMs: milliseconds(100, 30_000)
    .default(5_000)
    .describe('how long a request may wait for its turn'),
  bodyTimeoutMs: milliseconds(100, 60_000).default(5_000),
  headersTimeoutMs: milliseconds(100, 60_000).default(10_000),
  shutdownMs: milliseconds(100, 120_000).default(15_000).describe('time to finish on SIGTERM'),
});

const state = z.strictObject({
  readBefore: z
    .enum(['always', 'when-needed', 'never'])
    .default('always')
    .describe('a bucket’s state before a change of it; when needed: for If-Match alone'),
  skipNoOp: z
    .boolean()
    .default(true)
    .describe('a change to what a bucket is already is answered and not sent'),
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

const policy = z.strictObject({
  maxStaleMs: milliseconds(1_000, 3_600_000)
    .default(5_000)
    .describe('how long ago the database may have confirmed the policy table'),
  refuseWhenStale: z
    .boolean()
    .default(true)
    .describe('refuse beyond that; false: go on with the last table that was confirmed'),
});

const simulator = z.strictObject({
  embedded: z.boolean().default(false).describe('start a local Cloud Infinite inside'),
  ...listener(8082).shape,
  cloudFile: path.describe('its accounts, keys and buckets'),
});

export const settingsSchema = z
  .strictObject({
    mode: z.enum(['development', 'production']).default('production'),
    listen: tenantsListener.prefault({}).describe('the tenants’ listener'),
    admin: listener(8081).prefault({}).describe('health and the admin API; keep it inside'),
    stateDirectory: path.describe('where the journal and local state live'),
    logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    identity,
    subAccounts: z.array(subAccount).min(1),
    policyTableFile: path.describe(
      'the first version of the policy table; then the database rules',
    ),
    policy: policy.prefault({}),
    upstream: upstream.prefault({}),
    sts: sts.prefault({}).describe('where temporary keys of roles are asked for'),
    limits: limits.prefault({}),
    state: state.prefault({}),
    savings: savings.prefault({}).describe('bounds of questions about savings, which are billed'),
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
  readonly subAccounts: readonly {
    readonly credentials: { readonly from: string; readonly durationSeconds?: number };
  }[];
}

const MIN_SESSION = 900;

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
  {
    path: ['subAccounts'],
    isBroken: ({ subAccounts }) =>
      subAccounts.some(({ credentials: { durationSeconds = MIN_SESSION } }) => {
        return durationSeconds < MIN_SESSION;
      }),
    message: `a durationSeconds below ${MIN_SESSION} is refused in production: an outage would outlast the keys`,
  },
];

/** The settings as written, with defaults: no secret is among them. */
export type Settings = z.output<typeof settingsSchema>;
