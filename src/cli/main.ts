#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';

// Compiled code is kept between starts, which halves their time; in a place that is ours, because
// it is code. Everything else is imported after it.
module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/slimgate'));
const { CommanderError } = await import('commander');
const { ConfigurationError } = await import('../errors.ts');
const { AdminRefusal } = await import('./admin-client.ts');
const { createProgram } = await import('./program.ts');

/** Exit codes: 0 done, 1 a finding, 2 wrong usage, 3 the environment is not fit. */
const FINDING = 1;
const USAGE = 2;
const ENVIRONMENT = 3;

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
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
