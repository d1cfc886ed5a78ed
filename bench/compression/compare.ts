import type { Way } from './measure.ts';

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function totalBytes({ outcomes }: Way): number {
  return outcomes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The share of the originals' bytes that is saved. */
export function gone(way: Way): number {
  return 1 - totalBytes(way) / way.outcomes.reduce((sum, { before }) => sum + before, 0);
}

export function meanLikeness({ outcomes }: Way): number {
  return mean(outcomes.map(({ likeness }) => likeness));
}

export function minLikeness({ outcomes }: Way): number {
  return Math.min(...outcomes.map(({ likeness }) => likeness));
}

const FIGURES = { mean: meanLikeness, lowest: minLikeness } as const;

/**
 * The constant with the fewest bytes whose mean, or lowest, likeness over the set is that of the
 * engine or above; null when no constant of this encoder gets there.
 */
export function constantFor(
  engine: Way,
  encoder: readonly Way[],
  kind: keyof typeof FIGURES,
): Way | null {
  const figure = FIGURES[kind];
  const reaching = encoder.filter((way) => figure(way) >= figure(engine));
  return reaching.reduce<Way | null>(
    (best, way) => (best === null || totalBytes(way) < totalBytes(best) ? way : best),
    null,
  );
}
