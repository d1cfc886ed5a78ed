import type { Stretch } from './measure.ts';
import { median } from './statistics.ts';

export type Figure = (stretch: Stretch) => number;

export const cpuOf: Figure = ({ cpuUsPerRequest }) => cpuUsPerRequest;
export const rateOf: Figure = ({ requestsPerSecond }) => requestsPerSecond;
export const medianLatencyOf: Figure = ({ latencyMs }) => latencyMs.p50;

/** What was measured with one number of callers. */
export class Comparison {
  readonly #stretches: readonly Stretch[];

  constructor(stretches: readonly Stretch[], callers: number) {
    this.#stretches = stretches.filter((stretch) => stretch.callers === callers);
  }

  of(scenario: string): readonly Stretch[] {
    return this.#stretches.filter((stretch) => stretch.scenario === scenario);
  }

  /** The median over the rounds; NaN when it was not measured. */
  median(scenario: string, figure: Figure): number {
    return median(this.of(scenario).map(figure));
  }

  /** The median of the ratios within one round; NaN when there are none. */
  ratio(scenario: string, base: string, figure: Figure): number {
    return this.#within(scenario, base, (own, beside) => figure(own) / figure(beside));
  }

  /** The median of the differences within one round; NaN when there are none. */
  difference(scenario: string, base: string, figure: Figure): number {
    return this.#within(scenario, base, (own, beside) => figure(own) - figure(beside));
  }

  #within(scenario: string, base: string, relate: (own: Stretch, beside: Stretch) => number) {
    const bases = this.of(base);
    const related = this.of(scenario).flatMap((own) => {
      const beside = bases.find(({ round }) => round === own.round);
      return beside === undefined ? [] : [relate(own, beside)];
    });
    return median(related);
  }
}
