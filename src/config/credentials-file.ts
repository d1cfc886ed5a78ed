import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { IssuedCredentials } from '../accounts/credentials.ts';
import { ConfigurationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { parseStrictYaml } from '../strict-yaml.ts';

/** What becomes of a file that others than its owner can reach. */
export type Exposure = 'allow' | 'warn' | 'refuse';

/** A file of keys, on a path that may lead to another one at every look. */
export interface CredentialsFile {
  readonly path: string;
  /** For problems, like it stands in the configuration. */
  readonly name: string;
  readonly exposed: Exposure;
}

interface Ownership {
  readonly mode: number;
  readonly uid: number;
}

const printable = z.string().regex(/^[!-~]+$/, 'must be printable ASCII without blanks');
const secret = printable.transform((text) => new Secret(text));

const schema = z.strictObject({
  secretId: printable,
  secretKey: secret,
  securityToken: secret.optional(),
  expires: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
});

/**
 * Read the keys of a file, waiting for it: at start.
 * @throws ConfigurationError without anything of its content
 */
export function readCredentialsFile(file: CredentialsFile): IssuedCredentials {
  try {
    const descriptor = openSync(file.path, 'r');
    try {
      return parse(file, readFileSync(descriptor, 'utf8'), fstatSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw told(error, file);
  }
}

/** As readCredentialsFile, beside requests. Mode and content are those of one and the same file. */
export async function rereadCredentialsFile(file: CredentialsFile): Promise<IssuedCredentials> {
  try {
    await using handle = await open(file.path, 'r');
    return parse(file, await handle.readFile('utf8'), await handle.stat());
  } catch (error) {
    throw told(error, file);
  }
}

function parse(file: CredentialsFile, text: string, ownership: Ownership): IssuedCredentials {
  const warning = file.exposed === 'allow' ? null : exposureOf(file, ownership);
  if (warning !== null && file.exposed === 'refuse') throw refusal([warning]);
  const { secretId, secretKey, securityToken = null, expires = null } = parseKeys(file, text);
  return { credentials: { secretId, secretKey, securityToken }, expiresAt: expires, warning };
}

function parseKeys({ name }: CredentialsFile, text: string): z.output<typeof schema> {
  try {
    return parseStrictYaml('keys', text, schema);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw refusal(error.problems.map((problem) => `\`${name}\`: ${withoutContent(problem)}`));
  }
}

/** The parser's own words may quote the file, and a name that is unknown may be a key gone astray. */
function withoutContent(problem: string): string {
  const [place] = /^line \d+, column \d+/.exec(problem) ?? [];
  if (place !== undefined) return `${place}: not well-formed YAML`;
  const isOfAName = /^(?:secretId|secretKey|securityToken|expires|the document): /.test(problem);
  if (isOfAName && !problem.includes('unknown member')) return problem;
  return 'only secretId, secretKey, securityToken and expires are taken';
}

function exposureOf({ name }: CredentialsFile, { mode, uid }: Ownership): string | null {
  const own = process.getuid?.() ?? uid;
  if (uid !== own && uid !== 0) return `\`${name}\`: belongs to uid ${uid}: chown it to ${own}`;
  if ((mode & 0o077) === 0) return null;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return `\`${name}\`: mode ${shown} lets others in: chmod 600, or set \`exposed: allow\``;
}

function told(error: unknown, { name }: CredentialsFile): ConfigurationError {
  if (error instanceof ConfigurationError) return error;
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return refusal([`\`${name}\`: ${isMissing ? 'no such file' : 'not readable'}`]);
}

function refusal(problems: readonly string[]): ConfigurationError {
  return new ConfigurationError('the keys are refused', problems);
}
