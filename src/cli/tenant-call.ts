import { SlimgateError } from '../client/client.ts';
import { ConfigurationError } from '../errors.ts';

/** Exit code of a call that the gateway refused. */
const REFUSED = 1;

/**
 * Await a call; what the gateway refuses is said with what to change, and the exit code is 1.
 * @returns null when it was refused
 * @throws ConfigurationError when there was no answer
 */
export async function calledOrTold<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof SlimgateError)) throw error;
    if (error.code === 'no-answer') throw new ConfigurationError('no answer', [error.detail]);
    process.exitCode = REFUSED;
    process.stderr.write(`slimgate: ${refusalLine(error)}\n`);
    return null;
  }
}

/** A refusal in one line: code, what to change, and the key to its records. */
export function refusalLine({ code, detail, requestId }: SlimgateError): string {
  const key = requestId === null ? '' : ` (request ${requestId})`;
  return `${code}: ${detail}${key}`;
}
