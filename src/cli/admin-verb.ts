import type { Command } from 'commander';
import { AdminRefusal } from './admin-client.ts';

/** A verb that asks the admin API of a running gateway. */
export function withAdmin(command: Command): Command {
  return command
    .option('--admin <url>', 'the admin listener of the gateway', 'http://127.0.0.1:8081')
    .option('--token-file <file>', 'a file with your bearer token', 'var/tokens/security.jwt');
}

/** A refusal is a finding: every fault on a line, and exit code 1. */
export async function told(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof AdminRefusal)) throw error;
    const faults = error.faults.map((fault) => `  ${fault}\n`).join('');
    process.stderr.write(`slimgate: ${error.message} (${error.code})\n${faults}`);
    process.exitCode = 1;
  }
}
