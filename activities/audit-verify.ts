import { existsSync, readFileSync } from 'node:fs';
import { createDatabase } from '../prisma/client.js';
import { verifyChain } from './audit.js';

/**
 * `npm run audit:verify`: proves every institution's chain in the database at DATABASE_URL (else the one of `npm start`), or names the first bad entry and ends with 1.
 */
const beside = new URL('../.registrar/database-url', import.meta.url);
const url = process.env['DATABASE_URL'] ?? (existsSync(beside) ? readFileSync(beside, 'utf8') : undefined);
if (!url) {
  console.error('Set DATABASE_URL to the database whose audit is to be verified, or run npm start first.');
  process.exit(2);
}
const db = createDatabase({ url, connections: 1, name: 'registrar-audit-verify' });
const institutions = await db.institution.findMany({ orderBy: { code: 'asc' } });
const reports = await Promise.all(institutions.map(({ code }) => verifyChain(db, code)));
for (const report of reports)
  console.log(report.ok ? `${report.institution}: ${report.entries} entries, the chain is whole, head ${report.head}` : `${report.institution}: entry ${report.seq} is wrong (${report.why})`);
await db.$disconnect();
process.exit(reports.every((report) => report.ok) ? 0 : 1);
