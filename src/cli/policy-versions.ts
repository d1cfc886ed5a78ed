import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { type AdminOptions, askAdmin } from './admin-client.ts';
import { told, withAdmin } from './admin-verb.ts';
import {
  differenceLines,
  type PlanAnswer,
  type ShownVersion,
  tableForPeople,
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

  withAdmin(policy.command('plan'))
    .description('tell what `apply` would change; exit 1 when the file is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action((options: ApplyOptions) => apply({ ...options, dryRun: true }));

  withAdmin(policy.command('apply'))
    .description('make a file the next version of the table; exit 1 when it is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action(apply);

  withAdmin(policy.command('rollback'))
    .description('make an earlier version the next one')
    .argument('<version>', 'its number', versionNumber)
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action(rollBack);
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
}

interface ApplyOptions extends ChangeOptions {
  readonly file: string;
}

async function showTable(version: number | undefined, options: AdminOptions): Promise<void> {
  const path = version === undefined ? '/v1/policy' : `/v1/policy/versions/${version}`;
  await told(async () => {
    const shown = await askAdmin<ShownVersion>(path, options);
    process.stdout.write(`# ${versionLine(shown)}\n${stringify(tableForPeople(shown.document))}`);
  });
}

const PAGE = 200;

async function printHistory({ lines, ...options }: AdminOptions & { lines: number }) {
  await told(async () => {
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
  });
}

async function apply({ file, ...options }: ApplyOptions): Promise<void> {
  const document = readFileSync(file === '-' ? 0 : file, 'utf8');
  await change('/v1/policy/versions', { document }, options);
}

async function rollBack(to: number, options: ChangeOptions): Promise<void> {
  await change('/v1/policy/rollback', { to }, options);
}

/** Ask for a change of what is the latest version now, and tell what it changes. */
async function change(path: string, what: object, options: ChangeOptions): Promise<void> {
  const { force, note = '', dryRun = false } = options;
  await told(async () => {
    const { number: basedOn } = await askAdmin<ShownVersion>('/v1/policy', options);
    const asked = { ...what, basedOn, force, note };
    const plan = await askAdmin<PlanAnswer>(`${path}?dryRun=true`, options, asked);
    process.stdout.write(`${differenceLines(plan).join('\n')}\n`);
    if (dryRun || plan.digest === plan.from.digest) return;
    const made = await askAdmin<ShownVersion>(path, options, asked);
    process.stdout.write(`in force: ${versionLine(made)}\n`);
  });
}
