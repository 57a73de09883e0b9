import type { Text } from '../../workflows/process.js';
import type { Database } from '../../prisma/client.js';

/** RL-52, RL-53: what is out of order, in all three languages, as long as it is. */
const texts = {
  'signing-sms-down': {
    sv: 'Signering med SMS-kod fungerar inte just nu. Det går att signera med BankID, och att lägga in, spara och skicka till examinator.',
    nb: 'Signering med SMS-kode virker ikke akkurat nå. Det går an å signere med BankID, og å legge inn, lagre og sende til sensor.',
    en: 'Signing with an SMS code does not work at the moment. You can sign with BankID, and enter, save and send to the examiner.',
  },
  'signing-bankid-down': {
    sv: 'Signering med BankID fungerar inte just nu. Det går att signera med SMS-kod, och att lägga in, spara och skicka till examinator.',
    nb: 'Signering med BankID virker ikke akkurat nå. Det går an å signere med SMS-kode, og å legge inn, lagre og sende til sensor.',
    en: 'Signing with BankID does not work at the moment. You can sign with an SMS code, and enter, save and send to the examiner.',
  },
  'signing-down': {
    sv: 'Det går inte att signera listor just nu. Det går bra att lägga in resultat, spara och skicka till examinator; inget behöver matas in igen.',
    nb: 'Det går ikke an å signere lister akkurat nå. Det går fint å legge inn resultater, lagre og sende til sensor; ingenting må legges inn på nytt.',
    en: 'Lists cannot be signed at the moment. You can enter results, save and send to the examiner; nothing has to be entered again.',
  },
  'register-down': {
    sv: 'Ladok svarar inte just nu. Det som ska dit går dit av sig självt när Ladok svarar igen.',
    nb: 'Ladok svarer ikke akkurat nå. Det som skal dit, går dit av seg selv når Ladok svarer igjen.',
    en: 'The register does not answer at the moment. What is to go there goes by itself when it answers again.',
  },
  'fs-down': {
    sv: 'FS svarar inte just nu. Det som ska föras in där förs in av sig självt när FS svarar igen.',
    nb: 'FS svarer ikke akkurat nå. Det som skal føres inn der, føres inn av seg selv når FS svarer igjen.',
    en: 'FS does not answer at the moment. What is to be entered there is entered by itself when it answers again.',
  },
  'archive-down': {
    sv: 'Arkivet svarar inte just nu. Det som ska arkiveras går dit av sig självt när det svarar igen.',
    nb: 'Arkivet svarer ikke akkurat nå. Det som skal arkiveres, går dit av seg selv når det svarer igjen.',
    en: 'The archive does not answer at the moment. What is to be archived goes there by itself when it answers again.',
  },
  'staff-register-down': {
    sv: 'Personalregistret svarar inte just nu. Nya roller och ändrade telefonnummer gäller här först när det svarar igen.',
    nb: 'Personalregisteret svarer ikke akkurat nå. Nye roller og endrede telefonnumre gjelder her først når det svarer igjen.',
    en: 'The staff register does not answer at the moment. New roles and changed phone numbers count here only when it answers again.',
  },
  'registry-system-down': {
    sv: 'Diariet svarar inte just nu. Det som ska antecknas där antecknas av sig självt när det svarar igen.',
    nb: 'Journalen svarer ikke akkurat nå. Det som skal føres der, føres av seg selv når den svarer igjen.',
    en: 'The registry system does not answer at the moment. What is to be logged there is logged by itself when it answers again.',
  },
} as const satisfies Record<string, Text>;

/** A notice as people see it; one that operations have set has an id and times. */
export interface Shown extends Text {
  readonly code: string;
  readonly id?: string;
  readonly from?: string;
  readonly to?: string | null;
}

/**
 * The notices of this moment: what operations tell, and what is seen to be down. With `planned` those of operations that are
 * still to come.
 */
export async function notices(db: Database, institution: string, planned = false): Promise<Shown[]> {
  return [...(await told(db, institution, planned)), ...(planned ? [] : await seenDown(db))];
}

async function told(db: Database, institution: string, planned: boolean): Promise<Shown[]> {
  const now = new Date();
  const rows = await db.notice.findMany({
    where: {
      institution,
      endedAt: null,
      fromTime: planned ? { gt: now } : { lte: now },
      OR: [{ toTime: null }, { toTime: { gt: now } }],
    },
    orderBy: [{ fromTime: 'asc' }, { id: 'asc' }],
    take: 50,
  });
  return rows.map(({ id, sv, nb, en, fromTime, toTime }) => ({
    code: 'from-operations',
    id,
    sv,
    nb,
    en,
    from: fromTime.toISOString(),
    to: toTime?.toISOString() ?? null,
  }));
}

async function seenDown(db: Database): Promise<Shown[]> {
  const down = new Set((await db.partnerHealth.findMany({ where: { up: false } })).map((row) => row.partner));
  const codes: (keyof typeof texts)[] = [];
  if (down.has('sms') && down.has('bankid')) codes.push('signing-down');
  else if (down.has('sms')) codes.push('signing-sms-down');
  else if (down.has('bankid')) codes.push('signing-bankid-down');
  if (down.has('ladok')) codes.push('register-down');
  if (down.has('fs')) codes.push('fs-down');
  if (down.has('archive')) codes.push('archive-down');
  if (down.has('staff-register')) codes.push('staff-register-down');
  if (down.has('registry-system')) codes.push('registry-system-down');
  return codes.map((code) => ({ code, ...texts[code] }));
}
