import { childrenOf, parseStrictXml, StrictXmlError, textOf } from '../strict-xml.ts';
import { SLIM_MODES, SLIM_SUFFIXES, type SlimState } from './slim-configuration.ts';

/**
 * Read the upstream's answer to a query, tolerantly: every child but the root may be missing, one
 * `Suffix` or many are the same, values we do not know are left out, order and case do not matter.
 * A missing `Status` is read as `on` when there is a mode (unconfirmed upstream: an official
 * sample lacks it).
 * Source: Cloud Infinite documentation, "GET image-slim".
 * @throws StrictXmlError when it is not an `ImageSlim` document or its status is neither on nor off
 */
export function slimStateOf(xml: string): SlimState {
  const { rootName, root } = parseStrictXml(xml);
  if (rootName !== 'ImageSlim') throw new StrictXmlError('the root is not ImageSlim');

  const modes = known(SLIM_MODES, (textOf(root, 'SlimMode') ?? '').split(','));
  const suffixes = known(
    SLIM_SUFFIXES,
    childrenOf(root, 'Suffixs').flatMap((list) => childrenOf(list, 'Suffix')),
  );
  const status = textOf(root, 'Status') ?? (modes.length > 0 ? 'on' : 'off');
  if (status !== 'on' && status !== 'off') throw new StrictXmlError('the status is not on or off');
  return { status, modes, suffixes };
}

function known<T extends string>(values: readonly T[], given: readonly unknown[]): readonly T[] {
  const lowerCased = new Set(given.map((value) => String(value).trim().toLowerCase()));
  return values.filter((value) => lowerCased.has(value.toLowerCase()));
}
