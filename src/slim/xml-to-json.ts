import {
  childrenOf,
  parseStrictXml,
  StrictXmlError,
  textOf,
  type XmlElement,
} from '../strict-xml.ts';
import { SLIM_MODES, SLIM_SUFFIXES, type SlimState } from './slim-configuration.ts';

/** A state as the upstream tells it. */
export interface ToldState {
  readonly state: SlimState;
  /** Whether nothing that it told was left out, and nothing guessed. */
  readonly isCertain: boolean;
}

/**
 * Read the upstream's answer to a query, tolerantly: every child but the root may be missing, one
 * `Suffix` or many are the same, values we do not know are left out, order and case do not matter.
 * A missing `Status` is read as `on` when there is a mode (unconfirmed upstream: an official
 * sample lacks it).
 * Source: Cloud Infinite documentation, "GET image-slim".
 * @throws StrictXmlError when it is not an `ImageSlim` document, names status or mode twice, or its
 *   status is neither on nor off
 */
export function toldStateOf(xml: Uint8Array): ToldState {
  const { rootName, root } = parseStrictXml(xml);
  if (rootName !== 'ImageSlim') throw new StrictXmlError('the root is not ImageSlim');

  const given = oneText(root, 'Status');
  const modes = known(SLIM_MODES, (oneText(root, 'SlimMode') ?? '').split(','));
  const suffixes = known(
    SLIM_SUFFIXES,
    childrenOf(root, 'Suffixs').flatMap((list) => childrenOf(list, 'Suffix')),
  );
  const status = given ?? (modes.values.length > 0 ? 'on' : 'off');
  if (status !== 'on' && status !== 'off') throw new StrictXmlError('the status is not on or off');
  return {
    state: { status, modes: modes.values, suffixes: suffixes.values },
    isCertain: given !== null && modes.isAll && suffixes.isAll,
  };
}

/** The state alone; as toldStateOf. */
export function slimStateOf(xml: Uint8Array): SlimState {
  return toldStateOf(xml).state;
}

/** Null when it is absent; which of two would hold is not guessed. */
function oneText(root: XmlElement, name: string): string | null {
  const text = textOf(root, name);
  if (text === null && childrenOf(root, name).length > 0) {
    throw new StrictXmlError(`${name} is not one text`);
  }
  return text;
}

/** Those of the values that were given, and whether they are all that was. */
function known<T extends string>(values: readonly T[], given: readonly unknown[]) {
  const lowerCased = new Set(given.map((value) => String(value).trim().toLowerCase()));
  lowerCased.delete('');
  const found = values.filter((value) => lowerCased.has(value.toLowerCase()));
  return { values: found, isAll: found.length === lowerCased.size };
}
