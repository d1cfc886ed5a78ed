import { parseArgs } from 'node:util';
import { killRun } from '../support/kill-run.ts';

/** `npm run kill-run -- --kills 300`: kill a gateway under load, and print what it came to. */
const { values } = parseArgs({ options: { kills: { type: 'string', default: '300' } } });
const report = await killRun(Number(values.kills));
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const isKept =
  report.isChainIntact &&
  report.sentWithoutIntent + report.acknowledgedAndLost + report.notClosedOnce === 0;
process.exitCode = isKept ? 0 : 1;
