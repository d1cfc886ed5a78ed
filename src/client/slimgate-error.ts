/** A problem document of the gateway. Source: RFC 9457. */
export interface Problem {
  /** Stable: decide on it. `no-answer` and `not-the-gateway` are the client’s own. */
  readonly code: string;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** What to change. */
  readonly detail: string;
  readonly requestId: string | null;
  /** JSON pointers into the body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Why it was denied. */
  readonly decision?: { readonly reason: string; readonly statements: readonly string[] };
  readonly upstream?: { readonly status: number; readonly code: string | null };
}

/** A call that did not succeed: the gateway’s problem, or that there was no answer. */
export class SlimgateError extends Error {
  override readonly name = 'SlimgateError';
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId: string | null;
  readonly problem: Problem;
  /** When the gateway says that it may be tried again. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null, cause?: unknown) {
    super(`${problem.code}: ${problem.detail}`, { cause });
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Read the answer to a call that did not succeed. */
export async function problemOf(answer: Response): Promise<SlimgateError> {
  const requestId = answer.headers.get('x-request-id');
  const retryAfter = answer.headers.get('retry-after') ?? '';
  const seconds = /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : null;
  const text = await answer.text().catch(() => '');
  const problem = problemIn(text);
  if (problem !== null) {
    return new SlimgateError({ ...problem, status: answer.status, requestId }, seconds);
  }
  const detail = `something answered ${answer.status}, and not as the gateway would; look at the address`;
  const strange = { code: 'not-the-gateway', status: answer.status, detail, requestId };
  return new SlimgateError(strange, seconds);
}

function problemIn(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    const { code, detail } = value as Partial<Problem>; // Of anything else these are undefined.
    if (typeof code === 'string' && typeof detail === 'string') return value as Problem;
  } catch {
    // It is none.
  }
  return null;
}
