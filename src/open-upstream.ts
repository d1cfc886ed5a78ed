import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Settings } from './config/schema.ts';
import type { Logger } from './operators-log.ts';
import { createTransport } from './upstream/keep-alive-transport.ts';
import { createOutages } from './upstream/outages.ts';
import { createPublicLookup } from './upstream/public-lookup.ts';
import type { Transport } from './upstream/transport.ts';
import { createUpstream, type Upstream } from './upstream/upstream.ts';
import { createUpstreamClock } from './upstream/upstream-clock.ts';

/** Where the upstream is, in place of what the settings say. */
export interface UpstreamPlace {
  /** Where it really is, when it was started beside us. */
  readonly connect?: { readonly host: string; readonly port: number };
  /** How names become addresses; left out: as the system does it. */
  readonly lookup?: LookupFunction;
}

/** Where the upstream is: one fixed place, or where its names lead, which is no private address. */
export function placeOf(settings: Settings['upstream'], { lookup, ...options }: UpstreamPlace) {
  const connect = options.connect ?? settings.connect;
  const isAnyAddress = settings.allowPrivateAddresses || connect !== undefined;
  return {
    connect: connect ? ({ protocol: 'http:', ...connect } as const) : null,
    lookup: isAnyAddress ? lookup : createPublicLookup(lookup ?? systemLookup),
  };
}

/** The connections to the upstream, to public addresses alone unless the settings say otherwise. */
export function openTransport(settings: Settings['upstream'], place: UpstreamPlace): Transport {
  return createTransport({ ...settings, ...placeOf(settings, place) });
}

/** The calls to the upstream, with what is known of its outages and its clock. */
export function openUpstream(
  settings: Settings['upstream'],
  { now, log, ...place }: UpstreamPlace & { readonly now: () => Date; readonly log: Logger },
): Upstream {
  const transport = openTransport(settings, place);
  const outages = createOutages({
    ...settings.outage,
    now,
    onChange: (outage, state) => log.warn({ outage }, `an outage of the upstream is ${state}`),
  });
  const clock = createUpstreamClock({
    now,
    onChange: (clock) => log.warn({ clock }, 'the upstream’s clock compared with ours'),
  });
  return createUpstream({ transport, outages, clock, timeoutMs: settings.timeoutMs });
}
