interface ModeDependent {
  readonly identity: { readonly issuers: readonly { readonly development: boolean }[] };
  readonly upstream: { readonly connect?: unknown };
  readonly simulator?: { readonly embedded: boolean } | undefined;
  readonly subAccounts: readonly {
    readonly credentials: { readonly from: string; readonly durationSeconds?: number };
  }[];
}

const MIN_SESSION = 900;

/** What is for development only. */
export const PRODUCTION_RULES: readonly {
  path: string[];
  isBroken: (settings: ModeDependent) => boolean;
  message: string;
}[] = [
  {
    path: ['identity', 'issuers'],
    isBroken: ({ identity }) => identity.issuers.some(({ development }) => development),
    message: 'a development issuer is refused in production; set mode or remove it',
  },
  {
    path: ['upstream', 'connect'],
    isBroken: ({ upstream }) => upstream.connect !== undefined,
    message: 'is plain http and refused in production; remove it',
  },
  {
    path: ['simulator', 'embedded'],
    isBroken: ({ simulator }) => simulator?.embedded === true,
    message: 'is refused in production; remove it',
  },
  {
    path: ['subAccounts'],
    isBroken: ({ subAccounts }) =>
      subAccounts.some(({ credentials: { durationSeconds = MIN_SESSION } }) => {
        return durationSeconds < MIN_SESSION;
      }),
    message: `a durationSeconds below ${MIN_SESSION} is refused in production: an outage would outlast the keys`,
  },
];
