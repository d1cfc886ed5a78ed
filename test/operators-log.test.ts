import { expect, test } from 'vitest';
import { operatorsLog, type RequestLine } from '../src/operators-log.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
const LINE: RequestLine = {
  requestId: 'r-1',
  traceId: null,
  tenant: 'photos "of" \n all',
  operation: undefined,
  region: undefined,
  bucket: undefined,
  status: 403,
  code: 'policy-denied',
  cause: undefined,
  durationMs: 1.5,
};

function loggedAt(level: string): string[] {
  const lines: string[] = [];
  operatorsLog(level, { write: (line) => void lines.push(line) }).request(AT, LINE);
  return lines;
}

test('the line of a request has the form of the others, without what is not known', () => {
  const lines: string[] = [];
  const log = operatorsLog('info', { write: (line) => void lines.push(line) });
  log.request(AT, LINE);
  log.info(LINE, 'request');
  const [own, other] = lines.map((line) => JSON.parse(line));
  expect(own).toEqual({ ...other, time: AT.getTime() });
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
});

test.each([
  ['debug', 1],
  ['info', 1],
  ['warn', 0],
  ['silent', 0],
])('at level %s a request is told in %i lines', (level, count) => {
  expect(loggedAt(level)).toHaveLength(count);
});
