import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encode,
  GENESIS,
  type JournalPosition,
  MAX_LINE_BYTES,
  type UnsealedRecord,
} from '../../src/audit/chain.ts';
import {
  type ClosingFacts,
  MAX_ITEMS,
  MAX_TEXT,
  type RecordFacts,
  type RequestFacts,
} from '../../src/audit/record.ts';
import { AUDIT_RECORD } from '../../src/audit/record-shape.ts';
import { createRecordWriter, unsealedRecord } from '../../src/audit/record-text.ts';
import { Sealing } from '../../src/audit/sealing.ts';
import { SLIM_MODES, SLIM_SUFFIXES } from '../../src/slim/slim-configuration.ts';
import { APPLIED, NOW, REFUSED, requestFacts, strangerFacts } from '../support/journal-facts.ts';
import { testKey } from '../support/signed-journal.ts';

const REQUEST = requestFacts({ requestId: 'r-1' });

const SEALING = { key: testKey().signing, now: () => NOW, checkpointRecords: 9 };

function sealedBehind(head: JournalPosition, record: UnsealedRecord) {
  const sealing = new Sealing({ journal: 'j', head, unsigned: 0, within: 9 }, SEALING);
  const position = sealing.add(record);
  return { bytes: sealing.bytes, position };
}

function sealed(facts: RecordFacts) {
  return sealedBehind(GENESIS, { ...createRecordWriter()(facts), at: NOW.toISOString() });
}

function lineOf(facts: RecordFacts): string {
  return sealed(facts).bytes.toString();
}

function bodyOf(facts: RecordFacts) {
  const { v, seq, previous, at, ...body } = JSON.parse(lineOf(facts));
  return body;
}

describe('a record', () => {
  test('is these bytes, and its hash is that of the line without the newline', () => {
    const { bytes, position } = sealed({ kind: 'closing', request: REQUEST, closing: APPLIED });
    expect(bytes.toString()).toBe(
      `{"v":1,"seq":1,"previous":"${'0'.repeat(64)}","at":"2025-03-01T12:00:00.000Z",` +
        '"kind":"closing","requestId":"r-1","traceId":"4bf92f3577b34da6a3ce929d0e0e4736",' +
        '"receivedAt":"2025-03-01T12:00:00.000Z","peerAddress":"10.9.0.1",' +
        '"sourceAddress":"10.1.2.3","method":"PUT",' +
        '"path":"/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim",' +
        '"tenant":{"name":"photos","subject":"svc-photos","issuer":"https://id.example",' +
        '"tokenId":"t1"},"operation":{"name":"enable","region":"ap-shanghai",' +
        '"bucket":"examplebucket-1250000000","action":"ci:SetImageSlim",' +
        '"resource":"qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000",' +
        '"modes":["Auto","API"],"suffixes":["jpg"],"isDryRun":false},' +
        `"bodySha256":"${'ab'.repeat(32)}","decision":{"effect":"allow","reason":"allowed",` +
        '"statements":["photos-everything"],"tableVersion":"7"},"subAccount":{"name":"media",' +
        '"uin":"100000000001","secretId":"AKIDexample"},"upstream":{' +
        '"host":"examplebucket-1250000000.pic.ap-shanghai.myqcloud.com",' +
        `"requestSha256":"${'cd'.repeat(32)}"},"stateBefore":{"status":"on","modes":["API"],` +
        '"suffixes":[],"code":null},"outcome":"applied","status":200,"code":null,' +
        '"upstreamStatus":200,"upstreamCode":null,"upstreamRequestId":"NjVmMTIz","attempts":1,' +
        '"durationMs":41}\n',
    );
    // From another implementation of SHA-256 over the line above.
    expect(position).toEqual({
      seq: 1,
      hash: '554d52422fbd1e718b85ab372a41982d768139bb930a3127547ab5eec84b84b4',
    });
  });

  test('continues the record before it by number and hash', () => {
    const previous = { seq: 41, hash: 'f'.repeat(64) };
    const { bytes, position } = sealedBehind(previous, unsealedRecord({ kind: 'x' }, NOW));
    expect(position.seq).toBe(42);
    expect(bytes.toString()).toContain(`"seq":42,"previous":"${'f'.repeat(64)}"`);
  });
});

test('a record from before the peer was noted is a record', () => {
  const line = lineOf({ kind: 'closing', request: REQUEST, closing: APPLIED });
  const before = line.replace('"peerAddress":"10.9.0.1",', '');
  expect(before).not.toBe(line);
  expect(`${encode(AUDIT_RECORD.parse(JSON.parse(before)))}\n`).toBe(before);
});

test('what is about no single request has the shape of a record', () => {
  const events: readonly RecordFacts[] = [
    { kind: 'requests-limited', tenant: 'photos', count: 3, since: NOW },
    { kind: 'connection-refused', peerAddress: '10.9.0.1', reason: 'HPE_X', status: 400 },
    { kind: 'connection-refused', peerAddress: null, reason: 'sockets', status: null },
    { kind: 'refusals-skipped', count: 3, since: NOW },
  ];
  for (const event of events) {
    const line = lineOf(event);
    expect(`${encode(AUDIT_RECORD.parse(JSON.parse(line)))}\n`).toBe(line);
  }
});

/** The names of all members, nested ones too, in order. */
function namesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.entries(value).map(([name, member]) => [name, namesOf(member)]);
}

describe('the members of a request record are the same in the same order', () => {
  const REFERENCE = namesOf(bodyOf({ kind: 'intent', request: REQUEST }));
  const cases: { name: string; facts: RecordFacts }[] = [
    {
      name: 'an intent of which little is known',
      facts: { kind: 'intent', request: strangerFacts() },
    },
    {
      name: 'a closing of an allowed request',
      facts: { kind: 'closing', request: REQUEST, closing: APPLIED },
    },
    {
      name: 'a closing of a denied request',
      facts: {
        kind: 'closing',
        request: requestFacts({
          decision: { effect: 'deny', reason: 'default', statements: [], tableVersion: '7' },
          upstream: null,
        }),
        closing: { ...REFUSED, status: 403, code: 'policy-denied' },
      },
    },
    {
      name: 'a closing of a stranger’s request',
      facts: { kind: 'closing', request: strangerFacts(), closing: REFUSED },
    },
  ];
  test.each(cases)('$name', ({ facts }) => {
    expect(namesOf(bodyOf(facts))).toEqual(REFERENCE);
  });

  test('and nothing goes in that is not named, whatever hangs on the facts', () => {
    const canary = 'canary-secret';
    const tenant = { ...REQUEST.tenant, token: canary } as RequestFacts['tenant'];
    const subAccount = { ...REQUEST.subAccount, secretKey: canary } as RequestFacts['subAccount'];
    const request = { ...REQUEST, tenant, subAccount, authorization: canary };
    const answered = { ...APPLIED, body: canary };
    expect(lineOf({ kind: 'closing', request, closing: answered })).not.toContain(canary);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  // Code units one by one: lone surrogates among them.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '\r\n{"v":1,"seq":2,"kind":"intent"}',
    '\u2028\u2029\u0085\u009b31m\u007f',
    '\u001b[2K\u001b[1A',
    '\u202e}"\\',
    '"},"kind":"closing',
    '\ud800',
    '__proto__',
    '\ufeff\u0000',
    '\u{e0041}\u{1d173}',
  ),
);
const anyTextOrNull = fc.option(anyText);
const anyTexts = fc.array(anyText, { maxLength: 40 });
const anyNumber = fc.oneof(fc.integer(), fc.double());

// Facts with strings where the types want one of a few: what the builder must survive all the same.
const anyRequest = fc.record({
  requestId: anyText,
  traceId: anyTextOrNull,
  receivedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: false }),
  peerAddress: anyTextOrNull,
  sourceAddress: anyTextOrNull,
  method: anyText,
  path: anyText,
  tenant: fc.option(
    fc.record({ name: anyText, subject: anyText, issuer: anyText, tokenId: anyTextOrNull }),
  ),
  operation: fc.option(
    fc.record({
      name: fc.constantFrom('enable', 'describe', 'disable'),
      region: anyText,
      bucket: anyText,
      action: anyText,
      resource: anyText,
      modes: fc.option(anyTexts),
      suffixes: fc.option(anyTexts),
      isDryRun: fc.boolean(),
    }),
  ),
  bodySha256: anyTextOrNull,
  decision: fc.option(
    fc.record({
      effect: fc.constantFrom('allow', 'deny'),
      reason: anyText,
      statements: anyTexts,
      tableVersion: anyText,
    }),
  ),
  subAccount: fc.option(fc.record({ name: anyText, uin: anyText, secretId: anyTextOrNull })),
  upstream: fc.option(fc.record({ host: anyText, requestSha256: anyTextOrNull })),
  stateBefore: fc.option(
    fc.record({
      status: fc.constantFrom('on', 'off', null),
      modes: fc.option(fc.subarray([...SLIM_MODES])),
      suffixes: fc.option(fc.subarray([...SLIM_SUFFIXES])),
      code: anyTextOrNull,
    }),
  ),
}) satisfies fc.Arbitrary<RequestFacts>;

const anyClosing = fc.record({
  outcome: fc.constantFrom('applied', 'not_applied', 'unknown', 'refused'),
  status: anyNumber,
  code: anyTextOrNull,
  upstreamStatus: fc.option(anyNumber),
  upstreamCode: anyTextOrNull,
  upstreamRequestId: anyTextOrNull,
  attempts: anyNumber,
  durationMs: anyNumber,
}) satisfies fc.Arbitrary<ClosingFacts>;

/** Every character that is not printed, looked at one by one. */
function plainlyEncoded(value: object): string {
  return Array.from(JSON.stringify(value), (character) => {
    if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character)) return character;
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  }).join('');
}

describe('log injection', () => {
  test('a value is encoded as when each of its characters is looked at', () => {
    const printed = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fc.array(fc.oneof(printed, anyText, fc.constant('\u007f'))), (texts) => {
        expect(encode(texts)).toBe(plainlyEncoded(texts));
      }),
    );
    for (let unit = 0; unit < 0x3000; unit += 1) {
      const text = [`a${String.fromCharCode(unit)}`];
      expect(encode(text)).toBe(plainlyEncoded(text));
    }
  });

  test('any texts in any facts give one printable line that reads back in the shape of a record', () => {
    fc.assert(
      fc.property(anyRequest, anyClosing, (request, closing) => {
        const line = lineOf({ kind: 'closing', request, closing });
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+\n$/u);
        const record = AUDIT_RECORD.parse(JSON.parse(line));
        expect(`${encode(record)}\n`).toBe(line);
        if (request.path.length <= MAX_TEXT) expect(record).toHaveProperty('path', request.path);
        expect(Buffer.byteLength(line)).toBeLessThan(MAX_LINE_BYTES);
      }),
      { numRuns: 400 },
    );
  });

  test('a text or a list that is too long is cut, marked, and never through a character', () => {
    const long = `${'x'.repeat(MAX_TEXT - 2)}\u{1f600}${'y'.repeat(9)}`;
    const statements = Array.from({ length: MAX_ITEMS + 1 }, (_, index) => `s${index}`);
    const decision = { effect: 'allow', reason: '', statements, tableVersion: '' } as const;
    const body = bodyOf({ kind: 'intent', request: requestFacts({ path: long, decision }) });
    expect(body.path).toBe(`${'x'.repeat(MAX_TEXT - 2)}…`);
    expect(body).toHaveProperty('decision.statements.length', MAX_ITEMS);
    expect(body).toHaveProperty(`decision.statements.${MAX_ITEMS - 1}`, '…');
  });

  test('the longest record that can be built is a line that can be read back', () => {
    const worst = '\u{e0041}'.repeat(MAX_TEXT);
    const worstFacts = JSON.parse(
      JSON.stringify(REQUEST, (_, value) => (typeof value === 'string' ? worst : value)),
    );
    const request = { ...worstFacts, receivedAt: NOW };
    request.operation.modes = Array(100).fill(worst);
    request.operation.suffixes = Array(100).fill(worst);
    request.decision.statements = Array(100).fill(worst);
    const state = { status: 'off', modes: SLIM_MODES, suffixes: SLIM_SUFFIXES };
    request.stateBefore = { ...state, code: worst };
    const line = lineOf({ kind: 'intent', request });
    expect(line.length).toBeGreaterThan(100_000);
    expect(line.length).toBeLessThan(MAX_LINE_BYTES);
  });
});
