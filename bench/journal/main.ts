import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMachine } from '../machine.ts';
import { measureWriting, type Writing } from './measure.ts';
import { measureVerification, type Verification } from './verification.ts';
import { WRITERS } from './writers.ts';

const PAGE = new URL('../../docs/audit-benchmarks.md', import.meta.url);
const MARKS = { from: '<!-- figures: written by the benchmark -->', to: '<!-- end of figures -->' };
const CALLERS = [1, 64, 512];
const WARM_UP_MS = 1_000;
const MEASURED_MS = 3_000;

const isQuick = process.argv.includes('--quick');
const directory = mkdtempSync(join(tmpdir(), 'slimgate-journal-bench-'));
try {
  const writings = await measureAll();
  const figures = figuresOf(writings, await measureVerification(join(directory, '0')));
  process.stdout.write(`${figures}\n`);
  if (!isQuick) publish(figures);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measureAll(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [index, [name, open]] of Object.entries(WRITERS).entries()) {
    const own = join(directory, String(index));
    mkdirSync(own);
    const writer = await open(own);
    for (const callers of CALLERS) {
      process.stderr.write(`${name}, ${callers} callers\n`);
      await measureWriting(writer, { callers, ms: isQuick ? 50 : WARM_UP_MS });
      const writing = await measureWriting(writer, { callers, ms: isQuick ? 100 : MEASURED_MS });
      rows.push([name, String(callers), ...cellsOf(writing)]);
    }
    await writer.close();
  }
  return rows;
}

function cellsOf({ recordsPerSecond, medianMs, p99Ms, cpuMicroseconds }: Writing): string[] {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  return [whole(recordsPerSecond), medianMs.toFixed(2), p99Ms.toFixed(2), whole(cpuMicroseconds)];
}

function figuresOf(rows: readonly string[][], verification: Verification): string {
  const { cpu, cores, node, syncMs } = readMachine();
  const { megabytes, records, verifyPerSecond, sha256PerSecond } = verification;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['', 'callers', 'records/s', 'p50 ms', 'p99 ms', 'CPU µs'];
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} on ${cpu}, ${cores} cores, Node ${node}; an append of 1 KiB with its sync takes ${syncMs.toFixed(2)} ms (median).`,
    [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join(
      '\n',
    ),
    `Verifying ${records.toLocaleString('en')} records, ${megabytes.toFixed(0)} MB: ${verifyPerSecond.toFixed(0)} MB/s; SHA-256 alone over the same bytes: ${sha256PerSecond.toFixed(0)} MB/s.`,
  ].join('\n\n');
}

function publish(figures: string): void {
  const [before, rest = ''] = readFileSync(PAGE, 'utf8').split(MARKS.from);
  const [, after = ''] = rest.split(MARKS.to);
  writeFileSync(PAGE, `${before}${MARKS.from}\n\n${figures}\n\n${MARKS.to}${after}`);
  process.stdout.write('written: docs/audit-benchmarks.md\n');
}
