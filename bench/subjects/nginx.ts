import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

/** Whether nginx is on the path, on a system that tells the CPU time of another process. */
export function isNginxHere(): boolean {
  return process.platform === 'linux' && spawnSync('nginx', ['-v']).status === 0;
}

/** nginx as a proxy with kept connections: one worker, no access log. */
export async function startNginx(upstreamPort: number): Promise<RunningSubject> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-bench-nginx-'));
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, nginxFile(directory, port, upstreamPort));
  const master = spawn('nginx', ['-e', 'stderr', '-p', directory, '-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(master, 'exit');
  await answering(port);
  return {
    port,
    cpuUs: () => cpuUsOf([master.pid ?? 0, ...childrenOf(master.pid ?? 0)]),
    async close() {
      master.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const nginxFile = (directory: string, port: number, upstreamPort: number) => `
daemon off;
pid ${directory}/pid;
worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((kind) => `  ${kind}_temp_path ${directory}/${kind};`)
  .join('\n')}
  upstream ci { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://ci;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

async function freePort(): Promise<number> {
  const { port, close } = await serveOnFreePort(http.createServer());
  await close();
  return port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('nginx does not answer');
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

const CLOCK_TICKS_PER_SECOND = 100;

/** Source: proc(5), /proc/pid/stat: utime and stime are its 14th and 15th fields. */
function cpuUsOf(pids: readonly number[]): number {
  const ticks = pids.flatMap((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
  });
  return (ticks.reduce((sum, one) => sum + one, 0) / CLOCK_TICKS_PER_SECOND) * 1e6;
}
