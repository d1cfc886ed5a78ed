import { readFileSync, writeFileSync } from 'node:fs';
import { readMachine } from '../machine.ts';
import { measure } from './measure.ts';
import { constantTable, groupTable, pictureTable, wayTable } from './page.ts';

const PAGE = new URL('../../docs/compression.md', import.meta.url);
const MARKS = { from: '<!-- figures: written by the benchmark -->', to: '<!-- end of figures -->' };

const measurement = await measure((line) => process.stderr.write(`${line}\n`));
const machine = readMachine();
const figures = [
  `Measured ${new Date().toISOString().slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}.`,
  groupTable(measurement),
  'At equal likeness, beside the best constant of each encoder:',
  constantTable(measurement),
  'Beside what one would write first:',
  wayTable(measurement),
  'Each picture:',
  pictureTable(measurement),
].join('\n\n');
process.stdout.write(`${figures}\n`);

const page = readFileSync(PAGE, 'utf8');
const [before, rest = ''] = page.split(MARKS.from);
const [, after = ''] = rest.split(MARKS.to);
writeFileSync(PAGE, `${before}${MARKS.from}\n\n${figures}\n\n${MARKS.to}${after}`);
process.stdout.write('written: docs/compression.md\n');
