import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { ConfigurationError } from '../errors.ts';
import { effectDiff } from '../policy/effect-diff.ts';
import { readStrictYaml } from '../strict-yaml.ts';
import { type AdminOptions, askAdmin } from './admin-client.ts';
import { told, withAdmin } from './admin-verb.ts';
import { diffLines } from './policy-diff.ts';
import { policySource } from './policy-source.ts';
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

  withConfiguration(policy.command('plan'))
    .description('tell what `apply` would change; exit 1 when the file is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action((options: ApplyOptions) => apply({ ...options, dryRun: true }));

  withConfiguration(policy.command('apply'))
    .description('make a file the next version of the table; exit 1 when it is refused')
    .requiredOption('-f, --file <file>', 'a table in YAML or JSON, - for the standard input')
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action(apply);

  withConfiguration(policy.command('rollback'))
    .description('make an earlier version the next one')
    .argument('<version>', 'its number', versionNumber)
    .option('--dry-run', 'tell what would change, and change nothing', false)
    .option('--note <text>', 'why, for the history', '')
    .option('--force', 'also when nobody could change the table afterwards', false)
    .action(rollBack);
}

function withConfiguration(command: Command): Command {
  return withAdmin(command).option(
    '--config <file>',
    'for the sub-accounts, to tell who gains and loses what',
    'config/gateway.yaml',
  );
}

function versionNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be a number from 1.');
  return Number(text);
}

interface ChangeOptions extends AdminOptions {
  /** For the sub-accounts, in telling the effects. */
  readonly config: string;
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
  const proposed = async () => readStrictYaml('the policy table', document).value;
  await change({ path: '/v1/policy/versions', members: { document }, proposed }, options);
}

async function rollBack(to: number, options: ChangeOptions): Promise<void> {
  const proposed = async () =>
    (await askAdmin<ShownVersion>(`/v1/policy/versions/${to}`, options)).document;
  await change({ path: '/v1/policy/rollback', members: { to }, proposed }, options);
}

interface Change {
  readonly path: string;
  /** Of the body. */
  readonly members: object;
  /** The document that would be in force. */
  readonly proposed: () => Promise<unknown>;
}

/** Ask for a change of what is the latest version now, and tell what it changes. */
async function change({ path, members, proposed }: Change, options: ChangeOptions): Promise<void> {
  const { force, note = '', dryRun = false } = options;
  await told(async () => {
    const { number: basedOn, document } = await askAdmin<ShownVersion>('/v1/policy', options);
    const asked = { ...members, basedOn, force, note };
    const plan = await askAdmin<PlanAnswer>(`${path}?dryRun=true`, options, asked);
    process.stdout.write(`${differenceLines(plan).join('\n')}\n`);
    if (plan.digest === plan.from.digest) return;
    process.stdout.write(`${effectLines(document, await proposed(), options).join('\n')}\n`);
    if (dryRun) return;
    const made = await askAdmin<ShownVersion>(path, options, asked);
    process.stdout.write(`in force: ${versionLine(made)}\n`);
  });
}

/** Who gains and who loses what; without the configuration that is all that is not told. */
function effectLines(before: unknown, after: unknown, { config }: ChangeOptions): string[] {
  try {
    const { compile, surroundings } = policySource({ config });
    return diffLines(effectDiff(compile(before), compile(after), surroundings));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [`who gains and loses what is not told: ${error.problems[0]} (--config ${config})`];
  }
}
