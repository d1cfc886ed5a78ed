import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClosingFacts, RecordFacts } from '../../src/audit/record.ts';
import { latestOf, recordedStates } from '../../src/audit/recorded-states.ts';
import type { ResolutionFacts, StateFacts } from '../../src/audit/resolution.ts';
import { temporaryDirectory } from '../support/journal.ts';
import { APPLIED, requestFacts, textOf, written } from '../support/journal-facts.ts';

const BUCKET = 'examplebucket-1250000000';
const SET = { status: 'on', modes: ['Auto', 'API'], suffixes: ['jpg'] };
const OFF = { status: 'off', modes: [], suffixes: [] };
const API = { status: 'on', modes: ['API'], suffixes: [] };

function closing(requestId: string, facts: Partial<ClosingFacts> = {}, name = 'enable') {
  const { operation, ...request } = requestFacts({ requestId });
  const asked = operation && { ...operation, name: name as 'enable' | 'disable' | 'describe' };
  return {
    kind: 'closing',
    request: { ...request, operation: asked },
    closing: { ...APPLIED, ...facts },
  } as const satisfies RecordFacts;
}

const UNKNOWN = { outcome: 'unknown', code: 'upstream-timeout' } as const;

function resolved(requestId: string, facts: Partial<ResolutionFacts> = {}): RecordFacts {
  const operation = {
    name: 'enable',
    region: 'ap-shanghai',
    bucket: BUCKET,
    modes: [],
    suffixes: [],
  } as const;
  return {
    kind: 'resolved',
    outcome: { requestId, tenant: 'photos', operation, subAccount: 'media', stateBefore: null },
    resolution: {
      finding: 'matches_neither',
      state: API,
      code: null,
      attempts: 1,
      orderedBy: null,
      ...facts,
    },
  };
}

async function journalOf(records: readonly RecordFacts[]): Promise<string> {
  const directory = await temporaryDirectory();
  writeFileSync(join(directory, 'segment-00000001.jsonl'), textOf(written(records).lines));
  return directory;
}

/** Records, and the state that they leave of the bucket; undefined when they tell of none. */
const LEFT: Readonly<Record<string, readonly [records: readonly RecordFacts[], state: unknown]>> = {
  'a change': [[closing('a')], SET],
  'the last of two changes': [[closing('a'), closing('b', {}, 'disable')], OFF],
  'a change that was not applied': [[closing('a', { outcome: 'not_applied' })], undefined],
  'a refusal behind a change': [
    [closing('a'), closing('b', { outcome: 'refused' }, 'disable')],
    SET,
  ],
  'nothing to do': [[closing('a', { outcome: 'not_applied', code: 'no-op' }, 'disable')], OFF],
  'a read': [[closing('a', { outcome: 'not_applied' }, 'describe')], undefined],
  'an unknown outcome': [[closing('a'), closing('b', UNKNOWN)], null],
  'an unknown outcome that was resolved': [[closing('a', UNKNOWN), resolved('a')], API],
  'one that could not be looked at': [
    [closing('a', UNKNOWN), resolved('a', { finding: 'not_asked', state: null })],
    null,
  ],
  'one that was resolved after a later change': [
    [closing('a', UNKNOWN), closing('b', {}, 'disable'), resolved('a')],
    OFF,
  ],
};

test.each(Object.entries(LEFT))(
  'what a journal leaves of a bucket: %s',
  async (_, [records, state]) => {
    const [found] = latestOf([await recordedStates(await journalOf(records))]);
    expect(found?.state).toEqual(state);
  },
);

test('of several journals the later record counts', () => {
  const at = (time: string, state: StateFacts) =>
    new Map([['r/b', { region: 'r', bucket: 'b', state, requestId: time, at: time }]]);
  const journals = [at('2025-01-02', API), at('2025-01-03', SET), at('2025-01-01', OFF)];
  expect(latestOf(journals)).toMatchObject([{ requestId: '2025-01-03', state: SET }]);
});
