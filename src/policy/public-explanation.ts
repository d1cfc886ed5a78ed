import type { Decision } from './decide.ts';
import type { Explanation } from './explain.ts';
import type { Miss } from './misses.ts';
import type { NearestMiss } from './nearest-miss.ts';
import { missText, nearestText } from './wording.ts';

/** What did not fit, without what the caller’s own request had: that may be long. */
export type PublicElement =
  | Exclude<Miss, { element: 'condition' }>
  | Omit<Extract<Miss, { element: 'condition' }>, 'given'>;

/** A statement that did not fit, as its tenant sees it. */
export interface PublicMiss {
  readonly statement: string;
  readonly misses: readonly PublicElement[];
  /** The same in words. */
  readonly detail: string;
}

/** A decision about the caller, as the caller sees it. */
export interface PublicExplanation extends Decision {
  /** Of `undecidable-deny`: what could not be told, deny by deny. */
  readonly open: readonly PublicMiss[];
  /** Of `default-deny`. */
  readonly nearestMiss: PublicMiss | null;
}

/**
 * What a tenant may know of a decision about itself: ids, and what did not fit, of statements that
 * hold for it. Notes, authors and the writing of the statements stay with the operators.
 */
export function publicExplanation({ decision, open, nearestMiss }: Explanation): PublicExplanation {
  return {
    ...decision,
    open: open.map(({ statement, misses }) => ({
      statement,
      misses: misses.map(publicElement),
      detail: `\`${statement}\` cannot be told: ${misses.map(missText).join('; ')}`,
    })),
    nearestMiss: publicMiss(nearestMiss),
  };
}

/** The closest allow of a caller; null when there is none. */
export function publicMiss(
  nearest: Pick<NearestMiss, 'statement' | 'misses' | 'deniedBy'> | null,
): PublicMiss | null {
  if (nearest === null) return null;
  const { statement, misses } = nearest;
  return { statement, misses: misses.map(publicElement), detail: nearestText(nearest) };
}

function publicElement(miss: Miss): PublicElement {
  if (miss.element !== 'condition') return miss;
  const { given, ...rest } = miss;
  return rest;
}
