import { CommanderError } from 'commander';
import { ConfigurationError } from '../errors.ts';
import { AdminRefusal } from './admin-client.ts';
import { createProgram } from './program.ts';

/** Exit codes: 0 done, 1 a finding, 2 wrong usage, 3 the environment is not fit. */
const FINDING = 1;
const USAGE = 2;
const ENVIRONMENT = 3;

/**
 * Do what was typed, and set the exit code; nothing is thrown.
 * @param words without the program's name
 */
export async function runProgram(words: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(words);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  process.stderr.write(`slimgate: ${messageOf(error)}\n`);
  return error instanceof AdminRefusal ? FINDING : ENVIRONMENT;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code === 'EADDRINUSE') {
    return `${address}:${port} is in use: stop what listens there, or set another port`;
  }
  const isExpected =
    error instanceof ConfigurationError || error instanceof AdminRefusal || code !== undefined;
  return isExpected ? error.message : (error.stack ?? error.message);
}
