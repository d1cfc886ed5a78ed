import { GatewayError } from '../errors.ts';
import { etagOf, type SlimConfiguration, type SlimState, stateOn } from './slim-configuration.ts';
import type { ToldState } from './xml-to-json.ts';

/** What a caller asks of a change beyond the change itself. */
export interface ChangeConditions {
  /** The states in which it is wanted: strong entity tags without quotes, or any; null: always. */
  readonly ifMatch: ReadonlySet<string> | '*' | null;
  /** Whether it is to be sent even when the bucket is so already. */
  readonly isStrict: boolean;
}

/** Source: RFC 9110, section 8.8.3. A list may have empty elements: section 5.6.1. */
const ENTITY_TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
/** A comma may stand within a tag. */
const ELEMENTS = /(?:[^",]|"[^"]*"?)+/g;

/**
 * Read `If-Match`: `*`, or a list of entity tags. Weak ones never match, and are left out.
 * Source: RFC 9110, section 13.1.1.
 * @throws GatewayError `header-invalid`
 */
export function parseIfMatch(text: string): ReadonlySet<string> | '*' {
  const tags = entityTags(text);
  if (tags === null) {
    throw new GatewayError(
      'header-invalid',
      '`if-match` must be `*`, or the ETag of an answer with its quotes, or several with commas',
    );
  }
  return tags === '*' ? tags : new Set(tags.filter(({ isWeak }) => !isWeak).map(({ tag }) => tag));
}

/**
 * Whether `If-None-Match` names a state: then its sender has it already. Weak tags count here, and
 * what cannot be read names none.
 * Source: RFC 9110, section 13.1.2.
 */
export function isKnown(ifNoneMatch: string, state: SlimState): boolean {
  const tags = entityTags(ifNoneMatch);
  return tags === '*' || (tags ?? []).some(({ tag }) => tag === etagOf(state));
}

/** `*`, or the tags of a list; null when it is neither. */
function entityTags(text: string): { isWeak: boolean; tag: string }[] | '*' | null {
  if (text.trim() === '*') return '*';
  const elements = (text.match(ELEMENTS) ?? []).map((element) => element.trim());
  const tags = elements.filter((element) => element !== '').map((tag) => ENTITY_TAG.exec(tag));
  if (tags.length === 0 || tags.includes(null)) return null;
  return tags.map((tag) => ({ isWeak: tag?.[1] !== undefined, tag: tag?.[2] ?? '' }));
}

/**
 * Whether `handling=strict` is among the preferences of a request; others are not ours, and ignored.
 * Source: RFC 7240, sections 2 and 4.4.
 */
export function prefersStrict(text: string): boolean {
  return /(?:^|,)\s*handling\s*=\s*(?:strict|"strict")\s*(?:[,;]|$)/i.test(text);
}

/** Whether a bucket is in one of the states in which a change is wanted. */
export function isMatch(ifMatch: ChangeConditions['ifMatch'], state: SlimState): boolean {
  return ifMatch === null || ifMatch === '*' || ifMatch.has(etagOf(state));
}

/**
 * Whether a change would change nothing.
 * @param configuration what is to be set; null to switch off
 */
export function isDone(
  configuration: SlimConfiguration | null,
  { state, isCertain }: ToldState,
): boolean {
  // What was left out of it or guessed might be what would change.
  if (!isCertain) return false;
  if (configuration === null) return state.status === 'off';
  return etagOf(state) === etagOf(stateOn(configuration));
}
