import { existsSync, readFileSync } from 'node:fs';
import { createDatabase } from '../prisma/client.js';
import path from 'node:path';
import { compareWithCopy, verifyChain } from '../activities/audit.js';
import { PartnerRefused, PartnerUnavailable } from '../activities/outbound.js';
import { registrySystem } from '../activities/registry-system.js';
import { StartProblem } from './embedded/owned-process.js';
import { readSettings } from './embedded/settings.js';

/**
 * `npm run audit:verify`: proves every institution's chain in the database at DATABASE_URL, and compares it with what the
 * registry system at REGISTRY_SYSTEM_URL holds (else those of `npm start` in the folder of its data). Names the first bad entry
 * and ends with 1; ends with 2 when it could not look.
 */
const stop = (sentence: string): never => {
  console.error(sentence);
  process.exit(2);
};
const folderOfStart = (): string => {
  try {
    return readSettings().folder;
  } catch (cause) {
    if (cause instanceof StartProblem) return stop(cause.message);
    throw cause;
  }
};
const folder = folderOfStart();
const setting = (name: string, beside: string): string | undefined => {
  const file = path.join(folder, beside);
  return process.env[name] ?? (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
};
const url = setting('DATABASE_URL', 'database-url');
if (!url)
  stop(`Set DATABASE_URL to the database whose audit is to be verified, or run npm start first (there is none in ${folder}).`);
console.log(
  process.env['DATABASE_URL'] ? 'verifying the database at DATABASE_URL' : `verifying the database of npm start in ${folder}`,
);
const there = setting('REGISTRY_SYSTEM_URL', 'registry-system-url');
const db = createDatabase({ url: String(url), connections: 1, name: 'registrar-audit-verify' });
const registry = there
  ? registrySystem({ baseUrl: there, token: process.env['REGISTRY_SYSTEM_TOKEN'] ?? 'simulated', timeoutMs: 20_000 })
  : undefined;

const differences = {
  differs: 'is another in the registry system',
  'missing-here': 'is in the registry system and not here',
  'missing-there': 'is not in the registry system, but later ones are',
} as const;
const bad = { proven: 0, compared: registry ? 0 : 2 };
/** A look that failed proves nothing, and is no bad entry. */
const unread = (cause: { readonly code?: string; readonly name: string }): never =>
  stop(`The database cannot be read (${cause.code ?? cause.name}): is it running, and is it Registrar's?`);
const institutions = await db.institution.findMany({ orderBy: { code: 'asc' } }).catch(unread);
for (const { code } of institutions) {
  const chain = await verifyChain(db, code).catch(unread);
  console.log(
    chain.ok
      ? `${code}: ${chain.entries} entries, the chain is whole, head ${chain.head}`
      : `${code}: entry ${chain.seq} is wrong (${chain.why})`,
  );
  if (!chain.ok) bad.proven = 1;
  if (!registry) continue;
  try {
    const copy = await compareWithCopy(db, registry, code);
    console.log(
      copy.ok
        ? `${code}: ${copy.compared} entries are the same in the registry system, ${copy.waiting} are not handed over yet`
        : `${code}: entry ${copy.seq} ${differences[copy.why]}`,
    );
    if (!copy.ok) bad.proven = 1;
  } catch (cause) {
    if (!(cause instanceof PartnerUnavailable || cause instanceof PartnerRefused)) unread(cause as Error);
    console.error(`${code}: not compared: ${(cause as Error).message}`);
    bad.compared = 2;
  }
}
if (!registry) console.error('Not compared with the registry system: set REGISTRY_SYSTEM_URL and REGISTRY_SYSTEM_TOKEN.');
await registry?.close();
await db.$disconnect();
process.exit(bad.proven || bad.compared);
