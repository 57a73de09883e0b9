import { existsSync, readFileSync } from 'node:fs';
import { createDatabase } from '../prisma/client.js';
import { compareWithCopy, verifyChain } from './audit.js';
import { PartnerRefused, PartnerUnavailable } from './outbound.js';
import { registrySystem } from './registry-system.js';

/**
 * `npm run audit:verify`: proves every institution's chain in the database at DATABASE_URL, and compares it with what the registry system at
 * REGISTRY_SYSTEM_URL holds (else with those of `npm start`). Names the first bad entry and ends with 1; ends with 2 when it could not look.
 */
const setting = (name: string, beside: string): string | undefined => {
  const file = new URL(`../.registrar/${beside}`, import.meta.url);
  return process.env[name] ?? (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
};
const url = setting('DATABASE_URL', 'database-url');
if (!url) {
  console.error('Set DATABASE_URL to the database whose audit is to be verified, or run npm start first.');
  process.exit(2);
}
const there = setting('REGISTRY_SYSTEM_URL', 'registry-system-url');
const db = createDatabase({ url, connections: 1, name: 'registrar-audit-verify' });
const registry = there ? registrySystem({ baseUrl: there, token: process.env['REGISTRY_SYSTEM_TOKEN'] ?? 'simulated', timeoutMs: 20_000 }) : undefined;

const differences = { differs: 'is another in the registry system', 'missing-here': 'is in the registry system and not here', 'missing-there': 'is not in the registry system, but later ones are' } as const;
const bad = { proven: 0, compared: registry ? 0 : 2 };
for (const { code } of await db.institution.findMany({ orderBy: { code: 'asc' } })) {
  const chain = await verifyChain(db, code);
  console.log(chain.ok ? `${code}: ${chain.entries} entries, the chain is whole, head ${chain.head}` : `${code}: entry ${chain.seq} is wrong (${chain.why})`);
  if (!chain.ok) bad.proven = 1;
  if (!registry) continue;
  try {
    const copy = await compareWithCopy(db, registry, code);
    console.log(copy.ok ? `${code}: ${copy.compared} entries are the same in the registry system, ${copy.waiting} are not handed over yet` : `${code}: entry ${copy.seq} ${differences[copy.why]}`);
    if (!copy.ok) bad.proven = 1;
  } catch (cause) {
    if (!(cause instanceof PartnerUnavailable || cause instanceof PartnerRefused)) throw cause;
    console.error(`${code}: not compared: ${cause.message}`);
    bad.compared = 2;
  }
}
if (!registry) console.error('Not compared with the registry system: set REGISTRY_SYSTEM_URL and REGISTRY_SYSTEM_TOKEN.');
await registry?.close();
await db.$disconnect();
process.exit(bad.proven || bad.compared);
