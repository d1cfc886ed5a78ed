import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { SLIM_API, send, startLocalCloud } from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

test('requests share a connection, and an idle one does not hold up closing', async () => {
  const simulator = await startLocalCloud();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const isReused: boolean[] = [];
  for (let count = 0; count < 2; count += 1) {
    const asking = request(simulator.url, { path: '/?image-slim', headers: signed(), agent });
    const [answer] = await once(asking.end(), 'response');
    expect(answer.statusCode).toBe(200);
    await once(answer.resume(), 'end');
    isReused.push(asking.reusedSocket);
  }
  expect(isReused).toEqual([false, true]);
  await simulator.close();
});

test('a change that is arriving when it closes is still answered and kept', async () => {
  const simulator = await startLocalCloud();
  const headers = signed({ method: 'PUT', headers: { 'Content-Length': String(SLIM_API.length) } });
  const asking = request(simulator.url, { method: 'PUT', path: '/?image-slim', headers });
  asking.write(SLIM_API.slice(0, 10));
  // Answered on another connection: by now the first bytes of the change are there, too.
  await send(simulator.url, { headers: signed() });
  const closing = simulator.close();
  asking.end(SLIM_API.slice(10));
  const [answer] = await once(asking, 'response');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers.connection).toBe('close');
  await closing;
  expect(simulator.stateOf('examplebucket-1250000000', 'ap-shanghai')?.mode).toBe('API');
});
