import type { ResourcePattern } from './resource.ts';
import { type TextSpace, textCells, wildcardPattern } from './text-cells.ts';
import { matchWildcard } from './wildcard.ts';

/** Names of buckets that stand for all. */
export interface BucketNames {
  readonly names: readonly string[];
  /** Whether they stand for all indeed. */
  readonly isComplete: boolean;
}

/** Source: COS documentation, bucket naming: the whole name is a label of a host. */
const MAX_NAME = 63;

/**
 * Bucket names of an account so that every set of paths that covers some bucket together covers
 * one of them: each name that a path spells out, and names for all overlaps of the others.
 * @param paths the sixth segments of patterns
 */
export function bucketNames(paths: Iterable<string>, appId: string): BucketNames {
  const distinct = [...new Set(paths)];
  const spelled = new Set(distinct.flatMap((path) => spelledOut(path, appId) ?? []));
  const open = distinct.filter((path) => SPELLED.exec(path) === null);
  // A name found for the open patterns may be one that is spelled out: then it is found again with
  // that one told apart, so that a bucket which nothing spells out stands for the open ones too.
  const apart = new Set<string>();
  for (;;) {
    const patterns = [...open, ...[...apart].map((name) => `bucket/${name}/`)].map((path) =>
      wildcardPattern(path),
    );
    const { texts, isComplete } = textCells(patterns, spaceOf(appId));
    const names = texts.map((text) => `${text}-${appId}`);
    const taken = names.filter((name) => spelled.has(name) && !apart.has(name));
    if (taken.length === 0) return { names: [...new Set([...spelled, ...names])], isComplete };
    for (const name of taken) apart.add(name);
  }
}

/** A bucket of the account that a pattern covers, spelled out or the shortest; null: there is none. */
export function someBucket(pattern: ResourcePattern, appId: string): string | null {
  if (pattern.matchesAll) return bucketNames([], appId).names[0] ?? null;
  const { names } = bucketNames([pattern.path], appId);
  return names.find((name) => matchWildcard(pattern.path, `bucket/${name}/`)) ?? null;
}

const SPELLED = /^bucket\/([^*/]+)(?:\/|$)/;
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** The bucket that a path names without a star; none when the name is no bucket’s of the account. */
function spelledOut(path: string, appId: string): string | null {
  const name = SPELLED.exec(path)?.[1];
  if (name?.endsWith(`-${appId}`) !== true) return null;
  const own = name.slice(0, -appId.length - 1);
  const isName = NAME.test(own) && name.length <= MAX_NAME;
  return isName && matchWildcard(path, `bucket/${name}/`) ? name : null;
}

function spaceOf(appId: string): TextSpace {
  const isLetterOrDigit = (character: string) => /^[a-z0-9]$/.test(character);
  return {
    prefix: 'bucket/',
    suffix: `-${appId}/`,
    filler: 'abcdefghijklmnopqrstuvwxyz0123456789',
    isCharacter: (character) => character === '-' || isLetterOrDigit(character),
    mayBegin: isLetterOrDigit,
    mayEnd: (last) => last !== undefined && isLetterOrDigit(last),
    maxLength: MAX_NAME - appId.length - 1,
  };
}
