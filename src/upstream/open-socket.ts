import net, { type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import tls from 'node:tls';

/** Where connections go. */
export interface ConnectTarget {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number;
}

/** How sockets are opened. */
export interface SocketOpener {
  /** Whether a connection serves all hosts; otherwise each has its own. */
  readonly isForAllHosts: boolean;
  /** @param onReady called when a request may be written; over TLS the certificate is verified then */
  open(host: string, onread: OnReadOpts, onReady: () => void): Socket;
}

const HTTPS_PORT = 443;
const PROBE_AFTER_MS = 60_000;
/** Hosts whose TLS session is remembered. */
const MAX_SESSIONS = 256;

/**
 * Open sockets to one fixed place, or else by https to the host itself.
 * @param lookup how names become addresses; left out: as the system does it
 */
export function createSocketOpener(
  connect: ConnectTarget | null,
  lookup: LookupFunction | undefined,
): SocketOpener {
  const common = lookup === undefined ? {} : { lookup };
  if (connect?.protocol === 'http:') {
    const place = { ...common, host: connect.host, port: connect.port };
    return {
      isForAllHosts: true,
      open: (_, onread, onReady) => prepared(net.connect({ ...place, onread }, onReady)),
    };
  }
  const sessions = new Map<string, Buffer>();
  const place = { ...common, port: connect?.port ?? HTTPS_PORT, ALPNProtocols: ['http/1.1'] };

  /** INVARIANT: of a verified peer alone: one that resumes a session is not asked who it is again. */
  function rememberSession(host: string, session: Buffer | undefined): void {
    if (session === undefined) return;
    const [oldest] = sessions.keys();
    if (sessions.size >= MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
    sessions.set(host, session);
  }

  return {
    isForAllHosts: false,
    open(host, onread, onReady) {
      const session = sessions.get(host);
      // `onread` is documented for it, but not in its types.
      const options: tls.ConnectionOptions & { onread: OnReadOpts } = {
        ...place,
        host: connect?.host ?? host,
        servername: host,
        onread,
        ...(session && { session }),
      };
      const socket = tls.connect(options, () => {
        rememberSession(host, socket.getSession());
        socket.on('session', (later) => rememberSession(host, later));
        onReady();
      });
      return prepared(socket);
    },
  };
}

/** Small writes leave at once, dead peers are noticed, and no idle socket keeps the process alive. */
function prepared(socket: Socket): Socket {
  return socket.setNoDelay(true).setKeepAlive(true, PROBE_AFTER_MS).unref();
}
