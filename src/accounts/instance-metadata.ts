import { z } from 'zod';
import type { MetadataSettings } from './credential-settings.ts';
import { CredentialProblem, type CredentialSource } from './credential-source.ts';
import { expiredTimeSchema, issuedCredentials, issuedKeySchema, readAnswer } from './issued-key.ts';
import { callSmall, type FixedPlace } from './small-call.ts';

/** Only ever this name: who else answers for the machine would hand out keys of its own. */
const HOST = 'metadata.tencentyun.com';
const PATH = '/latest/meta-data/cam/security-credentials';
const TIMEOUT_MS = 3_000;

/** A refusal has a `Code` alone, which is told before the rest is missed. */
const documentSchema = z.union([
  issuedKeySchema.extend({ Code: z.literal('Success'), ExpiredTime: expiredTimeSchema }),
  z.object({ Code: z.string().refine((code) => code !== 'Success') }),
]);

/**
 * The keys that this machine is given for its role.
 * Source: CVM documentation, "Instance Metadata", and the official SDKs that read it.
 */
export function metadataSource(
  { from, role }: MetadataSettings,
  { now, connect }: { readonly now: () => Date; readonly connect: FixedPlace | null },
): CredentialSource {
  const call = { protocol: 'http:', host: HOST, method: 'GET', path: `${PATH}/${role}` } as const;
  return {
    name: from,
    first: null,
    pollMs: null,
    async fetch() {
      const { body } = await callSmall(call, { connect, timeoutMs: TIMEOUT_MS });
      const document = readAnswer('the instance metadata', body, documentSchema);
      if (!('Token' in document)) {
        throw new CredentialProblem(`the instance metadata has no key for the role \`${role}\``);
      }
      const expiresAt = new Date(document.ExpiredTime * 1000);
      return issuedCredentials(document, { expiresAt, now: now(), who: 'the instance metadata' });
    },
    close: () => undefined,
  };
}
