import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CredentialProblem, type CredentialSource } from '../../src/accounts/credential-source.ts';
import type { IssuedCredentials } from '../../src/accounts/credentials.ts';
import { CredentialKeeper, type KeptStatus } from '../../src/accounts/keep-credentials.ts';
import { GatewayError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';

// The timers are the keeper's own: here the time between two renewals is what is tested.
beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;
const now = () => new Date(vi.getMockedSystemTime() ?? 0);

function issued(number: number, lifeMs: number | null): IssuedCredentials {
  return {
    credentials: {
      secretId: `AKID${number}`,
      secretKey: new Secret(`key${number}`),
      securityToken: new Secret(`token${number}`),
    },
    expiresAt: lifeMs === null ? null : new Date(now().getTime() + lifeMs),
    warning: null,
  };
}

interface Scripted {
  readonly keeper: CredentialKeeper;
  readonly changes: KeptStatus[];
  /** What each fetch from now on comes to. */
  answer: () => IssuedCredentials | Promise<IssuedCredentials>;
  fetches: number;
}

/** A source whose keys live for an hour, until told otherwise. */
function keep(source: Partial<CredentialSource> = {}): Scripted {
  const changes: KeptStatus[] = [];
  const scripted = {
    changes,
    fetches: 0,
    answer: (): IssuedCredentials | Promise<IssuedCredentials> =>
      issued(scripted.fetches, 60 * MINUTE),
  };
  const keeper = new CredentialKeeper(
    {
      name: 'scripted',
      first: null,
      pollMs: null,
      fetch: async () => {
        scripted.fetches += 1;
        return scripted.answer();
      },
      close: () => undefined,
      ...source,
    },
    { now, random: () => 0, onChange: (status) => void changes.push(status) },
  );
  return Object.assign(scripted, { keeper });
}

const failing = () => {
  throw new CredentialProblem('it is down');
};

test('keys are renewed ten minutes before their end', async () => {
  const kept = keep();
  await kept.keeper.start();
  await vi.advanceTimersByTimeAsync(50 * MINUTE - 1);
  expect(kept.keeper.current().secretId).toBe('AKID1');
  await vi.advanceTimersByTimeAsync(1);
  expect(kept.keeper.current().secretId).toBe('AKID2');
  expect(kept.changes.map(({ secretId }) => secretId)).toEqual(['AKID1', 'AKID2']);
});

test('short-lived keys are renewed at half of their life', async () => {
  const kept = keep();
  kept.answer = () => issued(kept.fetches, 8_000);
  await kept.keeper.start();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(kept.keeper.current().secretId).toBe('AKID2');
});

test('what fails is tried again after a second, then two, then four, and at most a minute', async () => {
  const kept = keep();
  await kept.keeper.start();
  kept.answer = failing;
  await vi.advanceTimersByTimeAsync(50 * MINUTE);
  expect(kept.fetches).toBe(2);
  // With no chance in it, each wait is the half.
  for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const before = kept.fetches;
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(kept.fetches).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(kept.fetches).toBe(before + 1);
  }
});

test('the last good keys stay until shortly before their end, which is told when it comes', async () => {
  const kept = keep();
  await kept.keeper.start();
  kept.answer = failing;
  await vi.advanceTimersByTimeAsync(60 * MINUTE - 5_001);
  expect(kept.keeper.current().secretId).toBe('AKID1');
  expect(kept.keeper.status()).toMatchObject({ isUsable: true, problem: 'it is down' });
  await vi.advanceTimersByTimeAsync(1);
  expect(() => kept.keeper.current()).toThrow(GatewayError);
  expect(() => kept.keeper.current()).toThrow(/^credentials-unavailable/);
  expect(kept.changes.at(-1)).toMatchObject({ isUsable: false, problem: 'it is down' });
});

test('keys that come back are used and told at once', async () => {
  const kept = keep();
  kept.answer = failing;
  await kept.keeper.start();
  expect(() => kept.keeper.current()).toThrow(/^credentials-unavailable/);
  kept.answer = () => issued(7, 60 * MINUTE);
  await vi.advanceTimersByTimeAsync(500);
  expect(kept.keeper.current().secretId).toBe('AKID7');
  expect(kept.changes.map(({ problem }) => problem)).toEqual(['it is down', null]);
});

test('one renewal at a time, however many ask', async () => {
  const kept = keep();
  await kept.keeper.start();
  const { promise, resolve } = Promise.withResolvers<IssuedCredentials>();
  kept.answer = () => promise;
  vi.setSystemTime(now().getTime() + 3 * 60 * MINUTE); // A machine that has slept.
  for (let call = 0; call < 100; call++) expect(() => kept.keeper.current()).toThrow(GatewayError);
  expect(kept.fetches).toBe(2);
  resolve(issued(2, 60 * MINUTE));
  await vi.advanceTimersByTimeAsync(0);
  expect(kept.keeper.current().secretId).toBe('AKID2');
});

test('a key that the upstream refuses is renewed, but not at each refusal', async () => {
  const kept = keep();
  await kept.keeper.start();
  await vi.advanceTimersByTimeAsync(5_000);
  for (let refusal = 0; refusal < 100; refusal++) kept.keeper.renounce('AKID1');
  await vi.advanceTimersByTimeAsync(0);
  expect(kept.keeper.current().secretId).toBe('AKID2');
  kept.keeper.renounce('AKID2');
  await vi.advanceTimersByTimeAsync(5_000);
  kept.keeper.renounce('AKID1');
  await vi.advanceTimersByTimeAsync(0);
  expect(kept.fetches).toBe(2);
});

test('the same keys again stay the same object', async () => {
  const kept = keep({ pollMs: 100, first: issued(0, null) });
  kept.answer = () => issued(0, null);
  await kept.keeper.start();
  const before = kept.keeper.current();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(kept.fetches).toBe(10);
  expect(kept.keeper.current()).toBe(before);
  expect(kept.changes).toHaveLength(1);
});

test('an end in a far future, or one that is near, makes no busy loop', async () => {
  for (const lifeMs of [100 * 365 * 24 * 60 * MINUTE, 10]) {
    const kept = keep();
    kept.answer = () => issued(kept.fetches, lifeMs);
    await kept.keeper.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kept.fetches).toBeLessThan(12);
    kept.keeper.close();
  }
});

test('after the close nothing is fetched, and a renewal on its way starts no other', async () => {
  const kept = keep();
  const { promise, resolve } = Promise.withResolvers<IssuedCredentials>();
  kept.answer = () => promise;
  const started = kept.keeper.start();
  kept.keeper.close();
  resolve(issued(1, 2_000));
  await started;
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(kept.fetches).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('an unforeseen error is told by its name alone', async () => {
  const kept = keep();
  kept.answer = () => JSON.parse('the-secret-key');
  await kept.keeper.start();
  expect(kept.keeper.status().problem).toBe('unforeseen: SyntaxError');
});
