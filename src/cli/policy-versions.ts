import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { type AdminOptions, askAdmin } from './admin-client.ts';
import { withAdmin } from './admin-verb.ts';
import { printEffects } from './policy-diff.ts';
import {
  differenceLines,
  type PlanAnswer,
  type ShownVersion,
  tableText,
  versionLine,
} from './version-lines.ts';

/** The verbs that look at the policy table of a running gateway, and change it. */
export function addVersionVerbs(policy: Command): void {
  withAdmin(policy.command('show'))
    .description('print the table in force, or that of a version, as YAML')
    .argument('[version]', 'its number', versionNumber)
    .action(showTable);

  withAdmin(policy.command('history'))
    .description('list the versions of the table, newest first')
    .option('-n, --lines <number>', 'how many', versionNumber, 20)
    .action(printHistory);

  withChange(policy.command('plan'))
    .description('tell what `apply` would change; exit 1 when the file is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .action((options: ApplyOptions) => apply({ ...options, dryRun: true }));

  withChange(policy.command('apply'))
    .description('make a file the next version of the table; exit 1 when it is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .action(apply);

  withChange(policy.command('rollback'))
    .description('make an earlier version the next one')
    .argument('<version>', 'its number', versionNumber)
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .action(rollBack);
}

function withChange(command: Command): Command {
  return withAdmin(command)
    .option('--force', 'also when nobody could change the table afterwards', false)
    .option('--config <file>', 'for sub-accounts and regions', 'config/gateway.yaml');
}

function versionNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be a number from 1.');
  return Number(text);
}

interface ChangeOptions extends AdminOptions {
  readonly force: boolean;
  readonly note?: string;
  readonly dryRun?: boolean;
  /** For the sub-accounts and the regions, which a dry run needs to tell effects. */
  readonly config: string;
}

interface ApplyOptions extends ChangeOptions {
  readonly file: string;
}

async function showTable(version: number | undefined, options: AdminOptions): Promise<void> {
  const path = version === undefined ? '/v1/policy' : `/v1/policy/versions/${version}`;
  process.stdout.write(tableText(await askAdmin<ShownVersion>(path, options)));
}

const PAGE = 200;

async function printHistory({ lines, ...options }: AdminOptions & { lines: number }) {
  let left = lines;
  let before = '';
  while (left > 0) {
    const path = `/v1/policy/versions?limit=${Math.min(left, PAGE)}${before}`;
    const page = await askAdmin<{ versions: ShownVersion[]; next: number | null }>(path, options);
    for (const version of page.versions) process.stdout.write(`${versionLine(version)}\n`);
    if (page.next === null) return;
    before = `&before=${page.next}`;
    left -= page.versions.length;
  }
}

async function apply({ file, ...options }: ApplyOptions): Promise<void> {
  const document = readFileSync(file === '-' ? 0 : file, 'utf8');
  await change({ path: '/v1/policy/versions', what: { document }, after: () => document }, options);
}

async function rollBack(to: number, options: ChangeOptions): Promise<void> {
  const after = async () =>
    tableText(await askAdmin<ShownVersion>(`/v1/policy/versions/${to}`, options));
  await change({ path: '/v1/policy/rollback', what: { to }, after }, options);
}

interface Change {
  readonly path: string;
  readonly what: object;
  /** The text of the table that it would make. */
  readonly after: () => string | Promise<string>;
}

/** Ask for a change of what is the latest version now, and tell what it changes. */
async function change({ path, what, after }: Change, options: ChangeOptions): Promise<void> {
  const { force, note = '', dryRun = false, config } = options;
  const before = await askAdmin<ShownVersion>('/v1/policy', options);
  const asked = { ...what, basedOn: before.number, force, note };
  const plan = await askAdmin<PlanAnswer>(`${path}?dryRun=true`, options, asked);
  process.stdout.write(`${differenceLines(plan).join('\n')}\n`);
  if (plan.digest === plan.from.digest) return;
  if (dryRun) return printEffects(tableText(before), await after(), config);
  const made = await askAdmin<ShownVersion>(path, options, asked);
  process.stdout.write(`in force: ${versionLine(made)}\n`);
}
