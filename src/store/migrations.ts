import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { up as policyVersions } from './migrations/0001-policy-versions.ts';
import { up as revocations } from './migrations/0002-revocations.ts';
import { up as auditRecords } from './migrations/0003-audit-records.ts';
import { up as auditIndex } from './migrations/0004-audit-index.ts';
import { StoreRefusal } from './refusal.ts';

/** Every migration by its name, in the order of their names. What has shipped is never changed. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-policy-versions': { up: policyVersions },
  '0002-revocations': { up: revocations },
  '0003-audit-records': { up: auditRecords },
  '0004-audit-index': { up: auditIndex },
};

const MIGRATION_TABLE = 'slimgate_migrations';

/**
 * Bring the tables to what this program knows; processes that do it at once do it one by one.
 * @throws StoreRefusal when a newer program was here; nothing has been changed then
 */
export async function migrate<Schema>(query: Kysely<Schema>): Promise<void> {
  await missingMigrations(query);
  const migrator = new Migrator({
    db: query,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/**
 * What migrate would do.
 * @throws StoreRefusal when a newer program was here
 */
export async function missingMigrations<Schema>(query: Kysely<Schema>): Promise<string[]> {
  const executed = await namesOfExecuted(query);
  const strange = executed.filter((name) => !Object.hasOwn(MIGRATIONS, name));
  if (strange.length > 0) {
    throw new StoreRefusal(
      `a newer Slimgate has changed its tables (\`${strange.join('`, `')}\`); start that version`,
    );
  }
  return Object.keys(MIGRATIONS).filter((name) => !executed.includes(name));
}

async function namesOfExecuted<Schema>(query: Kysely<Schema>): Promise<string[]> {
  const tables = await query.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === MIGRATION_TABLE)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(
    MIGRATION_TABLE,
  )} order by name`.execute(query);
  return rows.map(({ name }) => name);
}
