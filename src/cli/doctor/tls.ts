import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Finding, fail, ok, warn, wordsOf } from './finding.ts';

const PORT = 443;
const DAY_MS = 24 * 3_600_000;
const SOON_DAYS = 14;

/** Whether a host proves its name as the gateway demands it, and for how long. */
export async function checkTls(host: string, options: TlsOptions): Promise<Finding> {
  const check = `TLS of ${host}`;
  const { port = PORT, ca } = options;
  const socket = connect({
    ...{ host, port },
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(options.timeoutMs) });
    const end = new Date(socket.getPeerCertificate().valid_to);
    const days = Math.floor((end.getTime() - options.now().getTime()) / DAY_MS);
    const seen = `${socket.getProtocol()}, a certificate that lasts for ${days} days`;
    if (days < SOON_DAYS) return warn(check, seen, 'see whether it is renewed');
    return ok(check, seen);
  } catch (error) {
    const remedy = 'see to names, routes, proxies, and the certificates that this system trusts';
    return fail(check, wordsOf(error), remedy);
  } finally {
    socket.destroy();
  }
}

export interface TlsOptions {
  readonly timeoutMs: number;
  readonly now: () => Date;
  readonly port?: number;
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca?: string;
}
