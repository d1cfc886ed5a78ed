import { expect, test } from 'vitest';
import { killRun } from '../support/kill-run.ts';

// A longer run is `npm run kill-run`; its result stands in docs/audit.md.
const KILLS = 4;

test('a kill at a random moment leaves no mutation without its intent, and the chain whole', async () => {
  const report = await killRun(KILLS);
  expect(report).toMatchObject({
    sentWithoutIntent: 0,
    acknowledgedAndLost: 0,
    notClosedOnce: 0,
    isChainIntact: true,
  });
  // The run was under load, and some kills met requests on their way.
  expect(report.received).toBeGreaterThan(KILLS);
  expect(report.recovered).toBeGreaterThan(0);
}, 120_000);
