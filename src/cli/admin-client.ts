import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../errors.ts';

/** Where the running gateway's admin API is, and who asks. */
export interface AdminOptions {
  readonly admin: string;
  readonly tokenFile: string;
}

/** What the admin API refused: its problem document as people read it, every fault on a line. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';

  constructor({ code, title, detail, errors = [] }: Problem) {
    super([`${title}: ${detail} (${code})`, ...errors.map((error) => error.detail)].join('\n  '));
  }
}

interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly detail: string }[];
}

const TIMEOUT_MS = 60_000;

/**
 * Ask the admin API of the running gateway.
 * @param body left out: GET; else POST
 * @throws AdminRefusal, ConfigurationError when there is no gateway or no token
 */
export function askAdmin<Answer>(
  path: string,
  options: AdminOptions,
  body?: unknown,
): Promise<Answer> {
  return send({ method: body === undefined ? 'GET' : 'POST', path, body }, options);
}

/** As askAdmin, to take away what is at the path. */
export function deleteAtAdmin<Answer>(path: string, options: AdminOptions): Promise<Answer> {
  return send({ method: 'DELETE', path }, options);
}

interface AdminCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

async function send<Answer>(
  { method, path, body }: AdminCall,
  { admin, tokenFile }: AdminOptions,
): Promise<Answer> {
  const token = readToken(tokenFile);
  const url = new URL(path, admin);
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error) => {
    const { cause } = error as { cause?: { code?: string } };
    const reason = cause?.code ?? error.message;
    throw new ConfigurationError(`no answer from ${url.origin}`, [
      `${reason}; is the gateway running there? (--admin says where)`,
    ]);
  });
  const value = await answer.json().catch(() => {
    throw new ConfigurationError(`${url.origin} is no admin API`, [`it answers ${answer.status}`]);
  });
  if (!answer.ok) throw new AdminRefusal(value as Problem);
  return value as Answer; // As docs/admin-api.md has it.
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigurationError('no token', [`${file} cannot be read; name one by --token-file`]);
  }
}
