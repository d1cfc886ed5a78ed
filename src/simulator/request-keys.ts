import type { RequestKeys } from './conditions.ts';

/** What the keys of a request are read from. */
export interface RequestCircumstances {
  readonly now: Date;
  /** Empty when it is not known. */
  readonly remoteAddress: string;
}

type KeyReader = (circumstances: RequestCircumstances) => string;

const CURRENT_TIME: readonly [string, KeyReader] = [
  'qcs:current_time',
  ({ now }) => `${now.toISOString().slice(0, 19)}Z`,
];
const IP: readonly [string, KeyReader] = ['qcs:ip', ({ remoteAddress }) => remoteAddress];

/**
 * The condition keys that are filled in, by service. Source: CAM documentation, "CAM-Enabled
 * Products": Cloud Infinite does not support a restriction by IP; that its key is then missing,
 * and that no other key but the time is there, is our assumption.
 */
const KEYS_OF_SERVICE: ReadonlyMap<string, readonly (readonly [string, KeyReader])[]> = new Map([
  ['ci', [CURRENT_TIME]],
  ['cos', [CURRENT_TIME, IP]],
  ['sts', [CURRENT_TIME]],
]);

/** The condition keys of a request for an action. */
export function requestKeys(action: string, circumstances: RequestCircumstances): RequestKeys {
  const [service = ''] = action.split(':');
  const readers = KEYS_OF_SERVICE.get(service) ?? [];
  const keys = readers.map(([key, read]): [string, string[]] => [key, [read(circumstances)]]);
  return new Map(keys.filter(([, [value]]) => value !== ''));
}
