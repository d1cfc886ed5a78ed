import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readMachine } from '../machine.ts';
import { type Moment, soak } from './measure.ts';
import { soakPage, soakPlots, soakTable } from './page.ts';

const PAGE = new URL('../../docs/soak.md', import.meta.url);
const PLOTS = new URL('../../docs/soak/', import.meta.url);

const USAGE = `usage: npm run soak -- [options]
  --minutes N   how long callers ask (30)
  --callers N   how many (64)
  --quick       a second, to see that it works

A run that is not quick writes docs/soak.md and docs/soak/*.svg.
`;

const QUICK_SECONDS = 1;
/** So many moments are enough for a plot. */
const MOMENTS = 120;
const QUICK_MOMENTS = 4;

const { minutes, callers, isQuick } = options();
const seconds = isQuick ? QUICK_SECONDS : minutes * 60;
const everyMs = Math.max(250, (seconds * 1000) / (isQuick ? QUICK_MOMENTS : MOMENTS));
const moments = await soak({ seconds, everyMs, callers }, tell);
process.stdout.write(`${soakTable(moments)}\n`);
if (!isQuick) publish();

function options() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '30' },
        callers: { type: 'string', default: '64' },
        quick: { type: 'boolean', default: false },
      },
    });
    const [minutes, callers] = [Number(values.minutes), Number(values.callers)];
    if (!(minutes > 0)) throw new TypeError('--minutes must be a number above 0');
    if (!(Number.isInteger(callers) && callers > 0)) {
      throw new TypeError('--callers must be a whole number above 0');
    }
    return { minutes, callers, isQuick: values.quick };
  } catch (error) {
    process.stderr.write(`soak: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

function tell(moment: Moment): void {
  const { minutes, rssMib, requestsPerSecond } = moment;
  process.stderr.write(
    `${minutes.toFixed(1)} min: ${rssMib.toFixed(0)} MiB, ${requestsPerSecond.toFixed(0)} requests/s\n`,
  );
}

function publish(): void {
  const command = `npm run soak -- --minutes ${minutes} --callers ${callers}`;
  mkdirSync(PLOTS, { recursive: true });
  for (const [name, svg] of soakPlots(moments)) writeFileSync(new URL(name, PLOTS), svg);
  writeFileSync(
    PAGE,
    soakPage(moments, { machine: readMachine(), command, measuredAt: new Date() }),
  );
  process.stdout.write('written: docs/soak.md, docs/soak/\n');
}
