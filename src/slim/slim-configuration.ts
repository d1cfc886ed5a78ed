import { hash } from 'node:crypto';

/** The modes in canonical order. Source: Cloud Infinite documentation, `SlimMode`. */
export const SLIM_MODES = ['Auto', 'API'] as const;
/** The suffixes in canonical order. Source: Cloud Infinite documentation, `Suffix`. */
export const SLIM_SUFFIXES = ['jpg', 'png', 'gif'] as const;

export type SlimMode = (typeof SLIM_MODES)[number];
export type SlimSuffix = (typeof SLIM_SUFFIXES)[number];

/**
 * The slim configuration of one bucket, as a value: `modes` is never empty, `suffixes` is non-empty
 * exactly when modes has `Auto`, both in canonical order and without repeats. There are 15.
 */
export interface SlimConfiguration {
  readonly modes: readonly SlimMode[];
  readonly suffixes: readonly SlimSuffix[];
}

/**
 * What a bucket answers when asked, in canonical order. Looser than a configuration: `off` may
 * carry no mode at all, or remembered modes and suffixes.
 */
export interface SlimState {
  readonly status: 'on' | 'off';
  readonly modes: readonly SlimMode[];
  readonly suffixes: readonly SlimSuffix[];
}

/** The one value for a configuration: equal configurations give the same object. */
export function canonicalConfiguration(
  modes: Iterable<SlimMode>,
  suffixes: Iterable<SlimSuffix>,
): SlimConfiguration {
  const key = keyOf(new Set(modes), new Set(suffixes));
  const configuration = BY_KEY.get(key);
  if (configuration === undefined) throw new RangeError(`${key} is not a slim configuration`);
  return configuration;
}

/** The state of a bucket in which a configuration is on: one value for each. */
export function stateOn(configuration: SlimConfiguration): SlimState {
  const state = STATES_ON.get(configuration);
  if (state === undefined) throw new RangeError('not a canonical slim configuration');
  return state;
}

/** A short text that is equal for equal configurations, for example `Auto,API jpg,png`. */
export function configurationKey({
  modes,
  suffixes,
}: Pick<SlimState, 'modes' | 'suffixes'>): string {
  return `${modes.join(',')} ${suffixes.join(',')}`;
}

/** An entity tag, without quotes: equal exactly for equal states. */
export function etagOf(state: SlimState): string {
  return ETAGS_ON.get(state) ?? etagByKey(state);
}

function etagByKey(state: SlimState): string {
  const key = `${state.status} ${configurationKey(state)}`;
  const etag = ETAGS.get(key);
  if (etag === undefined) throw new RangeError(`${key} is not a canonical state`);
  return etag;
}

function keyOf(modes: ReadonlySet<SlimMode>, suffixes: ReadonlySet<SlimSuffix>): string {
  return configurationKey({
    modes: SLIM_MODES.filter((mode) => modes.has(mode)),
    suffixes: SLIM_SUFFIXES.filter((suffix) => suffixes.has(suffix)),
  });
}

/** All legal slim configurations: API alone, and Auto with or without API on each suffix set. */
export const SLIM_CONFIGURATIONS: readonly SlimConfiguration[] = subsets(SLIM_MODES)
  .filter((modes) => modes.length > 0)
  .flatMap((modes) =>
    subsets(SLIM_SUFFIXES)
      .filter((suffixes) => suffixes.length > 0 === modes.includes('Auto'))
      .map((suffixes) => Object.freeze({ modes, suffixes })),
  );

const BY_KEY: ReadonlyMap<string, SlimConfiguration> = new Map(
  SLIM_CONFIGURATIONS.map((configuration) => [configurationKey(configuration), configuration]),
);

function subsets<T>(items: readonly T[]): (readonly T[])[] {
  return items.reduceRight<T[][]>(
    (rest, item) => rest.flatMap((subset) => [subset, [item, ...subset]]),
    [[]],
  );
}

const ETAGS: ReadonlyMap<string, string> = new Map(
  ['on', 'off'].flatMap((status) =>
    subsets(SLIM_MODES).flatMap((modes) =>
      subsets(SLIM_SUFFIXES).map((suffixes) => {
        const key = `${status} ${configurationKey({ modes, suffixes })}`;
        return [key, hash('sha256', key, 'base64url').slice(0, 22)] as const;
      }),
    ),
  ),
);

const STATES_ON: ReadonlyMap<SlimConfiguration, SlimState> = new Map(
  SLIM_CONFIGURATIONS.map((one) => [one, Object.freeze({ status: 'on', ...one })]),
);

const ETAGS_ON: ReadonlyMap<SlimState, string> = new Map(
  [...STATES_ON.values()].map((state) => [state, etagByKey(state)]),
);
