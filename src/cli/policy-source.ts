import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { readSettings } from '../config/load.ts';
import { ConfigurationError } from '../errors.ts';
import type { LintSurroundings } from '../policy/lint.ts';
import { parsePolicyTable } from '../policy/parse-table.ts';
import type { PolicyTable } from '../policy/policy-table.ts';
import { createEndpoint, type Endpoint } from '../upstream/endpoint.ts';
import { KNOWN_REGIONS } from '../upstream/regions.ts';
import { askAdmin } from './admin-client.ts';
import { type ShownVersion, tableText } from './version-lines.ts';

/** Which table is asked about. */
export interface SourceOptions {
  /** For the sub-accounts and the regions; no secret that it names is read. */
  readonly config: string;
  /** A file; undefined, and without `admin`: the one that the configuration names. */
  readonly table?: string;
  /** The admin listener of a running gateway: the table that is in force there. */
  readonly admin?: string;
  readonly tokenFile: string;
}

/** What the verbs that only look need to know beside a table. */
export interface PolicyPlace {
  readonly surroundings: LintSurroundings;
  readonly endpoint: Endpoint;
  /** The table’s file that the configuration names. */
  readonly tableFile: string;
  /** @throws ConfigurationError when the table is refused */
  parse(text: string): PolicyTable;
}

export interface PolicySource extends PolicyPlace {
  /** The file or the version, for people. */
  readonly name: string;
  /** The table that is asked about. */
  readonly text: string;
}

/**
 * Read the configuration as far as a table needs it.
 * @throws ConfigurationError
 */
export function policyPlace(config: string): PolicyPlace {
  const { subAccounts, upstream, policyTableFile } = readSettings(config);
  const byName = new Map(subAccounts.map((one) => [one.name, one]));
  return {
    surroundings: {
      accountOf: (name) => byName.get(name) ?? null,
      regions: new Set<string>([...KNOWN_REGIONS, ...upstream.additionalRegions]),
      now: new Date(),
    },
    endpoint: createEndpoint(upstream),
    tableFile: resolve(dirname(config), policyTableFile),
    parse: (text) => parsePolicyTable(text, new Set(byName.keys())),
  };
}

/**
 * Read the configuration and the table that is asked about.
 * @throws ConfigurationError, AdminRefusal
 */
export async function policySource(options: SourceOptions): Promise<PolicySource> {
  const { config, table, admin, tokenFile } = options;
  const place = policyPlace(config);
  if (admin !== undefined) {
    const shown = await askAdmin<ShownVersion>('/v1/policy', { admin, tokenFile });
    return { ...place, name: `version ${shown.version}`, text: tableText(shown) };
  }
  const file = table ?? place.tableFile;
  return { ...place, name: relative(process.cwd(), file), text: readTable(file) };
}

/** @throws ConfigurationError */
export function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError('the policy table cannot be read', [`\`${file}\`: ${code}`]);
  }
}

/** The line of each row of a table’s text, by its id. */
export function rowLines(text: string): ReadonlyMap<string, number> {
  const lines = new LineCounter();
  const rows = parseDocument(text, { lineCounter: lines }).get('statements');
  const found = new Map<string, number>();
  for (const row of isSeq(rows) ? rows.items : []) {
    if (isMap(row) && row.range) found.set(String(row.get('id')), lines.linePos(row.range[0]).line);
  }
  return found;
}
