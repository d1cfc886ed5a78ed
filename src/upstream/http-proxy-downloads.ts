import { createRequire } from 'node:module';
import util from 'node:util';
import type ProxyServer from 'http-proxy';
import { Download, type DownloadLimits, type DownloadResult } from './download.ts';
import {
  type AgentSettings,
  closeIdle,
  createKeepAliveAgent,
  idleCount,
} from './keep-alive-agent.ts';
import type { ConnectTarget } from './open-socket.ts';
import type { WireRequest } from './wire-request.ts';

export interface DownloadSettings extends AgentSettings {
  /** One fixed place instead of https to the request's own host: for the local Cloud Infinite. */
  readonly connect: ConnectTarget | null;
}

export interface Downloads {
  /** Count what a signed request downloads. Settles exactly once, and never rejects. */
  count(request: WireRequest, limits: DownloadLimits): Promise<DownloadResult>;
  close(): void;
}

/**
 * Download through http-proxy, used so that none of its known faults can touch what is sent: the
 * request is a synthetic one, its headers are final before it is handed over, and the answer is
 * counted and dropped as it comes.
 */
export function createDownloads(settings: DownloadSettings): Downloads {
  const { connect, idleSockets } = settings;
  const protocol = connect?.protocol ?? 'https:';
  const agent = createKeepAliveAgent(protocol, settings);
  const knownSockets = new WeakSet<object>();
  let proxy: ProxyServer | null = null;

  function open(): ProxyServer {
    // The request's url is used as it is, not parsed again.
    const opened = loadHttpProxy().createProxyServer({
      agent,
      selfHandleResponse: true,
      toProxy: true,
    });
    opened.on('proxyReq', (request, download) => {
      const socket = request.socket ?? {};
      downloadOf(download).connecting(request, knownSockets.has(socket));
      knownSockets.add(socket);
    });
    opened.on('proxyRes', (response, download) => downloadOf(download).answered(response));
    opened.on('error', (_, download) => downloadOf(download).fail('reset'));
    opened.on('econnreset', (_, download) => downloadOf(download).fail('reset'));
    return opened;
  }

  function attempt(request: WireRequest, limits: DownloadLimits): Promise<DownloadResult> {
    proxy ??= open();
    const download = new Download(request, limits);
    const target = connect ?? { protocol, host: request.host, port: 443 };
    try {
      proxy.web(download as never, STUB_RESPONSE, { target, method: request.method });
    } catch {
      download.fail('unreachable');
    }
    return download.result;
  }

  return {
    async count(request, limits) {
      const endsAt = performance.now() + limits.deadlineMs;
      if (idleCount(agent) > idleSockets) closeIdle(agent);
      const first = await attempt(request, limits);
      if (first.kind === 'answer' || !first.isStaleSocket) return first;
      closeIdle(agent);
      const deadlineMs = Math.max(endsAt - performance.now(), 1);
      return limits.signal.aborted ? first : attempt(request, { ...limits, deadlineMs });
    },
    close: () => agent.destroy(),
  };
}

/** http-proxy only asks it whether it is finished; nothing is ever written to it. */
const STUB_RESPONSE = Object.freeze({ headersSent: false, finished: false }) as never;

function downloadOf(request: unknown): Download {
  return request as Download; // `attempt` above is the only caller of `web`.
}

/**
 * http-proxy takes `util._extend` when it is loaded, and would print its deprecation (DEP0060).
 * While it loads it finds `Object.assign` there, which does the same.
 */
function loadHttpProxy(): typeof ProxyServer {
  const legacy = util as unknown as { _extend: unknown }; // Node's types leave the old name out.
  const deprecated = legacy._extend;
  legacy._extend = Object.assign;
  try {
    return createRequire(import.meta.url)('http-proxy');
  } finally {
    legacy._extend = deprecated;
  }
}
