import { z } from 'zod';
import { parseStrictJsonText } from '../../strict-json.ts';
import { type AccessPolicy, policySchema } from '../access-policy.ts';
import { MAX_ROLE_SESSION_SECONDS } from './role.ts';
import { StsError } from './sts-errors.ts';

/** Ours, in characters after decoding: the documentation has an error for it, but no number. */
const MAX_POLICY_CHARACTERS = 4096;
const MAX_FEDERATION_SECONDS = 129_600;
const ROLE_ARN =
  /^qcs::cam::uin\/([0-9]+):(role|roleName)\/((?:tencentcloudServiceRole(?:Name)?\/)?[^/]+)$/;

const tagSchema = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });

/** Source: STS documentation, "AssumeRole". */
export const assumeRoleSchema = z.strictObject({
  RoleArn: z.string().regex(ROLE_ARN),
  RoleSessionName: z
    .string()
    .min(2)
    .max(128)
    .regex(/^[\w+=,.@-]*$/),
  DurationSeconds: z.int().min(1).max(MAX_ROLE_SESSION_SECONDS).optional(),
  Policy: z.string().optional(),
  ExternalId: z
    .string()
    .min(2)
    .max(128)
    .regex(/^[\w+=,.@:/-]*$/)
    .optional(),
  Tags: z
    .array(tagSchema)
    .max(50)
    .refine((tags) => new Set(tags.map(({ Key }) => Key)).size === tags.length)
    .optional(),
  SourceIdentity: z
    .string()
    .regex(/^[0-9]+$/)
    .optional(),
  SerialNumber: z.string().optional(),
  TokenCode: z.string().optional(),
});

/** Source: STS documentation, "GetFederationToken", for a sub-account; the form of Name is ours. */
export const federationTokenSchema = z.strictObject({
  Name: z.string().regex(/^[A-Za-z][\w.-]{0,127}$/),
  Policy: z.string(),
  DurationSeconds: z.int().min(1).max(MAX_FEDERATION_SECONDS).default(1800),
});

/** Source: STS documentation, "GetCallerIdentity". */
export const callerIdentitySchema = z.strictObject({});

/**
 * Read an action's parameters; the first fault is the one that is told.
 * @throws StsError
 */
export function readParameters<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? new StsError('InvalidParameter') : faultOf(issue);
}

function faultOf(issue: z.core.$ZodIssue): StsError {
  const name = String(issue.path[0] ?? '');
  if (issue.code === 'unrecognized_keys') {
    return new StsError(name === '' ? 'UnknownParameter' : 'InvalidParameter.ParamError');
  }
  if (name === '') return new StsError('InvalidParameter', 'The body is not a JSON object.');
  if (issue.code === 'invalid_type') {
    if (issue.input !== undefined)
      return new StsError('InvalidParameter', `${name} is of a wrong type.`);
    return new StsError('MissingParameter', `The parameter ${name} is missing.`);
  }
  if (name === 'DurationSeconds') return new StsError('InvalidParameter.OverTimeError');
  return new StsError('InvalidParameter.ParamError', `The parameter ${name} is not valid.`);
}

/** How a role is named, taken apart; service roles have a slash in their name or id. */
export function readRoleArn(arn: string): { ownerUin: string; by: 'id' | 'name'; text: string } {
  const [, ownerUin = '', kind, text = ''] = ROLE_ARN.exec(arn) ?? [];
  return { ownerUin, by: kind === 'role' ? 'id' : 'name', text };
}

/**
 * Read a session policy, which is JSON, URL-encoded once more than its transport needs; a plus sign
 * is a blank, as form encoders have it.
 * Source: STS documentation, "GetFederationToken", Policy.
 * @throws StsError `InvalidParameter.…`
 */
export function readSessionPolicy(encoded: string): AccessPolicy {
  // The unreserved characters of every encoder in use: none of them leaves a quotation mark.
  if (!/^(?:[\w.~!'()*/+-]|%[0-9A-Fa-f]{2})*$/.test(encoded)) {
    throw new StsError('InvalidParameter.StrategyFormatError');
  }
  const document = parsePolicyText(encoded.replaceAll('+', '%20'));
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const hasPrincipal = parsed.error.issues.some(
    (issue) => issue.code === 'unrecognized_keys' && issue.keys.includes('principal'),
  );
  const message = hasPrincipal ? 'Policy must not name a principal.' : undefined;
  throw new StsError('InvalidParameter.StrategyInvalid', message);
}

function parsePolicyText(encoded: string): unknown {
  let text: string;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    throw new StsError('InvalidParameter.StrategyFormatError');
  }
  if (text.length > MAX_POLICY_CHARACTERS) throw new StsError('InvalidParameter.PolicyTooLong');
  try {
    return parseStrictJsonText(text);
  } catch {
    throw new StsError('InvalidParameter.StrategyFormatError');
  }
}
