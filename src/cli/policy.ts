import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseInstant } from '../policy/instant.ts';
import { withOnlineForm } from './admin-verb.ts';
import { lazily } from './lazily.ts';
import { addVersionVerbs } from './policy-versions.ts';

/** The verbs about the policy table. */
export function addPolicyVerbs(policy: Command): void {
  addLookingVerbs(policy);
  addVersionVerbs(policy);
}

/** Those that only look at a table: in a file, or in force at a running gateway. */
function addLookingVerbs(policy: Command): void {
  withTable(policy.command('lint'))
    .description('find what is dead, cannot be meant, or seems to say more; exit 1 on an error')
    .action(lazily(async () => (await import('./policy-lint.ts')).printLint));

  withTable(policy.command('explain'))
    .description('say what one request is decided, by which statement, or what came closest')
    .requiredOption('--tenant <name>', 'who asks')
    .addOption(
      new Option('--operation <name>', 'what is asked for')
        .choices(['enable', 'disable', 'describe'])
        .makeOptionMandatory(),
    )
    .requiredOption('--region <code>', 'where the bucket is')
    .requiredOption('--bucket <name>', 'its full name, with the APPID')
    .option('--modes <list>', 'to enable: API, Auto, or both with a comma')
    .option('--suffixes <list>', 'to enable Auto: jpg, png, gif, with commas')
    .option('--ip <address>', 'where the request comes from (default: not known)')
    .option('--at <time>', 'when it comes, like 2030-01-01T00:00:00Z (default: now)', instant)
    .option('--claims <json>', 'the claims of its token, as a JSON object', claims)
    .action(lazily(async () => (await import('./policy-explain.ts')).printExplanation));

  withTable(policy.command('who-can'))
    .description('list everybody who may do an action on some of a resource')
    .argument('<action>', 'like ci:SetImageSlim')
    .argument('<resource>', 'REGION/BUCKET, or a resource in six segments, or *')
    .action(lazily(async () => (await import('./policy-holders.ts')).printHolders));

  withTable(policy.command('can'))
    .description('list everything that a tenant may do')
    .argument('<tenant>', 'as the table names it')
    .action(lazily(async () => (await import('./policy-holders.ts')).printRights));

  withConfiguration(policy.command('diff'))
    .description('say who gains and who loses what from one table to another; exit 1 if anybody')
    .argument('<before>', 'a table')
    .argument('<after>', 'another one')
    .action(lazily(async () => (await import('./policy-diff.ts')).printDiff));

  withOnlineForm(withConfiguration(policy.command('replay')), ['file'])
    .description('take every recorded decision again under another table; exit 1 if one flips')
    .option('-f, --file <file>', 'the proposed table')
    .option('--journal <directory>', 'the journal, or a copy of one', 'var/journal')
    .option('--since <time>', 'only requests from then on, like 2030-01-01T00:00:00Z', instant)
    .option('--strict', 'exit 1 also when a record cannot be replayed', false)
    .action(lazily(async () => (await import('./policy-replay.ts')).printReplay));
}

function withTable(command: Command): Command {
  return withOnlineForm(
    withConfiguration(command).option(
      '--table <file>',
      'the table (default: the one that the configuration names)',
    ),
    ['table'],
  );
}

function withConfiguration(command: Command): Command {
  return command
    .option('--config <file>', 'for sub-accounts and regions', 'config/gateway.yaml')
    .option('--json', 'for programs', false);
}

function instant(text: string): Date {
  const time = parseInstant(text);
  if (time === null) throw new InvalidArgumentError('It looks like 2030-01-01T00:00:00Z.');
  return new Date(time);
}

function claims(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It is a JSON object, like \'{"team":"web"}\'.');
}
