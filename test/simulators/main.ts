import { portNames, startSimulators, type PortName } from './index.js';

/**
 * The simulated world as a child process. `SIM_FOLDER` keeps it (absent: in memory), `SIM_PORT_BASE` gives the first of thirteen
 * ports in the order of `portNames`, and the fifty from twenty after it are the institutions' (absent: any), `SIM_API_URL` is the
 * address shown in commands. Prints one line of JSON, `{ "urls": … }`, when ready; stops on SIGTERM or SIGINT.
 */
const { SIM_FOLDER, SIM_PORT_BASE, SIM_API_URL } = process.env;
const first = Number(SIM_PORT_BASE || 0);
const INSTITUTIONS_FROM = 20;
if (!Number.isInteger(first) || first < 0 || first + INSTITUTIONS_FROM + 50 > 65_536)
  throw new Error('SIM_PORT_BASE is not a usable port');

const world = await startSimulators({
  folder: SIM_FOLDER || undefined,
  ports: first ? (Object.fromEntries(portNames.map((name, place) => [name, first + place])) as Record<PortName, number>) : {},
  ...(first ? { firstInstitution: first + INSTITUTIONS_FROM } : {}),
  apiUrl: SIM_API_URL || undefined,
});

const stop = () => void world.close().then(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.stdout.write(`${JSON.stringify({ urls: world.urls })}\n`);
