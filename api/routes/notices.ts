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
} as const satisfies Record<string, Text>;

/** The notices of this moment. */
export async function notices(db: Database): Promise<{ code: string; sv: string; nb: string; en: string }[]> {
  const down = new Set((await db.partnerHealth.findMany({ where: { up: false } })).map((row) => row.partner));
  const codes: (keyof typeof texts)[] = [];
  if (down.has('sms') && down.has('bankid')) codes.push('signing-down');
  else if (down.has('sms')) codes.push('signing-sms-down');
  else if (down.has('bankid')) codes.push('signing-bankid-down');
  if (down.has('ladok')) codes.push('register-down');
  return codes.map((code) => ({ code, ...texts[code] }));
}
