import http from 'node:http';
import https from 'node:https';
import { CredentialProblem } from './credential-source.ts';

/** A fixed place in the place of the named one: a local Cloud Infinite. */
export interface FixedPlace {
  readonly host: string;
  readonly port: number;
}

/** One small request to a service that gives out keys. */
export interface SmallCall {
  readonly protocol: 'http:' | 'https:';
  /** Whom it is for, by name; a certificate must be of this name. */
  readonly host: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SmallCallOptions {
  /** Where it goes, over plain http, instead of the host. */
  readonly connect: FixedPlace | null;
  /** For the whole call. */
  readonly timeoutMs: number;
}

export interface SmallAnswer {
  readonly body: string;
  /** Its header of that name. */
  readonly date: string | undefined;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Make a call and take its answer, whole and bounded: no redirect is followed, no proxy is asked,
 * and no connection is kept.
 * @throws CredentialProblem unless it is answered with 200
 */
export async function callSmall(call: SmallCall, options: SmallCallOptions): Promise<SmallAnswer> {
  // INVARIANT: it covers the answer's body as well: nothing here can hang.
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await send(call, options.connect, deadline);
    const body = await readBounded(response);
    if (response.statusCode === 200) return { body, date: response.headers.date };
    throw new CredentialProblem(`${call.host} answered with status ${response.statusCode}`);
  } catch (error) {
    if (error instanceof CredentialProblem) throw error;
    const reason = deadline.aborted ? 'not in time' : reasonOf(error);
    throw new CredentialProblem(`${call.host} gave no answer: ${reason}`);
  }
}

function send(
  { protocol, host, method, path, headers, body = '' }: SmallCall,
  connect: FixedPlace | null,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { request } = connect === null && protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    request(
      {
        ...(connect ?? { host }),
        method,
        path,
        headers: { ...headers, host, 'content-length': Buffer.byteLength(body) },
        agent: false,
        signal,
      },
      resolve,
    )
      .on('error', reject)
      .end(body);
  });
}

async function readBounded(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new CredentialProblem('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A code like `ECONNREFUSED`: what else an error says may quote what was received. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'the call broke off';
}
