import { z } from 'zod';
import type { RequestHead } from '../read-request.ts';
import type { Answer } from '../write-answer.ts';
import type { Manner } from './sending.ts';

/** What an answer is made of that the cloud has no part in. */
export interface Facts {
  readonly head: RequestHead;
  readonly now: Date;
  readonly requestId: string;
}

/** What a misbehaviour does. */
export interface Effect {
  /** In place of the cloud, which then doesn't look at the request: nothing is applied. */
  readonly instead?: {
    /** Of the error in the answer; null where it has none. */
    readonly code: string | null;
    readonly answer: (facts: Facts) => Answer;
  };
  /** Of the cloud's own answer, after whatever it has changed. */
  readonly rewrite?: (answer: Answer) => Answer;
  readonly manner?: Manner;
  /** How far the cloud's clock is ahead. */
  readonly clockSkewSeconds?: number;
}

/** One kind of misbehaviour: its own parameters, each with a default, and what it does. */
export interface Kind {
  readonly parameters: z.ZodRawShape;
  /** @throws ZodError when the parameters are not its own */
  readonly effectOf: (parameters: Readonly<Record<string, unknown>>) => Effect;
}

/** Make a row for the table of kinds. */
export function kind<Shape extends z.ZodRawShape>(
  parameters: Shape,
  effect: (parameters: z.output<z.ZodObject<Shape, z.core.$strict>>) => Effect,
): Kind {
  const schema = z.strictObject(parameters);
  return { parameters, effectOf: (given) => effect(schema.parse(given)) };
}
