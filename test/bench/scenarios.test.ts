import { expect, onTestFinished, test } from 'vitest';
import { GROWTHS } from '../../bench/growth.ts';
import { LoadGenerator } from '../../bench/load.ts';
import { SCENARIOS, type Scenario } from '../../bench/scenarios.ts';
import { SUBJECTS } from '../../bench/subjects/subjects.ts';
import { startUpstream } from '../../bench/subjects/upstream.ts';

/** One size of each thing that grows. */
const GROWN = GROWTHS.flatMap(({ plan, quickSizes }) => plan(quickSizes.slice(1)).scenarios);

const ALL = new Map([...GROWN, ...SCENARIOS].map((scenario) => [scenario.name, scenario]));
const HERE = [...ALL.values()].filter(({ isHere }) => isHere?.() ?? true);

async function play({ subject, expectedStatus, play }: Scenario): Promise<number> {
  const { setting, requests } = play();
  const upstream = await startUpstream();
  onTestFinished(upstream.close);
  const start = await SUBJECTS[subject]();
  const { port, close } = await start(upstream.port, { ...setting, logLevel: 'silent' });
  onTestFinished(close);
  const generator = new LoadGenerator();
  onTestFinished(() => generator.close());
  const { requests: answered } = await generator.run({
    port,
    requests,
    expectedStatus,
    callers: 1,
    durationMs: 10,
  });
  return answered;
}

test.each(HERE)('$name is answered as it expects', async (scenario) => {
  expect(await play(scenario)).toBeGreaterThan(0);
});
