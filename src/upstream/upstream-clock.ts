/** How the clock of a region differs from ours. */
export interface ClockState {
  /** What the hosts of a region have in common. */
  readonly host: string;
  /** How far it was ahead when it was last looked at; negative: behind. */
  readonly aheadMs: number;
  /** Whether it differs so much that an operator has to see to it. */
  readonly isSkewed: boolean;
  /** What is added to our clock to sign for it. */
  readonly correctionMs: number;
}

export interface UpstreamClockOptions {
  readonly now: () => Date;
  /** Called when a clock begins or ceases to differ, and when the correction changes. */
  readonly onChange: (state: ClockState) => void;
}

/**
 * The upstream's clocks, by region, as its answers tell them. One answer alone moves nothing: a
 * correction is kept when requests that were signed with it have been taken, several in a row.
 */
export interface UpstreamClock {
  /** The time to sign at. */
  timeFor(host: string): Date;
  /** The time that it is with a correction. */
  timeWith(correctionMs: number): Date;
  /**
   * How far an answer says that the upstream is ahead, in milliseconds; null when it doesn't say,
   * or nothing that could be believed.
   * @param date its header `Date`
   */
  aheadBy(date: string | undefined): number | null;
  /** What an answer that had nothing to do with the time told by the way. */
  observe(host: string, aheadMs: number | null): void;
  /** A request that was refused for its time was taken when it was signed again with this. */
  confirm(host: string, correctionMs: number): void;
  /** A request was refused for its time, and signing again didn't help. */
  doubt(host: string): void;
  /** Those that differ or are corrected. */
  list(): readonly ClockState[];
}

/** From here on an operator is warned. Signatures bear 60 seconds in one direction. */
const SKEWED_MS = 30_000;
/** A clock that is further off is out of order, or lies. */
const MOST_BELIEVED_MS = 2 * 60 * 60 * 1000;
/** Answers in a row that have to agree. */
const ENOUGH = 3;

interface Clock {
  readonly host: string;
  aheadMs: number;
  isSkewed: boolean;
  correctionMs: number;
  /** Answers in a row that contradict `isSkewed`. */
  contradicting: number;
  /** Answers in a row that contradict the correction in force. */
  disagreeing: number;
  candidate: { correctionMs: number; count: number } | null;
}

const regionOf = (host: string) => host.slice(host.indexOf('.') + 1);
const differs = (a: number, b: number) => Math.abs(a - b) >= SKEWED_MS;

/** Regions are few: their clocks are kept for as long as the process lives. */
export function createUpstreamClock({ now, onChange }: UpstreamClockOptions): UpstreamClock {
  const clocks = new Map<string, Clock>();
  // It changes once in a second.
  let lastDate: { readonly text: string; readonly time: number } = { text: '', time: Number.NaN };

  function timeOf(date: string | undefined): number {
    if (date === undefined) return Number.NaN;
    if (date !== lastDate.text) lastDate = { text: date, time: Date.parse(date) };
    return lastDate.time;
  }

  function timeWith(correctionMs: number): Date {
    const own = now();
    return correctionMs === 0 ? own : new Date(own.getTime() + correctionMs);
  }

  function clockOf(host: string): Clock {
    const region = regionOf(host);
    let clock = clocks.get(region);
    if (clock === undefined) {
      clock = { ...AGREEING, host: region };
      clocks.set(region, clock);
    }
    return clock;
  }

  function correct(clock: Clock, correctionMs: number): void {
    clock.disagreeing = 0;
    clock.candidate = null;
    if (clock.correctionMs === correctionMs) return;
    clock.correctionMs = correctionMs;
    onChange(stateOf(clock));
  }

  return {
    timeFor: (host) =>
      timeWith(clocks.size === 0 ? 0 : (clocks.get(regionOf(host))?.correctionMs ?? 0)),
    timeWith,
    aheadBy(date) {
      const time = timeOf(date);
      // The header tells whole seconds: the middle of the second is the best guess.
      const aheadMs = time + 500 - now().getTime();
      return Math.abs(aheadMs) <= MOST_BELIEVED_MS ? aheadMs : null;
    },
    observe(host, aheadMs) {
      if (aheadMs === null) return;
      const clock = clockOf(host);
      clock.aheadMs = aheadMs;
      clock.candidate = null;
      clock.disagreeing = differs(aheadMs, clock.correctionMs) ? clock.disagreeing + 1 : 0;
      // What was corrected once and is in order now needs no correction.
      if (clock.correctionMs !== 0 && clock.disagreeing >= ENOUGH) correct(clock, 0);
      noteSkew(clock, onChange);
    },
    confirm(host, correctionMs) {
      const clock = clockOf(host);
      clock.aheadMs = correctionMs;
      const { candidate } = clock;
      const isSame = candidate !== null && !differs(candidate.correctionMs, correctionMs);
      clock.candidate = { correctionMs, count: isSame ? candidate.count + 1 : 1 };
      if (clock.candidate.count >= ENOUGH) correct(clock, correctionMs);
      noteSkew(clock, onChange);
    },
    doubt(host) {
      const clock = clocks.get(regionOf(host));
      if (clock !== undefined) correct(clock, 0);
    },
    list: () =>
      [...clocks.values()]
        .filter(({ isSkewed, correctionMs }) => isSkewed || correctionMs !== 0)
        .map(stateOf),
  };
}

const AGREEING: Omit<Clock, 'host'> = {
  aheadMs: 0,
  isSkewed: false,
  correctionMs: 0,
  contradicting: 0,
  disagreeing: 0,
  candidate: null,
};

function noteSkew(clock: Clock, onChange: UpstreamClockOptions['onChange']): void {
  const isSkewed = differs(clock.aheadMs, 0);
  clock.contradicting = isSkewed === clock.isSkewed ? 0 : clock.contradicting + 1;
  if (clock.contradicting < ENOUGH) return;
  clock.isSkewed = isSkewed;
  clock.contradicting = 0;
  onChange(stateOf(clock));
}

function stateOf({ host, aheadMs, isSkewed, correctionMs }: Clock): ClockState {
  return { host, aheadMs, isSkewed, correctionMs };
}
