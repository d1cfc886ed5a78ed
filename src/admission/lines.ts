import { createTurns, type Turns } from './turns.ts';

export interface LineSettings {
  /** How many changes of one bucket may wait behind the one that is under way. */
  readonly changesWaitingPerBucket: number;
  /** How many reads of one bucket may be under way. */
  readonly readsPerBucket: number;
  /** How many calls to one region may be under way. */
  readonly callsPerRegion: number;
  /** How long a request may wait for its turn. */
  readonly turnWaitMs: number;
  /** How many objects may be downloaded, for whomever, and how long one may wait for that. */
  readonly downloads: number;
  readonly downloadWaitMs: number;
}

/** The lines that a request goes through on its way upstream. */
export interface Lines {
  readonly changesOfBucket: Turns;
  readonly readsOfBucket: Turns;
  readonly callsToRegion: Turns;
  /** One line for all: its key is a constant. */
  readonly downloads: Turns;
}

const READS_WAITING = 256;
const CALLS_WAITING = 1_024;

/** One change of a bucket at a time; bounds for all else, so that nobody takes all connections. */
export function createLines(settings: LineSettings): Lines {
  const { changesWaitingPerBucket, readsPerBucket, callsPerRegion, turnWaitMs } = settings;
  return {
    changesOfBucket: createTurns({
      places: 1,
      waiting: changesWaitingPerBucket,
      waitMs: turnWaitMs,
      what: 'changes of this bucket',
    }),
    readsOfBucket: createTurns({
      places: readsPerBucket,
      waiting: READS_WAITING,
      waitMs: turnWaitMs,
      what: 'reads of this bucket',
    }),
    callsToRegion: createTurns({
      places: callsPerRegion,
      waiting: CALLS_WAITING,
      waitMs: turnWaitMs,
      what: 'calls to this region',
    }),
    downloads: createTurns({
      places: settings.downloads,
      waiting: CALLS_WAITING,
      waitMs: settings.downloadWaitMs,
      what: 'downloads',
    }),
  };
}
