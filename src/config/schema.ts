import { z } from 'zod';
import { parseNetwork } from '../ip-address.ts';
import { identity } from './identity-schema.ts';
import { limits } from './limits-schema.ts';
import { PRODUCTION_RULES } from './production-rules.ts';
import { savings } from './savings-schema.ts';
import { milliseconds, path, port, text } from './setting-values.ts';
import { sts, subAccount } from './sub-account-schema.ts';
import { upstream } from './upstream-schema.ts';

/** All settings with their defaults: here and in the files it is made of is where defaults stand. */

const listener = (defaultPort: number) =>
  z.strictObject({
    host: text.default('127.0.0.1').describe('the address to listen on'),
    port: port.default(defaultPort).describe('0 takes any free port'),
  });

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
    .describe('how long ago the database may have confirmed the policy table, and what is revoked'),
  refuseWhenStale: z
    .boolean()
    .default(true)
    .describe('refuse beyond that; false: go on with what was confirmed last'),
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

/** The settings as written, with defaults: no secret is among them. */
export type Settings = z.output<typeof settingsSchema>;
