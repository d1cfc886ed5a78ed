import type { Socket } from 'node:net';

/**
 * The address at the other end; null when it is gone. An IPv4 address that arrives on an IPv6
 * socket is still that IPv4 address.
 */
export function peerAddressOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string | null {
  return remoteAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '') ?? null;
}
