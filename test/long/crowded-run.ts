import { parseArgs } from 'node:util';
import { crowdedRun } from '../support/crowded-run.ts';

/**
 * `npm run crowded-run -- --seconds 30`: one tenant works while another asks for ten times its rate
 * and a thousand sockets are slow; print what became of each, and what memory is still in use then.
 */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
const report = await crowdedRun(Number(values.seconds));
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const { alone, crowded, before, after } = report;
/** More would be a leak: what is remembered of sources and sockets is bounded, and small here. */
const MAX_GROWTH_MIB = 16;
const isKept =
  crowded.statuses[200] === crowded.calls &&
  crowded.p99Ms < 2 * alone.p99Ms &&
  after.descriptors <= before.descriptors &&
  after.heapUsedMiB + after.externalMiB < before.heapUsedMiB + before.externalMiB + MAX_GROWTH_MIB;
process.exitCode = isKept ? 0 : 1;
