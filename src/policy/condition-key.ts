import type { OperationName } from '../slim/operation.ts';
import type { SlimMode, SlimSuffix } from '../slim/slim-configuration.ts';
import type { ContextValues } from './context.ts';
import type { ValueType } from './operand.ts';

/** A condition key: what it holds, and where it stands in a request. */
export interface ConditionKey {
  /** The types of which a value may be. */
  readonly types: readonly ValueType[];
  /** Whether it always holds a set: then an operator needs a qualifier. */
  readonly isSet: boolean;
  /** All values it can have; null: any. A comparison with another one is refused at load. */
  readonly words: readonly string[] | null;
  /** @returns undefined when the request does not have it */
  readonly read: (values: ContextValues) => unknown;
}

/** How the key of a claim begins. */
export const CLAIM_PREFIX = 'slimgate:claim/';

export const OPERATIONS: readonly OperationName[] = ['enable', 'disable', 'describe', 'savings'];
export const MODES: readonly SlimMode[] = ['API', 'Auto'];
export const SUFFIXES: readonly SlimSuffix[] = ['jpg', 'png', 'gif'];

/** The condition keys that are filled, one a row. Source: CAM documentation, "Condition keys". */
export const CONDITION_KEYS: ReadonlyMap<string, ConditionKey> = new Map([
  ['qcs:ip', { types: ['ip'], isSet: false, words: null, read: ({ address }) => address }],
  ['qcs:current_time', { types: ['date'], isSet: false, words: null, read: ({ time }) => time }],
  [
    'slimgate:operation',
    { types: ['string'], isSet: false, words: OPERATIONS, read: ({ operation }) => operation },
  ],
  ['slimgate:mode', { types: ['string'], isSet: true, words: MODES, read: ({ modes }) => modes }],
  [
    'slimgate:suffix',
    { types: ['string'], isSet: true, words: SUFFIXES, read: ({ suffixes }) => suffixes },
  ],
] satisfies [string, ConditionKey][]);

/** How the keys are listed to people. */
export const KEY_NAMES: readonly string[] = [...CONDITION_KEYS.keys(), `${CLAIM_PREFIX}<name>`];

/** Keys that CAM knows and nothing here fills; a key of COS begins with its prefix. */
const NOT_FILLED = /^(?:qcs:(?:resource_tag|request_tag|tag|vpc)|cos:.+|host|tls-version)$/;

/**
 * Find a condition key by its name, case-sensitively.
 * @returns the key, or what is wrong with the name
 */
export function findConditionKey(name: string): ConditionKey | string {
  const key = CONDITION_KEYS.get(name);
  if (key !== undefined) return key;
  if (name.startsWith(CLAIM_PREFIX) && name.length > CLAIM_PREFIX.length) {
    return claimKey(name.slice(CLAIM_PREFIX.length));
  }
  if (NOT_FILLED.test(name)) {
    return 'CAM knows this key, but the gateway does not fill it: its condition could never be told';
  }
  return `there is no such key; there are ${KEY_NAMES.map((known) => `\`${known}\``).join(', ')}`;
}

/** A claim of the verified token, which may be text, number or boolean, or a list of texts. */
function claimKey(claim: string): ConditionKey {
  return {
    types: ['string', 'number', 'bool', 'binary'],
    isSet: false,
    words: null,
    // Own members only: no token has a claim `constructor` for free.
    read: ({ claims }) => (Object.hasOwn(claims, claim) ? claims[claim] : undefined),
  };
}
