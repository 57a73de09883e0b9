import { inForce, defaults, type Dated, type Timeline } from '../workflows/settings/values.js';
import type { SettingName, SettingValue } from '../workflows/settings/schema.js';
import type { Instant } from '../workflows/rules/civil-time.js';
import { asDate, civil, type Transaction } from '../prisma/client.js';
import type { Refusal } from '../workflows/process.js';
import { mayEditPortal, type Portal } from './administration.js';
import type { Trace } from './case/once.js';

/** A value as somebody set it; a default has nobody, no moment and no reason. */
export interface SetValue extends Dated<unknown> {
  readonly setBy: string | null;
  readonly setAt: string | null;
  readonly reason: string | null;
}

/**
 * All values of a setting by their first day, the later set behind the earlier: the defaults of the code, and what the
 * institution has set.
 */
export async function settingHistory(tx: Transaction, institution: string, name: SettingName): Promise<SetValue[]> {
  const rows = await tx.setting.findMany({ where: { institution, name }, orderBy: { seq: 'asc' } });
  const set = rows.map((row) => ({
    from: civil(row.fromDate),
    value: row.value as unknown,
    setBy: row.setBy,
    setAt: row.setAt.toISOString(),
    reason: row.reason,
  }));
  const given = defaults[name].values.map((one) => ({ ...one, setBy: null, setAt: null, reason: null }));
  return [...given, ...set].sort((a, b) => (a.from === b.from ? 0 : a.from < b.from ? -1 : 1));
}

/** The values of a setting by their first day, for rules that ask for more than one day; as they were set by a moment, if told. */
export const settingValues = async <Name extends SettingName>(
  tx: Transaction,
  institution: string,
  name: Name,
  by?: Instant,
): Promise<Timeline<Name>> =>
  (await settingHistory(tx, institution, name)).filter(({ setAt }) => !by || !setAt || setAt <= by) as unknown as Timeline<Name>;

/** The value of a setting on a day (docs/decisions.md: the legal date of the matter, or today for settings of security and operation). */
export const settingOn = async <Name extends SettingName>(
  tx: Transaction,
  ask: { institution: string; name: Name; on: string },
): Promise<SettingValue<Name>> => inForce(await settingValues(tx, ask.institution, ask.name), ask.on);

/** Sets a value from a day on. By operations in administration mode; what was set before stays on record. */
export async function setSetting(
  tx: Transaction,
  input: Portal & { name: SettingName; value: unknown; from: string; reason: string },
  trace: Trace,
): Promise<{ readonly name: SettingName; readonly from: string } | Refusal> {
  const { actor, name, from } = input;
  const details = { setting: name, from };
  const no = await mayEditPortal(tx, input, 'set');
  if (no) {
    await trace({ caseId: null, details }, no);
    return no;
  }
  const { seq } = await tx.setting.create({
    data: {
      institution: actor.institution,
      name,
      fromDate: asDate(from),
      value: input.value as object,
      setBy: actor.id,
      reason: input.reason,
    },
  });
  await trace({ caseId: null, details: { ...details, entry: String(seq) } });
  return { name, from };
}
