import { type Command, InvalidArgumentError } from 'commander';
import { applyFleet } from './fleet/apply.ts';
import { planFleet } from './fleet/plan.ts';
import { disableBucket, enableBucket, printState } from './slim-one.ts';
import { undoChange } from './slim-undo.ts';
import { withTenant } from './tenant-options.ts';

/** The verbs that set buckets, through the gateway’s API like any tenant. */
export function addSlimVerbs(slim: Command): void {
  withBucket(slim.command('get')).description('print the state of a bucket').action(printState);

  withBucket(slim.command('enable'))
    .description('switch compression on for a bucket')
    .requiredOption('--modes <list>', 'API, Auto, or both with a comma')
    .option('--suffixes <list>', 'with Auto: jpg, png, gif, with commas')
    .option('--dry-run', 'print what would be sent, and send nothing', false)
    .action(enableBucket);

  withBucket(slim.command('disable'))
    .description('switch compression off for a bucket')
    .option('--dry-run', 'print what would be sent, and send nothing', false)
    .action(disableBucket);

  withTenant(slim.command('undo'))
    .description('set a bucket back to what it was before a change, unless it has changed since')
    .argument('<request-id>', 'the x-request-id of the answer to the change')
    .option('--journal <directory>', 'where its record is (default: the gateway is asked for it)')
    .option('--force', 'undo it though the bucket has changed since', false)
    .option('--forget', 'take plain off for an off that remembered modes', false)
    .option('--json', 'for programs', false)
    .action(undoChange);

  withFleet(slim.command('plan'))
    .description('say what `apply` would change')
    .option('--json', 'for programs', false)
    .action(planFleet);

  withFleet(slim.command('apply'))
    .description('bring buckets into the state that a file describes; exit 1 when one failed')
    .option('--max-failures <number>', 'stop when so many buckets have failed', wholeNumber, 10)
    .option('--force', 'change a bucket though somebody has changed it since the plan', false)
    .option('--report <file>', 'write what became of each bucket, as JSON')
    .action(applyFleet);
}

function withBucket(command: Command): Command {
  return withTenant(command)
    .argument('<bucket>', 'its full name, with the APPID')
    .option('--region <code>', 'where it is', 'ap-shanghai')
    .option('--json', 'for programs', false);
}

function withFleet(command: Command): Command {
  return withTenant(command)
    .requiredOption('-f, --file <file>', 'the buckets and how they shall be')
    .option('--concurrency <number>', 'buckets at a time, 64 at most', concurrency, 8);
}

function concurrency(text: string): number {
  const number = wholeNumber(text);
  if (number > 64) throw new InvalidArgumentError('It must be 64 at most.');
  return number;
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('It must be 1 or more.');
  return Number(text);
}
