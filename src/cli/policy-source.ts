import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { readSettings } from '../config/load.ts';
import { ConfigurationError } from '../errors.ts';
import type { LintSurroundings } from '../policy/lint.ts';
import { compileDocument, parsePolicyTable } from '../policy/parse-table.ts';
import type { PolicyTable } from '../policy/policy-table.ts';
import { createEndpoint, type Endpoint } from '../upstream/endpoint.ts';
import { KNOWN_REGIONS } from '../upstream/regions.ts';

export interface SourceOptions {
  /** For the sub-accounts and the regions; no secret that it names is read. */
  readonly config: string;
  /** The table; undefined: the one that the configuration names. */
  readonly table?: string;
}

/** What the verbs that only look need to know beside a table. */
export interface PolicySource {
  readonly surroundings: LintSurroundings;
  readonly endpoint: Endpoint;
  /** The table that is asked about. */
  readonly file: string;
  text(): string;
  /** @throws ConfigurationError when the table is refused */
  parse(file: string): PolicyTable;
  /** @throws ConfigurationError as parse */
  compile(document: unknown): PolicyTable;
}

/**
 * Read the configuration as far as a table needs it.
 * @throws ConfigurationError
 */
export function policySource({ config, table }: SourceOptions): PolicySource {
  const { subAccounts, upstream, policyTableFile } = readSettings(config);
  const byName = new Map(subAccounts.map((one) => [one.name, one]));
  const file = table ?? resolve(dirname(config), policyTableFile);
  return {
    surroundings: {
      accountOf: (name) => byName.get(name) ?? null,
      regions: new Set<string>([...KNOWN_REGIONS, ...upstream.additionalRegions]),
      now: new Date(),
    },
    endpoint: createEndpoint(upstream),
    file,
    text: () => readTable(file),
    parse: (path) => parsePolicyTable(readTable(path), new Set(byName.keys())),
    compile: (value) => compileDocument({ version: '', value }, new Set(byName.keys())),
  };
}

function readTable(file: string): string {
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
