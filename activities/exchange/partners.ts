import type { Database } from '../../prisma/client.js';
import type { ExchangeRegistry } from './registry.js';

/**
 * Brings the institutions as the registry lists them, ours among them. One that it lists no more keeps its row with `listed`
 * false, so that what was fetched there stays readable. A registry that is down, or says what cannot be read, changes nothing:
 * this throws and nothing is written.
 */
export async function refreshPartners({
  db,
  registry,
  at,
}: {
  readonly db: Database;
  readonly registry: ExchangeRegistry;
  readonly at: Date;
}): Promise<void> {
  const listed = await registry.institutions();
  await db.$transaction([
    db.$executeRaw`
      INSERT INTO exchange_partners (code, number, name_nb, name_en, url, keys, listed, taken_at)
      SELECT code, number, "nameNb", "nameEn", url, keys, true, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(listed)}::jsonb) AS one (code text, number text, "nameNb" text, "nameEn" text, url text, keys text[])
      ON CONFLICT (code) DO UPDATE SET number = EXCLUDED.number, name_nb = EXCLUDED.name_nb, name_en = EXCLUDED.name_en, url = EXCLUDED.url, keys = EXCLUDED.keys,
        listed = true, taken_at = EXCLUDED.taken_at`,
    db.exchangePartner.updateMany({
      where: { code: { notIn: listed.map(({ code }) => code) }, listed: true },
      data: { listed: false, takenAt: at },
    }),
  ]);
}
