import { z } from 'zod';
import { Secret } from '../secret.ts';
import { parseStrictJsonText, StrictJsonError } from '../strict-json.ts';
import { CredentialProblem } from './credential-source.ts';
import type { IssuedCredentials } from './credentials.ts';

/** What may stand in a header; an id also stands between the signs of an Authorization value. */
const secretText = z
  .string()
  .regex(/^[!-~]{1,4096}$/)
  .transform((text) => new Secret(text));

/**
 * A temporary key as STS and the instance metadata name its parts.
 * Source: STS documentation, "AssumeRole", Credentials.
 */
export const issuedKeySchema = z.object({
  TmpSecretId: z
    .string()
    .regex(/^[!-~]{1,1024}$/)
    .regex(/^[^&=;,/"\\]*$/),
  TmpSecretKey: secretText,
  Token: secretText,
});

/** Unix seconds. */
export const expiredTimeSchema = z.int().min(0).max(32_503_680_000);

/**
 * Read an answer by a schema.
 * @param who like `STS`
 * @throws CredentialProblem without anything of the text
 */
export function readAnswer<Schema extends z.ZodType>(
  who: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  try {
    return readValue(who, parseStrictJsonText(text), schema);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new CredentialProblem(`the answer of ${who} is not understood: ${error.message}`);
  }
}

/** As readAnswer, for a part of an answer. */
export function readValue<Schema extends z.ZodType>(
  who: string,
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => path.map(String).join('.') || 'all of it');
  throw new CredentialProblem(`the answer of ${who} is not understood: ${places.join(', ')}`);
}

/**
 * A temporary key that lasts.
 * @throws CredentialProblem for one that has ended already
 */
export function issuedCredentials(
  { TmpSecretId, TmpSecretKey, Token }: z.output<typeof issuedKeySchema>,
  { expiresAt, now, who }: { readonly expiresAt: Date; readonly now: Date; readonly who: string },
): IssuedCredentials {
  if (expiresAt <= now) {
    throw new CredentialProblem(
      `${who} gave a key that ended at ${expiresAt.toISOString()}: look at this machine’s clock`,
    );
  }
  const credentials = { secretId: TmpSecretId, secretKey: TmpSecretKey, securityToken: Token };
  return { credentials, expiresAt, warning: null };
}
