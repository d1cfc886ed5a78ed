import { randomUUIDv7 } from 'node:crypto';
import type { Journal } from './audit/journal.ts';
import type { Configuration } from './config/load.ts';
import { ConfigurationError } from './errors.ts';
import { compileDocument, parsePolicyTable } from './policy/parse-table.ts';
import type { PolicyTable } from './policy/policy-table.ts';
import { type TableDocument, tableDocument, versionName } from './policy/table-document.ts';
import { TableInForce } from './policy/table-in-force.ts';
import type { Database } from './store/database.ts';
import { POLICY_CHANNEL, type PolicyVersion, policyVersions } from './store/policy-versions.ts';
import { readStrictYaml } from './strict-yaml.ts';

interface Parts {
  readonly database: Database;
  readonly journal: Journal;
  readonly log: Readonly<
    Record<'info' | 'warn' | 'error', (members: object, text: string) => void>
  >;
  readonly now: () => Date;
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs: () => number;
}

/**
 * Bring the latest version of the policy table into force, and follow what comes after it. An empty
 * database is given the table of `policyTableFile` as its first version.
 * @throws ConfigurationError when there is no version that this program can use
 */
export async function openPolicyTable(
  configuration: Configuration,
  { database, journal, log, now, elapsedMs }: Parts,
): Promise<TableInForce> {
  const { policyTableText, settings } = configuration;
  const subAccounts = new Set(configuration.subAccounts.map(({ name }) => name));
  const versions = policyVersions(database);
  const compile = (version: PolicyVersion) => compileVersion(version, subAccounts);
  if ((await versions.latest()) === null) {
    const seed = seedDocument(policyTableText, subAccounts);
    await seedVersion(seed, { database, journal, now });
  }
  const latest = await versions.latest();
  const version = latest && (await versions.read(latest.number));
  if (version === null) throw new ConfigurationError('the policy table', ['there is none']);
  tellDifference(policyTableText, version, log);

  return new TableInForce({
    versions,
    compile,
    first: { ...version, table: compileFirst(version, compile) },
    settings: settings.policy,
    elapsedMs,
    onChange: (status) => {
      const isGood = status.problem === null && !status.isStale;
      log[isGood ? 'info' : 'error'](
        { policyTable: status },
        'the policy table’s state has changed',
      );
    },
    listen: (onNotice) =>
      database.listen({ channel: POLICY_CHANNEL, onNotice, random: Math.random }),
  });
}

function compileVersion(
  { number, digest, document }: PolicyVersion,
  subAccounts: ReadonlySet<string>,
): PolicyTable {
  const version = versionName(number, digest);
  return compileDocument({ version, value: JSON.parse(document) }, subAccounts);
}

function compileFirst(
  version: PolicyVersion,
  compile: (version: PolicyVersion) => PolicyTable,
): PolicyTable {
  try {
    return compile(version);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const what = `version ${version.number} of the policy table, which is in the database, cannot be used`;
    throw new ConfigurationError(what, error.problems);
  }
}

/** @throws ConfigurationError */
function seedDocument(text: string, subAccounts: ReadonlySet<string>): TableDocument {
  parsePolicyTable(text, subAccounts);
  return tableDocument(readStrictYaml('the policy table', text).value);
}

/** The record is durable before the version is; another replica may be first with its own. */
async function seedVersion(
  { text, digest }: TableDocument,
  { database, journal, now }: Pick<Parts, 'database' | 'journal' | 'now'>,
): Promise<void> {
  const requestId = randomUUIDv7();
  await journal.append({ kind: 'policy-seed', requestId, digest });
  await policyVersions(database).add({
    number: 1,
    parent: null,
    digest,
    document: text,
    author: 'slimgate',
    note: 'from policyTableFile',
    createdAt: now(),
    requestId,
  });
}

/** The file was the beginning; who edits it now should hear that it changes nothing by itself. */
function tellDifference(text: string, { number, digest }: PolicyVersion, log: Parts['log']): void {
  if (digestOf(text) === digest) return;
  log.warn(
    { policyTable: { version: versionName(number, digest) } },
    'policyTableFile differs from the policy table in the database, which rules; to apply the file: slimgate policy apply -f FILE',
  );
}

function digestOf(text: string): string | null {
  try {
    return tableDocument(readStrictYaml('the policy table', text).value).digest;
  } catch {
    return null;
  }
}
