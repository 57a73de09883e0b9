import { createServer } from 'node:net';

/**
 * Below the ports that systems give to whoever asks for any, so that no connection takes one before it is used, or between a stop
 * and a start.
 */
const [FIRST, LAST] = [20_000, 32_000];

const isFree = (port: number): Promise<boolean> =>
  new Promise((free) => {
    const server = createServer().once('error', () => free(false));
    server.listen({ port, exclusive: true }, () => server.close(() => free(true)));
  });

/** The first of so many ports in a row that are free everywhere on this machine. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const base = FIRST + count * Math.floor((Math.random() * (LAST - FIRST - count)) / count);
    const free = await Promise.all(Array.from({ length: count }, (_, place) => isFree(base + place)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${count} free ports in a row`);
}
