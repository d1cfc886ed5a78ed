import { BlockList, isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

/** What is known of a request, by condition key; a key that is missing has no values. */
export type RequestKeys = ReadonlyMap<string, readonly string[]>;

/** Operators, keys, values: JSON as it stands in a policy, every value a text. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** How one value of a request is compared with one of a policy. */
interface Operator {
  readonly value: z.ZodType<string>;
  readonly holds: (given: string, wanted: string) => boolean;
}

const text = z.string();
const number = text.regex(/^-?[0-9]+(?:\.[0-9]+)?$/, 'must be a number');
const date = z.iso.datetime({ error: 'must be a date like 2030-01-01T00:00:00Z' });
const bool = text.regex(/^(?:true|false)$/, 'must be true or false');
const network = text.refine(isNetwork, 'must be an address, or a network like 10.0.0.0/8');

const strings = (value: (text: string) => string) => (holds: Operator['holds']) => ({
  value: text,
  holds: (given: string, wanted: string) => holds(value(given), value(wanted)),
});
const sameCase = strings((value) => value);
const anyCase = strings((value) => value.toLowerCase());

const measured =
  (value: z.ZodType<string>, read: (text: string) => number) =>
  (holds: (given: number, wanted: number) => boolean): Operator => ({
    value,
    holds: (given, wanted) => holds(read(given), read(wanted)),
  });
const numeric = measured(number, Number);
const dated = measured(date, Date.parse);

const COMPARISONS: Readonly<Record<string, (given: number, wanted: number) => boolean>> = {
  equal: (given, wanted) => given === wanted,
  not_equal: (given, wanted) => given !== wanted,
  greater_than: (given, wanted) => given > wanted,
  greater_than_equal: (given, wanted) => given >= wanted,
  less_than: (given, wanted) => given < wanted,
  less_than_equal: (given, wanted) => given <= wanted,
};

/**
 * Source: CAM documentation, "Condition Operators"; that `*` and `?` stand for any characters and
 * for any one in `string_like` is our assumption. `null_equal` looks at the key alone.
 */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['string_equal', sameCase((given, wanted) => given === wanted)],
  ['string_not_equal', sameCase((given, wanted) => given !== wanted)],
  ['string_equal_ignore_case', anyCase((given, wanted) => given === wanted)],
  ['string_not_equal_ignore_case', anyCase((given, wanted) => given !== wanted)],
  ['string_like', sameCase(isLike)],
  ['string_not_like', sameCase((given, wanted) => !isLike(given, wanted))],
  ...Object.entries(COMPARISONS).flatMap(([name, holds]): [string, Operator][] => [
    [`numeric_${name}`, numeric(holds)],
    [`date_${name}`, dated(holds)],
  ]),
  ['bool_equal', { value: bool, holds: (given, wanted) => given === wanted }],
  ['ip_equal', { value: network, holds: isInNetwork }],
  ['ip_not_equal', { value: network, holds: (given, wanted) => !isInNetwork(given, wanted) }],
  ['null_equal', { value: bool, holds: () => false }],
]);

/** An operator's name taken apart. */
interface OperatorName {
  readonly qualifier: 'for_all_value' | 'for_any_value' | null;
  readonly base: string;
  readonly isIfExist: boolean;
}

/**
 * Whether a condition holds, word by word as documented: the values of a key are alternatives, also
 * under a negative operator; all keys and all operators must hold; a missing key fails all but
 * `_if_exist` and `null_equal`. So a deny whose key is missing doesn't apply.
 * Source: CAM documentation, "Conditions". That nothing holds for all values of a key without any
 * is our assumption.
 */
export function holds(condition: Condition, keys: RequestKeys): boolean {
  return Object.entries(condition).every(([name, wantedOf]) =>
    Object.entries(wantedOf).every(([key, wanted]) =>
      keyHolds(readName(name), keys.get(key) ?? [], wanted),
    ),
  );
}

function keyHolds(
  { qualifier, base, isIfExist }: OperatorName,
  given: readonly string[],
  wanted: readonly string[],
): boolean {
  if (base === 'null_equal') return wanted.includes(String(given.length === 0));
  if (given.length === 0) return isIfExist;
  const operator = OPERATORS.get(base);
  const fits = (one: string) => wanted.some((value) => operator?.holds(one, value) ?? false);
  return qualifier === 'for_all_value' ? given.every(fits) : given.some(fits);
}

function readName(name: string): OperatorName {
  const parts = /^(?:(for_all_value|for_any_value):)?(.*?)(_if_exist)?$/.exec(name);
  const [, qualifier, base = '', ifExist] = parts ?? [];
  return {
    qualifier: (qualifier as OperatorName['qualifier'] | undefined) ?? null, // The pattern has two.
    base,
    isIfExist: ifExist !== undefined,
  };
}

const valueSchema = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const valuesSchema = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(valueSchema).min(1),
);
const keysSchema = z
  .record(z.string().min(1), valuesSchema)
  .refine((keys) => Object.keys(keys).length > 0, 'must name a key');

/** A condition as it stands in a policy; a list of one may stand without its brackets. */
export const conditionSchema = z
  .record(z.string(), keysSchema)
  .superRefine((condition, { addIssue }) => {
    if (Object.keys(condition).length === 0) {
      addIssue({ code: 'custom', message: 'must name an operator' });
    }
    for (const [name, keys] of Object.entries(condition)) {
      for (const fault of faultsOf(readName(name), Object.entries(keys))) {
        addIssue({ code: 'custom', path: [name, ...fault.path], message: fault.message });
      }
    }
  });

function faultsOf(
  { base, qualifier, isIfExist }: OperatorName,
  keys: readonly (readonly [key: string, values: readonly string[]])[],
): readonly { path: readonly string[]; message: string }[] {
  const operator = OPERATORS.get(base);
  const isQualifiedNull = base === 'null_equal' && (qualifier !== null || isIfExist);
  if (operator === undefined || isQualifiedNull) {
    return [{ path: [], message: 'is not an operator offered here' }];
  }
  return keys.flatMap(([key, values]) =>
    values.flatMap((value) => {
      const parsed = operator.value.safeParse(value);
      return parsed.success
        ? []
        : [{ path: [key], message: parsed.error.issues[0]?.message ?? '' }];
    }),
  );
}

function isLike(given: string, pattern: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(given);
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/');
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (more.length > 0 || widest < 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= widest);
}

/** Bits behind the mask make no difference. Source: CAM documentation, `ip_equal`, its example. */
function isInNetwork(given: string, wanted: string): boolean {
  const [address = '', bits] = wanted.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(given) === 0 || isIPv6(given) !== isIPv6(address)) return false;
  const block = new BlockList();
  block.addSubnet(
    address,
    bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits),
    family,
  );
  return block.check(given, family);
}
