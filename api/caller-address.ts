import { isIP, type BlockList } from 'node:net';
import type { Context } from 'hono';

/** An address as proxies write it, perhaps with a port; undefined where it is none. */
const plain = (written: string): string | undefined => {
  const [, bracketed, four] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(written.trim()) ?? [];
  const address = (bracketed ?? four ?? written.trim()).replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIP(address) && !address.includes('%') ? address : undefined;
};

const isOneOf = (proxies: BlockList, address: string): boolean => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * The address somebody called from (RL-40: BankID wants it): the one that the server saw, or, where that is a proxy of ours, the last
 * in `X-Forwarded-For` that is none. What stands before that one the caller may have written, and is not believed.
 */
export function addressOf(c: Context, proxies: BlockList): string | null {
  const incoming = (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  let nearest = plain(incoming?.socket?.remoteAddress ?? '');
  if (!nearest) return null;
  for (const written of (c.req.header('X-Forwarded-For') ?? '').split(',').toReversed()) {
    if (!isOneOf(proxies, nearest)) break;
    const next = plain(written);
    if (!next) break;
    nearest = next;
  }
  return nearest;
}
