import type { CivilDate } from '../workflows/rules/civil-time.js';
import { countryOf, type Calendar } from '../workflows/rules/working-days.js';
import type { Transaction } from '../prisma/client.js';
import { settingOn } from './settings.js';

/**
 * The working days of an institution as it had set them on a day, and the zone they are days of: public holidays of its country
 * and days off of its own.
 */
export async function calendarOf(
  tx: Transaction,
  institution: string,
  on: CivilDate,
): Promise<{ readonly zone: string; readonly calendar: Calendar }> {
  const { zone } = await tx.institution.findUniqueOrThrow({ where: { code: institution } });
  return { zone, calendar: { country: countryOf(zone), own: await settingOn(tx, { institution, name: 'holidays', on }) } };
}
