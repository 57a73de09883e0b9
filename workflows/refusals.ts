import type { Text } from './process.js';

/**
 * Every no that a person can meet, in the three languages. `{name}` is filled from the refusal's details.
 * A code that is used and missing here does not compile, nor does a language that is left out.
 */
export const refusalTexts = {
  'no-such-command': { sv: 'Det finns ingen sådan åtgärd.', nb: 'Det finnes ingen slik handling.', en: 'There is no such command.' },
  'no-such-case': { sv: 'Det finns inget ärende med det numret.', nb: 'Det finnes ingen sak med det nummeret.', en: 'There is no case with that number.' },
  'not-yours-to-give': { sv: 'Åtgärden ”{command}” kräver en annan roll eller en annan kurs.', nb: 'Handlingen «{command}» krever en annen rolle eller et annet emne.', en: 'The command "{command}" needs another role or another course.' },
  'not-yours-to-open': { sv: 'Du har ingen roll som öppnar det här.', nb: 'Du har ingen rolle som åpner dette.', en: 'You hold no role that opens this.' },
  'wrong-state': { sv: 'Åtgärden ”{command}” går inte när ärendet är i läget ”{state}”.', nb: 'Handlingen «{command}» går ikke når saken er i tilstanden «{state}».', en: 'The command "{command}" is not possible while the case is "{state}".' },
  'changed-meanwhile': { sv: 'Innehållet har ändrats sedan du läste det (version {version} nu). Läs om och försök igen.', nb: 'Innholdet er endret siden du leste det (versjon {version} nå). Les på nytt og prøv igjen.', en: 'The content was changed since you read it (version {version} now). Read it again and retry.' },
  'key-used-otherwise': { sv: 'Nyckeln i Idempotency-Key har redan använts för ett annat innehåll.', nb: 'Nøkkelen i Idempotency-Key er allerede brukt for et annet innhold.', en: 'The Idempotency-Key was already used with another content.' },
  'unsealed': { sv: 'Kommandot kom inte genom tjänsten.', nb: 'Kommandoen kom ikke gjennom tjenesten.', en: 'The command did not come through the service.' },
  'invalid-input': { sv: 'Innehållet har fel form: {fields}.', nb: 'Innholdet har feil form: {fields}.', en: 'The content has the wrong form: {fields}.' },
  'unknown-module': { sv: 'Provkoden {module} finns inte på kursen {course}.', nb: 'Delen {module} finnes ikke på emnet {course}.', en: 'There is no module {module} on the course {course}.' },
  'nobody-examines': { sv: 'Kursen {course} har ingen examinator idag.', nb: 'Emnet {course} har ingen sensor i dag.', en: 'Nobody is examiner of the course {course} today.' },
  'bad-date': { sv: 'Datum skrivs ÅÅÅÅ-MM-DD och måste finnas i kalendern ({count} rader).', nb: 'Dato skrives ÅÅÅÅ-MM-DD og må finnes i kalenderen ({count} rader).', en: 'A date is written YYYY-MM-DD and has to exist in the calendar ({count} rows).' },
  'future-date': { sv: 'Examinationsdatum kan inte ligga i framtiden ({count} rader).', nb: 'Eksamensdato kan ikke ligge i framtiden ({count} rader).', en: 'An examination date cannot lie in the future ({count} rows).' },
  'grade-not-in-scale': { sv: 'Betyget finns inte i betygsskalan {scale} ({count} rader).', nb: 'Karakteren finnes ikke i skalaen {scale} ({count} rader).', en: 'The grade is not in the scale {scale} ({count} rows).' },
  'not-on-list': { sv: 'Studenten finns inte på listan ({count} rader).', nb: 'Studenten er ikke på listen ({count} rader).', en: 'The student is not on the list ({count} rows).' },
  'student-twice': { sv: 'Samma student förekommer två gånger ({count}).', nb: 'Samme student forekommer to ganger ({count}).', en: 'The same student occurs twice ({count}).' },
  'list-full': { sv: 'En lista rymmer högst {most} studenter.', nb: 'En liste rommer høyst {most} studenter.', en: 'A list holds at most {most} students.' },
  'nothing-to-report': { sv: 'Ingen rad på listan har betyg.', nb: 'Ingen rad på listen har karakter.', en: 'No row on the list has a grade.' },
  'date-missing': { sv: '{count} rader med betyg saknar examinationsdatum och därför terminsregistrering att kontrollera mot.', nb: '{count} rader med karakter mangler eksamensdato, og dermed semesterregistrering å kontrollere mot.', en: '{count} rows with a grade lack the examination date, and so a term registration to check against.' },
  'not-registered': { sv: '{count} rader saknar giltig registrering på examinationsdatumet. Kontakta Kurs- och programstöd.', nb: '{count} rader mangler gyldig registrering på eksamensdatoen. Kontakt studieadministrasjonen.', en: '{count} rows have no valid registration on the examination date. Contact the course office.' },
  'signing-down': { sv: 'Signering är tillfälligt ur funktion. Allt annat går som vanligt och listan ligger kvar.', nb: 'Signering er midlertidig ute av drift. Alt annet virker som vanlig, og listen blir liggende.', en: 'Signing is temporarily down. Everything else works, and the list stays as it is.' },
  'no-mobile': { sv: 'Det finns inget mobilnummer i personalregistret. Signera med BankID eller rätta numret där.', nb: 'Det finnes ikke noe mobilnummer i personalregisteret. Signer med BankID eller rett nummeret der.', en: 'The staff register holds no mobile number. Sign with BankID or correct the number there.' },
  'mobile-changed': { sv: 'Mobilnumret ändrades för mindre än ett dygn sedan. Signera med BankID eller vänta.', nb: 'Mobilnummeret ble endret for mindre enn ett døgn siden. Signer med BankID eller vent.', en: 'The mobile number was changed less than a day ago. Sign with BankID or wait.' },
  'sms-locked': { sv: 'För många felaktiga koder i rad. Signera med BankID eller kontakta driften.', nb: 'For mange feil koder på rad. Signer med BankID eller kontakt driften.', en: 'Too many wrong codes in a row. Sign with BankID or contact operations.' },
  'too-many-codes': { sv: 'För många koder har begärts. Vänta eller signera med BankID.', nb: 'For mange koder er bestilt. Vent eller signer med BankID.', en: 'Too many codes were asked for. Wait, or sign with BankID.' },
  'code-not-accepted': { sv: 'Koden godtas inte.', nb: 'Koden godtas ikke.', en: 'The code is not accepted.' },
  'proof-not-valid': { sv: 'Signeringen gäller inte längre. Begär en ny kod eller signera med BankID igen.', nb: 'Signeringen gjelder ikke lenger. Be om en ny kode eller signer med BankID på nytt.', en: 'The proof is no longer valid. Ask for a new code or sign with BankID again.' },
  'not-your-proof': { sv: 'Signeringen tillhör någon annan.', nb: 'Signeringen tilhører noen andre.', en: 'The proof belongs to somebody else.' },
  'content-changed': { sv: 'Listan har ändrats sedan koden begärdes. Begär en ny.', nb: 'Listen er endret siden koden ble bestilt. Be om en ny.', en: 'The list was changed since the code was asked for. Ask for a new one.' },
  'bankid-running': { sv: 'En signering med BankID pågår redan.', nb: 'En signering med BankID pågår allerede.', en: 'A signature with BankID is already under way.' },
  'control-number-mistyped': { sv: 'Kontrollnumret är felskrivet (kontrollsiffran stämmer inte).', nb: 'Kontrollnummeret er feilskrevet (kontrollsifferet stemmer ikke).', en: 'The control number is mistyped (its check digit is wrong).' },
  'control-number-wrong': { sv: 'Kontrollnumret hör inte till den signerade listan.', nb: 'Kontrollnummeret hører ikke til den signerte listen.', en: 'The control number does not belong to the signed list.' },
  'not-all-arrived': { sv: 'Alla rader är inte attesterade i registret.', nb: 'Ikke alle rader er attestert i registeret.', en: 'Not all rows are attested in the register.' },
  'nothing-to-repeat': { sv: 'Ingen rad behöver föras över igen.', nb: 'Ingen rad trenger å overføres på nytt.', en: 'No row needs to be transferred again.' },
  'not-due': { sv: 'Fristen har inte gått ut.', nb: 'Fristen er ikke utløpt.', en: 'The deadline has not passed.' },
  'sign-in-needed': { sv: 'Logga in: skicka en giltig biljett i Authorization.', nb: 'Logg inn: send en gyldig billett i Authorization.', en: 'Sign in: send a valid token in Authorization.' },
  'no-such-page': { sv: 'Adressen finns inte.', nb: 'Adressen finnes ikke.', en: 'There is nothing at this address.' },
  'method-not-allowed': { sv: 'Metoden går inte på den här adressen.', nb: 'Metoden går ikke på denne adressen.', en: 'This method is not possible at this address.' },
  'too-large': { sv: 'Innehållet är för stort.', nb: 'Innholdet er for stort.', en: 'The content is too large.' },
  'wrong-media-type': { sv: 'Innehållet måste vara application/json.', nb: 'Innholdet må være application/json.', en: 'The content has to be application/json.' },
  'malformed': { sv: 'Innehållet går inte att läsa som JSON.', nb: 'Innholdet kan ikke leses som JSON.', en: 'The content cannot be read as JSON.' },
  'not-now': { sv: 'Tjänsten kan inte ta emot åtgärden just nu. Försök igen med samma nyckel.', nb: 'Tjenesten kan ikke ta imot handlingen akkurat nå. Prøv igjen med samme nøkkel.', en: 'The service cannot take the command right now. Try again with the same key.' },
  'our-fault': { sv: 'Något gick fel hos oss. Uppge {requestId} om du hör av dig.', nb: 'Noe gikk galt hos oss. Oppgi {requestId} hvis du tar kontakt.', en: 'Something went wrong on our side. Quote {requestId} if you contact us.' },
  'too-busy': { sv: 'Ärendet tar emot för många åtgärder just nu. Försök igen om en stund.', nb: 'Saken tar imot for mange handlinger akkurat nå. Prøv igjen om litt.', en: 'The case is taking too many commands right now. Try again in a moment.' },
} as const satisfies Readonly<Record<string, Text>>;

/** The name of a no, as it stands in the problem's `code` and in the audit. */
export type RefusalCode = keyof typeof refusalTexts;
