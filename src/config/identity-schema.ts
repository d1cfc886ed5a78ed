import { z } from 'zod';
import { milliseconds, name, path, text } from './setting-values.ts';

const PUBLIC_ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const;

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

/** Who may speak, and by which keys it is known. */
export const identity = z.strictObject({
  toleranceSeconds: z.int().min(0).max(300).default(60).describe('for clocks that differ'),
  rememberedTokens: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe('the most verified tokens that are not verified again'),
  issuers: z.array(issuer).min(1),
});
