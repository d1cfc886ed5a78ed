import { type Command, InvalidArgumentError } from 'commander';
import type { JournalPosition } from '../audit/chain.ts';
import { printRequest, printTail } from './audit-records.ts';
import { printVerification } from './audit-verify.ts';

/** The verbs that read the journal's files, or a copy of them, beside a running gateway. */
export function addAuditVerbs(audit: Command): void {
  withJournal(audit.command('verify'))
    .description('prove that a journal, or a copy of one, is as it was written; exit 1 if not')
    .option('--key <file...>', 'public keys in PEM (default: audit-signing.pub.pem beside it)')
    .option('--receipt <file...>', 'receipts that must stand in it, - for the standard input')
    .option('--checkpoint <file...>', 'a log whose checkpoints must stand in it, or -')
    .option('--head <seq:hash>', 'a place in the chain that was noted down elsewhere', place)
    .action(printVerification);

  withJournal(audit.command('tail'))
    .description('print the last records')
    .option('-n, --lines <number>', 'how many', wholeNumber, 20)
    .option('-f, --follow', 'and those that come', false)
    .option('--json', 'as they stand in the journal', false)
    .action(printTail);

  withJournal(audit.command('show'))
    .description('print all records of one request; exit 1 if there is none')
    .argument('<request-id>', 'the x-request-id of its answer')
    .option('--json', 'as they stand in the journal', false)
    .action(printRequest);
}

function withJournal(command: Command): Command {
  return command.option('--journal <directory>', 'the journal', 'var/journal');
}

function place(text: string): JournalPosition {
  const [, seq, hash] = /^([0-9]{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw new InvalidArgumentError('It looks like `12:3fa…`.');
  return { seq: Number(seq), hash };
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
