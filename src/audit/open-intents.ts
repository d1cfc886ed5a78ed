import type { UnsealedRecord } from './chain.ts';

/** An intent of which no closing tells. */
export interface OpenIntent {
  readonly requestId: string;
  readonly seq: number;
}

/** The intents without a closing, oldest first; keys are request ids, values sequence numbers. */
export type OpenIntents = Map<string, number>;

/** Follow a record that has come to stand at `seq`. */
export function followIntent(
  open: OpenIntents,
  { kind, requestId }: Pick<UnsealedRecord, 'kind' | 'requestId'>,
  seq: number,
): void {
  if (requestId === null) return;
  if (kind === 'intent') open.set(requestId, seq);
  else if (kind === 'closing') open.delete(requestId);
}

/** Them as they are written down. */
export function listOf(open: ReadonlyMap<string, number>): OpenIntent[] {
  return [...open].map(([requestId, seq]) => ({ requestId, seq }));
}
