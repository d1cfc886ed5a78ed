import type { Asked, Row, Size } from './world.ts';

/** Something that decides. */
export interface Subject {
  /** As the page has it. */
  readonly title: string;
  /** Load the table; what comes of it is timed. */
  readonly load: (rows: readonly Row[], size: Size) => Promise<Loaded>;
}

/** A loaded table. */
export interface Loaded {
  /** Make a request ready, outside of what is timed. @returns what decides it: true when allowed */
  readonly prepare: (asked: Asked) => () => boolean;
}
