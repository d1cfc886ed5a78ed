import type { Resource, ResourcePattern } from './resource.ts';
import type { Statement } from './statement.ts';

/**
 * The statements of one principal, filed by the bucket that they are about, so that a decision
 * takes no longer when a tenant has statements on ten thousand others.
 */
export interface StatementIndex {
  readonly byBucket: ReadonlyMap<string, readonly Statement[]>;
  /** Those that can match more than the buckets they name. */
  readonly general: readonly Statement[];
}

export function indexStatements(statements: readonly Statement[]): StatementIndex {
  const byBucket = new Map<string, Statement[]>();
  const general: Statement[] = [];
  for (const statement of statements) {
    const buckets = statement.resources.map(bucketOfPattern).filter((bucket) => bucket !== null);
    if (buckets.length < statement.resources.length) general.push(statement);
    else for (const bucket of new Set(buckets)) file(byBucket, bucket, statement);
  }
  return { byBucket, general };
}

/**
 * All statements that can match a resource, and some that do not.
 * @param resource `*` for an action that is about no resource
 */
export function candidates(
  { byBucket, general }: StatementIndex,
  resource: Resource | '*',
): readonly (readonly Statement[])[] {
  const bucket = resource === '*' ? null : bucketOf(resource.path);
  const own = bucket === null ? undefined : byBucket.get(bucket);
  return own === undefined ? [general] : [own, general];
}

const BUCKET = /^bucket\/[^/]*\//;

function bucketOf(path: string): string | null {
  return BUCKET.exec(path)?.[0] ?? null;
}

/**
 * INVARIANT: a pattern that begins with a whole bucket matches nothing outside of that bucket; what
 * stands before the first star is matched literally.
 */
function bucketOfPattern(pattern: ResourcePattern): string | null {
  return pattern.matchesAll ? null : bucketOf(pattern.path.first);
}

function file(byBucket: Map<string, Statement[]>, bucket: string, statement: Statement): void {
  const filed = byBucket.get(bucket);
  if (filed === undefined) byBucket.set(bucket, [statement]);
  else filed.push(statement);
}
