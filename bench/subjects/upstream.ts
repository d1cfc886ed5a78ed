import http from 'node:http';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

const STATE = Buffer.from(
  '<?xml version="1.0" encoding="UTF-8"?><ImageSlim><SlimMode>Auto,API</SlimMode>' +
    '<Status>on</Status><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>',
);

/** Longer than a subject has to wait for its next turn. */
const KEEP_ALIVE_MS = 600_000;

/** As fast an upstream as `node:http` allows: it believes everybody and answers at once. */
export function startUpstream(): Promise<RunningSubject> {
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'GET') {
        response.writeHead(200, {
          'content-type': 'application/xml',
          'content-length': STATE.length,
        });
        response.end(STATE);
      } else {
        response.writeHead(200, { 'content-length': 0 });
        response.end();
      }
    });
  });
  return serveOnFreePort(server);
}
