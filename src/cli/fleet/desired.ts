import { readFileSync } from 'node:fs';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Bucket, SlimConfiguration } from '../../client/client.ts';
import { ConfigurationError } from '../../errors.ts';
import { configurationMembers, suffixesFault } from '../../slim/parse-configuration.ts';
import { parseStrictYaml } from '../../strict-yaml.ts';

/** A bucket and how it shall be; null: off. */
export interface DesiredBucket extends Bucket {
  readonly configuration: SlimConfiguration | null;
}

const REFUSED = 'the file of buckets is refused';
const MAX_BUCKETS = 10_000;

const region = z.string().regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region code');
const members = {
  modes: configurationMembers.modes.optional(),
  suffixes: configurationMembers.suffixes,
  off: z.literal(true, 'can only be `true`; to switch on, say `modes`').optional(),
};

const fleetFile = z.strictObject({
  version: z.literal(1, 'must be 1'),
  defaults: z.strictObject({ region: region.optional(), ...members }).prefault({}),
  buckets: z
    .array(
      z.strictObject({
        region: region.optional(),
        bucket: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?-[1-9][0-9]{4,11}$/, {
          error: 'must be its full name with the APPID, like `examplebucket-1250000000`',
        }),
        ...members,
      }),
    )
    .min(1, 'must name a bucket')
    .max(MAX_BUCKETS, `must name at most ${MAX_BUCKETS} buckets`),
});

type FleetFile = z.output<typeof fleetFile>;
type Entry = FleetFile['buckets'][number];

/**
 * Read how buckets shall be.
 * @throws ConfigurationError with every problem, its path and its line
 */
export function readDesired(file: string): readonly DesiredBucket[] {
  return parseDesired(readText(file));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(REFUSED, [`\`${file}\`: ${code}`]);
  }
}

/** @throws ConfigurationError as readDesired */
export function parseDesired(text: string): readonly DesiredBucket[] {
  const lineOf = bucketLines(text);
  const { defaults, buckets } = parseWithLines(text, lineOf);
  const problems: string[] = [];
  const lines = new Map<string, number>();
  const desired = buckets.map((entry, index): DesiredBucket => {
    const place = `buckets.${index} (line ${lineOf[index]})`;
    const { configuration, fault } = configurationOf(entry, defaults);
    if (fault !== null) problems.push(`${place}: ${fault}`);
    const where = entry.region ?? defaults.region;
    if (where === undefined) problems.push(`${place}: has no region, and defaults have none`);
    const name = `${where}/${entry.bucket}`;
    const earlier = lines.get(name);
    if (earlier !== undefined) problems.push(`${place}: \`${name}\` stands in line ${earlier}`);
    else lines.set(name, lineOf[index] ?? 0);
    return { region: where ?? '', bucket: entry.bucket, configuration };
  });
  if (problems.length > 0) throw new ConfigurationError(REFUSED, problems);
  return desired;
}

/** What a bucket says goes before the defaults; `off` and `modes` exclude each other. */
function configurationOf(
  entry: Entry,
  defaults: FleetFile['defaults'],
): { readonly configuration: SlimConfiguration | null; readonly fault: string | null } {
  const { off, modes, suffixes } = entry;
  if (off && (modes ?? suffixes) !== undefined) {
    return { configuration: null, fault: 'is `off` and has modes or suffixes; decide' };
  }
  const isOff = off ?? (modes === undefined && defaults.off === true);
  if (isOff) return { configuration: null, fault: null };
  const own = modes ?? defaults.modes;
  if (own === undefined) return { configuration: null, fault: 'has neither `modes` nor `off`' };
  const chosen = suffixes ?? (own.includes('Auto') ? defaults.suffixes : undefined);
  const fault = suffixesFault({ modes: own, suffixes: chosen });
  return {
    configuration: { modes: own, suffixes: chosen },
    fault: fault === null ? null : `suffixes ${fault}`,
  };
}

function parseWithLines(text: string, lineOf: readonly number[]): FleetFile {
  try {
    return parseStrictYaml(REFUSED, text, fleetFile);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const problems = error.problems.map((problem) =>
      problem.replace(/^buckets\.([0-9]+)[^:]*/, (path, index) => {
        return `${path} (line ${lineOf[Number(index)]})`;
      }),
    );
    throw new ConfigurationError(REFUSED, problems);
  }
}

/** The line of each bucket. */
function bucketLines(text: string): readonly number[] {
  const lines = new LineCounter();
  const buckets = parseDocument(text, { lineCounter: lines }).get('buckets');
  return (isSeq(buckets) ? buckets.items : []).map((item) =>
    isMap(item) && item.range ? lines.linePos(item.range[0]).line : 0,
  );
}
