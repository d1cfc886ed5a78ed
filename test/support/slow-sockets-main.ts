import { parentPort, workerData } from 'node:worker_threads';
import { holdSlowSockets } from './slow-sockets.ts';

// A thread of its own: who measures must not be kept waiting by a thousand sockets.
const slow = holdSlowSockets(workerData.count, workerData);
parentPort?.once('message', () => {
  slow.close();
  parentPort?.postMessage(slow.reopened());
});
