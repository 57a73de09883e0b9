import { crowd } from '../simulators/sample.js';
import { wholeWay, type Went } from '../support/crowd.js';
import { startServers } from '../support/servers.js';
import { openUniversity } from '../support/university.js';

const PATIENCE_MS = 15 * 60_000;

/**
 * A list of a thousand students from draft to the last letter, saved whole two hundred times on the way. In one process, on
 * servers of its own.
 */
export async function size(input: { rows: number; saves: number }): Promise<Went> {
  crowd(input.rows);
  const servers = await startServers();
  Object.assign(process.env, servers.env);
  try {
    const at = await openUniversity();
    try {
      return await wholeWay(at, input.saves, PATIENCE_MS);
    } finally {
      await at.close();
    }
  } finally {
    await servers.stop();
  }
}
