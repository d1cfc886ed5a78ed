import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JournalPosition } from '../audit/chain.ts';
import { withOnlineForm } from './admin-verb.ts';
import { lazily } from './lazily.ts';

/**
 * The verbs that read the journal's files, or a copy of them, beside a running gateway; some can ask
 * that gateway instead.
 */
export function addAuditVerbs(audit: Command): void {
  withJournal(audit.command('verify'))
    .description('prove that a journal, or a copy of one, is as it was written; exit 1 if not')
    .option('--key <file...>', 'public keys in PEM (default: audit-signing.pub.pem beside it)')
    .option('--receipt <file...>', 'receipts that must stand in it, - for the standard input')
    .option('--checkpoint <file...>', 'a log whose checkpoints must stand in it, or -')
    .option('--head <seq:hash>', 'a place in the chain that was noted down elsewhere', place)
    .option('--export <file>', 'verify a file that was exported, in place of the journal')
    .action(lazily(async () => (await import('./audit-verify.ts')).printVerification));

  withJournal(audit.command('tail'))
    .description('print the last records')
    .option('-n, --lines <number>', 'how many', wholeNumber, 20)
    .option('-f, --follow', 'and those that come', false)
    .option('--json', 'as they stand in the journal', false)
    .action(lazily(async () => (await import('./audit-records.ts')).printTail));

  withJournal(audit.command('show'))
    .description('print all records of one request; exit 1 if there is none')
    .argument('<request-id>', 'the x-request-id of its answer')
    .option('--json', 'as they stand in the journal', false)
    .action(lazily(async () => (await import('./audit-records.ts')).printRequest));

  withOnlineForm(withJournal(audit.command('search')), ['journal'])
    .description('print the records that match; exit 1 if there is none')
    .option('--tenant <name>', 'whose')
    .option('--region <code>', 'of the bucket')
    .option('--bucket <name>', 'with its APPID')
    .option('--operation <name>', 'enable, describe, disable')
    .option('--decision <effect>', 'allow, deny')
    .option('--outcome <outcome>', 'applied, not_applied, unknown, refused')
    .option('--kind <kind>', 'intent, closing, resolved, …')
    .option('--request-id <id>', 'of its answer')
    .option('--from <time>', 'the first moment, ISO 8601', moment)
    .option('--to <time>', 'the first moment that is not in it', moment)
    .option('--json', 'as they stand in the journal', false)
    .action(lazily(async () => (await import('./audit-search.ts')).printSearch));

  withOnlineForm(withJournal(audit.command('resolve')), ['journal'])
    .description('print the changes of unknown outcome that nothing resolves; exit 1 if there are')
    .option('--order', 'with --admin: have the gateway ask their buckets; exit 0', false)
    .option('--request-id <id>', 'with --order: only this one; exit 1 if it is none of them')
    .action(lazily(async () => (await import('./audit-resolve.ts')).printUnresolved));

  audit
    .command('reindex')
    .description('make the index of the journal in the database anew')
    .option('--config <file>', 'the configuration', 'config/gateway.yaml')
    .action(lazily(async () => (await import('./audit-reindex.ts')).rebuildIndex));

  withJournal(audit.command('export'))
    .description('print the records of a time with their proof; exit 1 if there is none')
    .requiredOption('--from <time>', 'the first moment, ISO 8601', moment)
    .requiredOption('--to <time>', 'the first moment that is not in it', moment)
    .addOption(
      new Option('--format <format>', 'csv is for tables')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .option('-o, --output <file>', 'left out: the standard output')
    .action(lazily(async () => (await import('./audit-export.ts')).printExport));

  withOnlineForm(withJournal(audit.command('prune')), ['journal', 'signingKey'])
    .description('take out the whole segments that are older than a date; a signed mark stays')
    .requiredOption('--before <time>', 'what is younger stays, ISO 8601', moment)
    .option(
      '--signing-key <file>',
      'the private key (default: audit-signing.key beside the journal)',
    )
    .action(lazily(async () => (await import('./audit-prune.ts')).pruneSegments));
}

function withJournal(command: Command): Command {
  return command.option('--journal <directory>', 'the journal', 'var/journal');
}

function place(text: string): JournalPosition {
  const [, seq, hash] = /^([0-9]{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw new InvalidArgumentError('It looks like `12:3fa…`.');
  return { seq: Number(seq), hash };
}

function moment(text: string): Date {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('It looks like 2025-03-01 or 2025-03-01T12:00:00Z.');
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
