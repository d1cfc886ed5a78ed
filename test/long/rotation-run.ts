import { parseArgs } from 'node:util';
import { rotationRun } from '../support/rotation-run.ts';

/** `npm run rotation-run -- --seconds 120`: rotate every source of keys under load. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '120' } } });
const report = await rotationRun({
  seconds: Number(values.seconds),
  callsPerSecond: 200,
  sessionSeconds: 16,
  rotateMs: 3_000,
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const isKept =
  Object.keys(report.failed).length === 0 && report.foreign === 0 && report.expired === 0;
process.exitCode = isKept ? 0 : 1;
