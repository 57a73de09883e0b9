import type { Text } from './process.js';

/**
 * Every no that a person can meet, in the three languages. `{name}` is filled from the refusal's details.
 * A code that is used and missing here does not compile, nor does a language that is left out.
 */
export const refusalTexts = {
  'no-such-command': {
    sv: 'Det finns ingen sådan åtgärd.',
    nb: 'Det finnes ingen slik handling.',
    en: 'There is no such command.',
  },
  'no-such-case': {
    sv: 'Det finns inget ärende med det numret.',
    nb: 'Det finnes ingen sak med det nummeret.',
    en: 'There is no case with that number.',
  },
  'not-yours-to-give': {
    sv: 'Åtgärden ”{command}” kräver en annan roll eller en annan kurs.',
    nb: 'Handlingen «{command}» krever en annen rolle eller et annet emne.',
    en: 'The command "{command}" needs another role or another course.',
  },
  'not-yours-to-open': {
    sv: 'Du har ingen roll som öppnar det här.',
    nb: 'Du har ingen rolle som åpner dette.',
    en: 'You hold no role that opens this.',
  },
  'wrong-state': {
    sv: 'Åtgärden ”{command}” går inte när ärendet är i läget ”{state}”.',
    nb: 'Handlingen «{command}» går ikke når saken er i tilstanden «{state}».',
    en: 'The command "{command}" is not possible while the case is "{state}".',
  },
  'changed-meanwhile': {
    sv: 'Innehållet har ändrats sedan du läste det (version {version} nu). Läs om och försök igen.',
    nb: 'Innholdet er endret siden du leste det (versjon {version} nå). Les på nytt og prøv igjen.',
    en: 'The content was changed since you read it (version {version} now). Read it again and retry.',
  },
  'not-three-yes': {
    sv: 'Inget lämnas ut: svaret på de tre frågorna är {outcome}.',
    nb: 'Ingenting utleveres: svaret på de tre spørsmålene er {outcome}.',
    en: 'Nothing is handed over: the answer to the three questions is {outcome}.',
  },
  'signature-not-accepted': {
    sv: 'Begäran är inte rätt signerad ({why}).',
    nb: 'Forespørselen er ikke riktig signert ({why}).',
    en: 'The request is not rightly signed ({why}).',
  },
  'diploma-of-no-degree': {
    sv: 'Bara en kvalifikation har ett datum för examensbeviset.',
    nb: 'Bare en kvalifikasjon har en utleveringsdato for vitnemål.',
    en: 'Only a qualification has a diploma date.',
  },
  'kind-and-category-differ': {
    sv: 'En kvalifikation, och bara den, har kategorin kvalifikation.',
    nb: 'En kvalifikasjon, og bare den, har kategorien kvalifikasjon.',
    en: 'A qualification, and nothing else, has the category qualification.',
  },
  'no-such-qualification': {
    sv: 'Personen har ingen kvalifikation med den nyckeln som resultatet kan höra till.',
    nb: 'Personen har ingen kvalifikasjon med den nøkkelen som resultatet kan høre til.',
    en: 'The person has no qualification under that key for the result to belong to.',
  },
  'no-such-result': {
    sv: 'Det finns inget resultat med den nyckeln i våra protokoll.',
    nb: 'Det finnes ikke noe resultat med den nøkkelen i protokollene våre.',
    en: 'There is no result under that key on our protocols.',
  },
  'nothing-corrected': {
    sv: 'Rättelsen ändrar ingenting.',
    nb: 'Rettelsen endrer ingenting.',
    en: 'The correction changes nothing.',
  },
  'withdrawn-already': {
    sv: 'Resultatet är redan återkallat ({on}).',
    nb: 'Resultatet er allerede trukket tilbake ({on}).',
    en: 'The result is withdrawn already ({on}).',
  },
  'number-of-another': {
    sv: 'Numret är redan en annan persons ({person}). Ange den personen i merge om de är en och samma.',
    nb: 'Nummeret tilhører allerede en annen person ({person}). Oppgi den personen i merge hvis de er én og samme.',
    en: "The number is another person's already ({person}). Name that person in merge if they are one and the same.",
  },
  'number-of-nobody': {
    sv: 'Numret är inte den personens som ska slås samman.',
    nb: 'Nummeret tilhører ikke personen som skal slås sammen.',
    en: 'The number is not that of the person to be merged.',
  },
  'number-is-real': {
    sv: 'Bara ett tillfälligt nummer, ett D-nummer eller ett H-nummer ersätts, eller ett som skrivits fel.',
    nb: 'Bare et midlertidig nummer, et D-nummer eller et H-nummer erstattes, eller et som er skrevet feil.',
    en: 'Only a temporary number, a D-number or an H-number is replaced, or one that was mistyped.',
  },
  'number-is-theirs': {
    sv: 'Det är det nummer som personen har.',
    nb: 'Det er det nummeret personen har.',
    en: 'That is the number which the person has.',
  },
  'not-while-asking': {
    sv: 'En hämtning pågår för personen (nummer {number}). Vänta tills den är klar, eller stoppa den.',
    nb: 'En henting pågår for personen (nummer {number}). Vent til den er ferdig, eller stopp den.',
    en: 'A fetch is under way for the person (number {number}). Wait until it is over, or stop it.',
  },
  'not-a-student': {
    sv: 'Personen är inte registrerad som student här. Registrera studenten först.',
    nb: 'Personen er ikke registrert som student her. Registrer studenten først.',
    en: 'The person is not registered as a student here. Register the student first.',
  },
  'key-used-otherwise': {
    sv: 'Nyckeln i Idempotency-Key har redan använts för ett annat innehåll.',
    nb: 'Nøkkelen i Idempotency-Key er allerede brukt for et annet innhold.',
    en: 'The Idempotency-Key was already used with another content.',
  },
  unsealed: {
    sv: 'Kommandot kom inte genom tjänsten.',
    nb: 'Kommandoen kom ikke gjennom tjenesten.',
    en: 'The command did not come through the service.',
  },
  'invalid-input': {
    sv: 'Innehållet har fel form: {fields}.',
    nb: 'Innholdet har feil form: {fields}.',
    en: 'The content has the wrong form: {fields}.',
  },
  'key-needed': {
    sv: 'Skicka en egen nyckel i Idempotency-Key: 1–200 synliga ASCII-tecken.',
    nb: 'Send en egen nøkkel i Idempotency-Key: 1–200 synlige ASCII-tegn.',
    en: 'Send your own key in Idempotency-Key: 1 to 200 visible ASCII characters.',
  },
  'unknown-module': {
    sv: 'Provkoden {module} finns inte på kursen {course}.',
    nb: 'Delen {module} finnes ikke på emnet {course}.',
    en: 'There is no module {module} on the course {course}.',
  },
  'title-missing': {
    sv: 'Kursen {course} är ett examensarbete: ange arbetets titel, en per lista.',
    nb: 'Emnet {course} er en oppgave: oppgi tittelen, én per liste.',
    en: 'The course {course} is a degree project: give the title of the work, one a list.',
  },
  'title-not-wanted': {
    sv: 'Kursen {course} är inget examensarbete, så listan har ingen titel.',
    nb: 'Emnet {course} er ingen oppgave, så listen har ingen tittel.',
    en: 'The course {course} is no degree project, so the list has no title.',
  },
  'fetched-otherwise': {
    sv: 'En lista av slaget {kind} fylls inte så: T34 fylls med dem som kan få slutbetyg, T33 på övriga sätt.',
    nb: 'En liste av typen {kind} fylles ikke slik: T34 fylles med dem som kan få sluttkarakter, T33 på de andre måtene.',
    en: 'A list of the kind {kind} is not filled this way: a T34 by those who can get a final grade, a T33 in the other ways.',
  },
  'marked-on-module': {
    sv: 'Bara på en lista för hel kurs (T34) markeras studenter som inte ska ha betyg nu ({count}). Ta bort dem i stället.',
    nb: 'Bare på en liste for hele emnet (T34) merkes studenter som ikke skal ha karakter nå ({count}). Fjern dem i stedet.',
    en: 'Only on the list of a whole course (T34) are students marked who shall get no grade now ({count}). Remove them instead.',
  },
  'unknown-course': {
    sv: 'Kurskoden {course} finns inte.',
    nb: 'Emnekoden {course} finnes ikke.',
    en: 'There is no course {course}.',
  },
  'not-a-day': {
    sv: 'Datum skrivs ÅÅÅÅ-MM-DD och måste finnas i kalendern: {fields}.',
    nb: 'Dato skrives ÅÅÅÅ-MM-DD og må finnes i kalenderen: {fields}.',
    en: 'A date is written YYYY-MM-DD and has to exist in the calendar: {fields}.',
  },
  'begins-before-today': {
    sv: 'Perioden kan börja tidigast i dag ({today}).',
    nb: 'Perioden kan begynne tidligst i dag ({today}).',
    en: 'The period can begin today ({today}) at the earliest.',
  },
  'ends-before-it-begins': {
    sv: 'Slutdatumet {until} ligger före startdatumet {from}.',
    nb: 'Sluttdatoen {until} ligger før startdatoen {from}.',
    en: 'The end date {until} lies before the start date {from}.',
  },
  'ends-too-late': {
    sv: 'Slutdatum kan ligga högst tre år framåt i tiden ({latest}).',
    nb: 'Sluttdato kan ligge høyst tre år fram i tid ({latest}).',
    en: 'The end date can lie at most three years ahead ({latest}).',
  },
  'subscribed-already': {
    sv: 'Du prenumererar redan på kurskoden under den tiden (prenumeration {number}, till och med {until}).',
    nb: 'Du abonnerer allerede på emnekoden i det tidsrommet (abonnement {number}, til og med {until}).',
    en: 'You already subscribe to the course code in that period (subscription {number}, until {until}).',
  },
  'not-passed-on': {
    sv: 'Den som själv är ställföreträdare på kursen {course} kan inte lämna uppdraget vidare.',
    nb: 'Den som selv er stedfortreder på emnet {course}, kan ikke gi oppdraget videre.',
    en: 'Whoever acts for an examiner of the course {course} cannot pass that on.',
  },
  'not-examiner-then': {
    sv: 'Personen är inte examinator på kursen {course} den {from}.',
    nb: 'Personen er ikke sensor på emnet {course} den {from}.',
    en: 'That person is not examiner of the course {course} on {from}.',
  },
  'delegated-to-oneself': {
    sv: 'Ställföreträdaren måste vara någon annan än examinatorn och än du själv.',
    nb: 'Stedfortrederen må være en annen enn sensoren og enn deg selv.',
    en: 'Whoever acts for the examiner has to be somebody else than the examiner, and than you.',
  },
  'delegated-already': {
    sv: 'Personen är redan ställföreträdare under den tiden (nummer {number}, till och med {until}).',
    nb: 'Personen er allerede stedfortreder i det tidsrommet (nummer {number}, til og med {until}).',
    en: 'That person acts for the examiner in that period already (number {number}, until {until}).',
  },
  'delegated-too-long': {
    sv: 'En ställföreträdare utses för högst ett år (till och med {latest}).',
    nb: 'En stedfortreder utpekes for høyst ett år (til og med {latest}).',
    en: 'A delegation lasts one year at most (until {latest}).',
  },
  'nobody-examines': {
    sv: 'Kursen {course} har ingen examinator idag.',
    nb: 'Emnet {course} har ingen sensor i dag.',
    en: 'Nobody is examiner of the course {course} today.',
  },
  'bad-date': {
    sv: 'Datum skrivs ÅÅÅÅ-MM-DD och måste finnas i kalendern (antal rader: {count}).',
    nb: 'Dato skrives ÅÅÅÅ-MM-DD og må finnes i kalenderen (antall rader: {count}).',
    en: 'A date is written YYYY-MM-DD and has to exist in the calendar (rows: {count}).',
  },
  'future-date': {
    sv: 'Examinationsdatum kan inte ligga i framtiden (antal rader: {count}).',
    nb: 'Eksamensdato kan ikke ligge i framtiden (antall rader: {count}).',
    en: 'An examination date cannot lie in the future (rows: {count}).',
  },
  'grade-not-in-scale': {
    sv: 'Betyget finns inte i betygsskalan {scale} (antal rader: {count}).',
    nb: 'Karakteren finnes ikke i skalaen {scale} (antall rader: {count}).',
    en: 'The grade is not in the scale {scale} (rows: {count}).',
  },
  'not-on-list': {
    sv: 'Studenten finns inte på listan (antal rader: {count}).',
    nb: 'Studenten er ikke på listen (antall rader: {count}).',
    en: 'The student is not on the list (rows: {count}).',
  },
  'student-twice': {
    sv: 'Samma student förekommer två gånger ({count}).',
    nb: 'Samme student forekommer to ganger ({count}).',
    en: 'The same student occurs twice ({count}).',
  },
  'list-full': {
    sv: 'En lista rymmer högst {most} studenter.',
    nb: 'En liste rommer høyst {most} studenter.',
    en: 'A list holds at most {most} students.',
  },
  'nothing-to-report': {
    sv: 'Ingen rad på listan har betyg.',
    nb: 'Ingen rad på listen har karakter.',
    en: 'No row on the list has a grade.',
  },
  'date-missing': {
    sv: 'Examinationsdatum saknas på rader med betyg (antal: {count}), och därför terminsregistrering att kontrollera mot.',
    nb: 'Eksamensdato mangler på rader med karakter (antall: {count}), og dermed semesterregistrering å kontrollere mot.',
    en: 'The examination date is missing on rows with a grade (rows: {count}), and so a term registration to check against.',
  },
  'not-registered': {
    sv: 'Giltig registrering på examinationsdatumet, i den version av kursen som listan gäller, saknas (antal rader: {count}). Kontakta Kurs- och programstöd.',
    nb: 'Gyldig registrering på eksamensdatoen, i den versjonen av emnet som listen gjelder, mangler (antall rader: {count}). Kontakt studieadministrasjonen.',
    en: 'There is no valid registration on the examination date, in the version of the course that the list is about (rows: {count}). Contact the course office.',
  },
  'nobody-not-registered': {
    sv: 'Ingen student med examinationsdatum saknar giltig registrering.',
    nb: 'Ingen student med eksamensdato mangler gyldig registrering.',
    en: 'No student with an examination date lacks a valid registration.',
  },
  'all-not-registered': {
    sv: 'Alla rader på listan saknar giltig registrering; det finns ingen att skilja dem från.',
    nb: 'Alle rader på listen mangler gyldig registrering; det er ingen å skille dem fra.',
    en: 'All rows of the list lack a valid registration; there is none to part them from.',
  },
  'room-of-another-course': {
    sv: 'Kursrummet hör inte till kursen {course}.',
    nb: 'Kursrommet hører ikke til emnet {course}.',
    en: 'The room does not belong to the course {course}.',
  },
  'signing-down': {
    sv: 'Signering är tillfälligt ur funktion. Allt annat går som vanligt och listan ligger kvar.',
    nb: 'Signering er midlertidig ute av drift. Alt annet virker som vanlig, og listen blir liggende.',
    en: 'Signing is temporarily down. Everything else works, and the list stays as it is.',
  },
  'no-mobile': {
    sv: 'Det finns inget mobilnummer i personalregistret. Signera med BankID eller rätta numret där.',
    nb: 'Det finnes ikke noe mobilnummer i personalregisteret. Signer med BankID eller rett nummeret der.',
    en: 'The staff register holds no mobile number. Sign with BankID or correct the number there.',
  },
  'mobile-changed': {
    sv: 'Mobilnumret ändrades för mindre än ett dygn sedan. Signera med BankID eller vänta.',
    nb: 'Mobilnummeret ble endret for mindre enn ett døgn siden. Signer med BankID eller vent.',
    en: 'The mobile number was changed less than a day ago. Sign with BankID or wait.',
  },
  'sms-locked': {
    sv: 'För många felaktiga koder i rad. Signera med BankID eller kontakta driften.',
    nb: 'For mange feil koder på rad. Signer med BankID eller kontakt driften.',
    en: 'Too many wrong codes in a row. Sign with BankID or contact operations.',
  },
  'too-many-codes': {
    sv: 'För många koder har begärts. Vänta eller signera med BankID.',
    nb: 'For mange koder er bestilt. Vent eller signer med BankID.',
    en: 'Too many codes were asked for. Wait, or sign with BankID.',
  },
  'code-not-accepted': { sv: 'Koden godtas inte.', nb: 'Koden godtas ikke.', en: 'The code is not accepted.' },
  'proof-not-valid': {
    sv: 'Signeringen gäller inte längre. Begär en ny kod eller signera med BankID igen.',
    nb: 'Signeringen gjelder ikke lenger. Be om en ny kode eller signer med BankID på nytt.',
    en: 'The proof is no longer valid. Ask for a new code or sign with BankID again.',
  },
  'not-your-proof': {
    sv: 'Signeringen tillhör någon annan.',
    nb: 'Signeringen tilhører noen andre.',
    en: 'The proof belongs to somebody else.',
  },
  'content-changed': {
    sv: 'Listan har ändrats sedan koden begärdes. Begär en ny.',
    nb: 'Listen er endret siden koden ble bestilt. Be om en ny.',
    en: 'The list was changed since the code was asked for. Ask for a new one.',
  },
  'bankid-running': {
    sv: 'En signering med BankID pågår redan.',
    nb: 'En signering med BankID pågår allerede.',
    en: 'A signature with BankID is already under way.',
  },
  'bankid-ended': {
    sv: 'Signeringen med BankID är redan avslutad.',
    nb: 'Signeringen med BankID er allerede avsluttet.',
    en: 'The signature with BankID has already ended.',
  },
  'no-such-person': {
    sv: 'Det finns ingen sådan person i personalregistret.',
    nb: 'Det finnes ingen slik person i personalregisteret.',
    en: 'There is no such person in the staff register.',
  },
  'not-locked': {
    sv: 'Signering med SMS-kod är inte spärrad för den här personen.',
    nb: 'Signering med SMS-kode er ikke sperret for denne personen.',
    en: 'Signing with an SMS code is not locked for this person.',
  },
  'administration-mode-off': {
    sv: 'Slå på administrationsläget först. Det är avstängt vid varje inloggning.',
    nb: 'Slå på administrasjonsmodus først. Den er av ved hver innlogging.',
    en: 'Switch administration mode on first. It is off at each sign-in.',
  },
  'no-such-notice': {
    sv: 'Det finns inget sådant meddelande, eller så är det redan avslutat.',
    nb: 'Det finnes ingen slik melding, eller den er allerede avsluttet.',
    en: 'There is no such notice, or it has ended already.',
  },
  'notice-already-over': {
    sv: 'Slutet måste ligga efter början och efter nu.',
    nb: 'Slutten må ligge etter begynnelsen og etter nå.',
    en: 'The end has to lie after the beginning and after now.',
  },
  'entered-it-yourself': {
    sv: 'Den som har matat in eller hämtat något på listan kan inte signera den. En annan examinator behöver göra det.',
    nb: 'Den som har lagt inn eller hentet noe på listen, kan ikke signere den. En annen sensor må gjøre det.',
    en: 'Whoever entered or fetched any of the list cannot sign it. Another examiner has to.',
  },
  'signed-it-yourself': {
    sv: 'Den som har signerat listan, eller som den är signerad för, gör inte den definitiva inläggningen. Någon annan på Kurs- och programstöd behöver göra den.',
    nb: 'Den som har signert listen, eller som den er signert for, gjør ikke den endelige innleggingen. Noen andre i studieadministrasjonen må gjøre den.',
    en: 'Whoever signed the list, or for whom it was signed, does not make the definitive entry. Somebody else of the course office has to.',
  },
  'signed-archive-list-missing': {
    sv: 'Examinationsdatum ligger före den dag då den elektroniska signaturen räcker (antal rader: {count}). Bekräfta först den underskrivna arkivlistan.',
    nb: 'Eksamensdato ligger før den dagen da den elektroniske signaturen er nok (antall rader: {count}). Bekreft først den underskrevne arkivlisten.',
    en: 'The examination date lies before the day from which the electronic signature is enough (rows: {count}). Confirm the signed archive list first.',
  },
  'no-signed-archive-list-needed': {
    sv: 'Listan behöver ingen underskriven arkivlista.',
    nb: 'Listen trenger ingen underskrevet arkivliste.',
    en: 'The list needs no signed archive list.',
  },
  'signed-archive-list-confirmed': {
    sv: 'Den underskrivna arkivlistan är redan bekräftad.',
    nb: 'Den underskrevne arkivlisten er allerede bekreftet.',
    en: 'The signed archive list is confirmed already.',
  },
  'not-troubled': {
    sv: 'Utskicket är varken osäkert eller misslyckat; det finns inget att åtgärda.',
    nb: 'Utsendelsen er verken usikker eller mislykket; det er ingenting å rette opp.',
    en: 'The delivery is neither uncertain nor failed; there is nothing to mend.',
  },
  'control-number-mistyped': {
    sv: 'Kontrollnumret är felskrivet (kontrollsiffran stämmer inte).',
    nb: 'Kontrollnummeret er feilskrevet (kontrollsifferet stemmer ikke).',
    en: 'The control number is mistyped (its check digit is wrong).',
  },
  'control-number-wrong': {
    sv: 'Kontrollnumret hör inte till den signerade listan.',
    nb: 'Kontrollnummeret hører ikke til den signerte listen.',
    en: 'The control number does not belong to the signed list.',
  },
  'not-all-arrived': {
    sv: 'Alla rader är inte attesterade i registret.',
    nb: 'Ikke alle rader er attestert i registeret.',
    en: 'Not all rows are attested in the register.',
  },
  'nothing-annulled': {
    sv: 'Inget resultat har makulerats eller beslutats annorlunda utan att det är noterat.',
    nb: 'Ingen resultater er makulert eller besluttet annerledes uten at det er notert.',
    en: 'No result has been annulled or decided otherwise that is not noted.',
  },
  'students-untold': {
    sv: 'Rader som Ladok har vägrat eller beslutat annat om (antal: {count}): de studenterna får inget brev härifrån. Meddela dem på annat sätt, och ange antalet i untold.',
    nb: 'Rader som Ladok har avvist eller besluttet noe annet om (antall: {count}): de studentene får ikke noe brev herfra. Varsle dem på annen måte, og oppgi antallet i untold.',
    en: 'Rows that the register refused or decided otherwise about (number: {count}): those students get no letter from here. Tell them in another way, and give the number in untold.',
  },
  'rows-not-attested': {
    sv: 'Rader som ingen har attesterat i Ladok, så vitt vi vet (antal: {count}): de studenterna får ändå brev. Ange antalet i unattested om resultaten finns där.',
    nb: 'Rader som ingen har attestert i Ladok, så vidt vi vet (antall: {count}): de studentene får likevel brev. Oppgi antallet i unattested om resultatene er der.',
    en: 'Rows that nobody has attested in the register as far as we know (number: {count}): those students are mailed all the same. Give the number in unattested if the results are there.',
  },
  'nothing-to-repeat': {
    sv: 'Ingen rad behöver föras över igen.',
    nb: 'Ingen rad trenger å overføres på nytt.',
    en: 'No row needs to be transferred again.',
  },
  'day-too-late': {
    sv: 'Dagen {date} ligger för sent: senast {latest}.',
    nb: 'Dagen {date} er for sen: senest {latest}.',
    en: 'The day {date} is too late: {latest} at the latest.',
  },
  'day-too-early': {
    sv: 'Dagen {date} ligger för tidigt: tidigast {earliest}.',
    nb: 'Dagen {date} er for tidlig: tidligst {earliest}.',
    en: 'The day {date} is too early: {earliest} at the earliest.',
  },
  'order-under-way': {
    sv: 'Det som beställdes är inte klart än.',
    nb: 'Det som er bestilt, er ikke ferdig ennå.',
    en: 'What was ordered is not done yet.',
  },
  'complained-already': {
    sv: 'Det finns redan ett oavslutat ärende av samma slag om resultatet (nummer {number}).',
    nb: 'Det finnes allerede en uavsluttet sak av samme type om resultatet (nummer {number}).',
    en: 'There is an unfinished case of the same kind about the result already (number {number}).',
  },
  'protocol-not-read': {
    sv: 'Protokollet kunde inte läsas. Kontrollera kurs, del, tid och student, och läs det igen.',
    nb: 'Protokollen kunne ikke leses. Kontroller emne, delvurdering, tid og student, og les den på nytt.',
    en: 'The protocol could not be read. Check course, part, time and student, and read it again.',
  },
  'deadline-counts': {
    sv: 'Sista dag räknas redan från mottagandet. Ändra sista dag i stället.',
    nb: 'Fristen løper allerede fra mottatt dato. Endre fristen i stedet.',
    en: 'The deadline already counts from the day of receipt. Move the deadline instead.',
  },
  'registered-by-you': {
    sv: 'Du har registrerat betyget. Någon annan på tentamenskontoret kontrollerar det.',
    nb: 'Du har registrert karakteren. Noen andre på eksamenskontoret kontrollerer den.',
    en: 'You registered the grade. Somebody else at the exam office checks it.',
  },
  'case-has-ended': {
    sv: 'Ärendet är avslutat. Bara anteckningen och dagen då beslutet meddelades kan rättas.',
    nb: 'Saken er avsluttet. Bare merknaden og datoen da vedtaket ble formidlet, kan rettes.',
    en: 'The case has ended. Only the note and the day on which the decision was communicated can be put right.',
  },
  'diploma-not-back': {
    sv: 'Examensbeviset är inte tillbaka. Ange vad som är överenskommet med fakulteten, om ärendet ska gå vidare ändå.',
    nb: 'Vitnemålet er ikke returnert. Oppgi hva som er avtalt med fakultetet, hvis saken likevel skal gå videre.',
    en: 'The diploma is not back. Say what was agreed with the faculty, if the case is to go on all the same.',
  },
  'not-decided': {
    sv: 'Ärendet är inte avgjort än.',
    nb: 'Saken er ikke avgjort ennå.',
    en: 'The case has not been decided yet.',
  },
  'reason-needed': {
    sv: 'Ange skälet: valet är ett annat än lärosätets.',
    nb: 'Oppgi begrunnelsen: valget er et annet enn institusjonens.',
    en: 'Give the reason: the choice is another than the institution has made.',
  },
  'exam-office-lifts': {
    sv: 'Spärren hävs av tentamenskontoret.',
    nb: 'Sperren oppheves av eksamenskontoret.',
    en: 'The exam office lifts the block.',
  },
  'nothing-to-protect': {
    sv: 'Ett ärende om motivering ändrar inget betyg, så det finns inget att spärra eller skjuta upp.',
    nb: 'En sak om begrunnelse endrer ingen karakter, så det er ingenting å sperre eller utsette.',
    en: 'A case about an explanation changes no grade, so there is nothing to block or postpone.',
  },
  'error-first': {
    sv: 'Avgör först om det finns ett formellt fel: bara ett upphävt betyg bedöms på nytt.',
    nb: 'Avgjør først om det er formell feil: bare en opphevet karakter vurderes på nytt.',
    en: 'Decide about the formal error first: only a grade that is annulled is assessed anew.',
  },
  'no-error-to-decide': {
    sv: 'Ärendet gäller inget formellt fel, eller så är det redan avgjort.',
    nb: 'Saken gjelder ikke formell feil, eller det er allerede avgjort.',
    en: 'The case is not about a formal error, or it is decided already.',
  },
  'grade-annulled': {
    sv: 'Betyget är upphävt och ska bedömas på nytt, så ärendet kan inte avvisas.',
    nb: 'Karakteren er opphevet og skal vurderes på nytt, så saken kan ikke avvises.',
    en: 'The grade was annulled and is to be assessed anew, so the case cannot be dismissed.',
  },
  'no-such-committee': {
    sv: 'Det finns ingen kommission med det numret för vurderingsenheten.',
    nb: 'Det finnes ingen kommisjon med det nummeret for vurderingsenheten.',
    en: 'There is no committee of that number for the assessment unit.',
  },
  'no-committee': {
    sv: 'Ingen kommission är utsedd för den här bedömningen.',
    nb: 'Ingen kommisjon er oppnevnt for denne vurderingen.',
    en: 'No committee has been appointed for this assessment.',
  },
  'not-a-case-worker': {
    sv: 'Den som tar över ärendet måste vara handläggare i dag.',
    nb: 'Den som overtar saken, må være saksbehandler i dag.',
    en: 'Whoever takes the case over has to be a case worker today.',
  },
  'assesses-it-anew': {
    sv: 'Den som tar över ärendet sitter i en kommission som bedömer resultatet på nytt, och får inte handlägga det medan det pågår.',
    nb: 'Den som overtar saken, sitter i en kommisjon som vurderer resultatet på nytt, og kan ikke behandle den så lenge det pågår.',
    en: 'Whoever takes the case over sits on a committee that assesses the result anew, and cannot handle it meanwhile.',
  },
  'not-a-committee-member': {
    sv: 'Den som utses måste finnas i personalregistret som ledamot i dag (antal: {count}).',
    nb: 'Den som oppnevnes, må stå i personalregisteret som kommisjonsmedlem i dag (antall: {count}).',
    en: 'Whoever is appointed has to stand in the staff register as a committee member today (people: {count}).',
  },
  'set-the-first-grade': {
    sv: 'Den som satte det första betyget kan inte bedöma på nytt (antal: {count}).',
    nb: 'Den som satte første karakter, kan ikke vurdere på nytt (antall: {count}).',
    en: 'Whoever set the first grade cannot assess anew (people: {count}).',
  },
  'unknown-first-examiners': {
    sv: 'Det första betyget är satt av någon som personalregistret inte känner (antal: {count}). Kontrollera vem det är, och bekräfta att ingen i kommissionen är den personen.',
    nb: 'Første karakter er satt av noen som personalregisteret ikke kjenner (antall: {count}). Kontroller hvem det er, og bekreft at ingen i kommisjonen er den personen.',
    en: 'The first grade was set by somebody whom the staff register does not know (people: {count}). Find out who it is, and confirm that nobody on the committee is that person.',
  },
  'has-seen-first-grade': {
    sv: 'Den som handlägger ärendet eller har sett det första betyget kan inte göra den andra bedömningen (antal: {count}).',
    nb: 'Den som behandler saken eller har sett første karakter, kan ikke gjøre 2. gangs sensur (antall: {count}).',
    en: 'Whoever handles the case or has seen the first grade cannot make the second grading (people: {count}).',
  },
  'sat-in-second-grading': {
    sv: 'Den som gjorde den andra bedömningen kan inte göra den tredje (antal: {count}).',
    nb: 'Den som gjorde 2. gangs sensur, kan ikke gjøre den tredje (antall: {count}).',
    en: 'Whoever made the second grading cannot make the third (people: {count}).',
  },
  'committee-too-small': {
    sv: 'En kommission har minst {members} ledamöter, varav {external} externa.',
    nb: 'En kommisjon har minst {members} medlemmer, hvorav {external} eksterne.',
    en: 'A committee has at least {members} members, {external} of them external.',
  },
  'not-on-the-scale': {
    sv: 'Betyget finns inte i skalan: {grades}.',
    nb: 'Karakteren finnes ikke i skalaen: {grades}.',
    en: 'The grade is not on the scale: {grades}.',
  },
  'not-comparable': {
    sv: 'Skalan har ingen ordning: avgör själv, med skäl, och säg om en ytterligare bedömning behövs.',
    nb: 'Skalaen har ingen rekkefølge: avgjør selv, med begrunnelse, og si om det trengs en ytterligere vurdering.',
    en: 'The scale has no order: judge yourself, with a reason, and say whether a further assessment is needed.',
  },
  'nothing-to-judge': {
    sv: 'Skalans ordning avgör om det nya betyget är till fördel eller nackdel, och hur långt från det första det ligger: utelämna den egna bedömningen (judged).',
    nb: 'Skalaens rekkefølge avgjør om den nye karakteren er til gunst eller ugunst, og hvor langt fra den første den ligger: utelat den egne vurderingen (judged).',
    en: 'The order of the scale says whether the new grade is in favour or against, and how far from the first it lies: leave out the judgement of your own (judged).',
  },
  'grade-unchanged': {
    sv: 'Betyget är detsamma som det första, så beslutet är oförändrat: utelämna den egna bedömningen (judged).',
    nb: 'Karakteren er den samme som den første, så vedtaket er uendret: utelat den egne vurderingen (judged).',
    en: 'The grade is the same as the first, so the decision is unchanged: leave out the judgement of your own (judged).',
  },
  'no-top-grade': {
    sv: 'Resultatet är ingen del av ett sammanvägt betyg.',
    nb: 'Resultatet er ingen delkarakter.',
    en: 'The result is no part of a summed grade.',
  },
  'trial-first': {
    sv: 'Gör en provberäkning av det nya betyget först.',
    nb: 'Kjør en prøveberegning av den nye karakteren først.',
    en: 'Make a trial calculation of the new grade first.',
  },
  'wrong-grade-stands': {
    sv: 'Ett felaktigt betyg står i protokollet. Tentamenskontoret för in rätt betyg först.',
    nb: 'Det står en feil karakter i protokollen. Eksamenskontoret må registrere riktig karakter først.',
    en: 'A wrong grade stands in the protocol. The exam office enters the right one first.',
  },
  'not-recalculated': {
    sv: 'Delbetyget har ändrats: räkna om kursbetyget först.',
    nb: 'Delkarakteren er endret: beregn toppkarakteren på nytt først.',
    en: 'The part grade has changed: recalculate the top grade first.',
  },
  'sits-on-the-committee': {
    sv: 'Du sitter i en kommission som bedömer ett resultat här på nytt. Medan ärendet är öppet får du varken se det första betyget eller göra något i ärenden om resultatet.',
    nb: 'Du sitter i en kommisjon som vurderer et resultat her på nytt. Mens saken er åpen, kan du verken se første karakter eller gjøre noe i saker om resultatet.',
    en: 'You sit on a committee that assesses a result here anew. While the case is open you can neither see the first grade nor do anything in cases about the result.',
  },
  'approval-not-in-progress': {
    sv: 'Tillgodoräknandeärendet behandlas inte. Ta upp det igen först.',
    nb: 'Godkjenningssaken er ikke under behandling. Gjenåpne den først.',
    en: 'The approval case is not in progress. Reopen it first.',
  },
  'exchange-off': {
    sv: 'Lärosätet deltar inte i resultatutbytet (modulen RESUTVEKSL är av).',
    nb: 'Institusjonen deltar ikke i resultatutvekslingen (modulen RESUTVEKSL er av).',
    en: 'The institution takes no part in the exchange of results (the module RESUTVEKSL is off).',
  },
  'exchange-reserved': {
    sv: 'Lärosätet har reserverat sig mot resultatutbytet (RESERVER är J).',
    nb: 'Institusjonen har reservert seg mot resultatutvekslingen (RESERVER er J).',
    en: 'The institution has reserved itself from the exchange of results (RESERVER is J).',
  },
  'exchange-not-ready': {
    sv: 'Resultatutbytet är inte klargjort för lärosätet. Kontakta {support}.',
    nb: 'Resultatutvekslingen er ikke klargjort for institusjonen. Kontakt {support}.',
    en: 'The exchange of results has not been made ready for the institution. Contact {support}.',
  },
  'no-consent': {
    sv: 'Studentens samtycke saknas: det behövs ett svar J, och det senaste gäller.',
    nb: 'Studentens samtykke mangler: det trengs et svar J, og det siste gjelder.',
    en: 'The student has not consented: an answer J is needed, and the latest counts.',
  },
  'exchange-running': {
    sv: 'En hämtning för personen pågår redan (nummer {number}).',
    nb: 'En henting for personen pågår allerede (nummer {number}).',
    en: 'A fetch for the person is under way already (number {number}).',
  },
  'still-asking': {
    sv: 'Alla lärosäten har inte frågats än.',
    nb: 'Alle institusjoner er ikke spurt ennå.',
    en: 'Not every institution has been asked yet.',
  },
  'not-later': {
    sv: 'Den nya sista dagen måste ligga efter {until}.',
    nb: 'Den nye siste dagen må ligge etter {until}.',
    en: 'The new last day has to lie after {until}.',
  },
  'retried-too-long': {
    sv: 'Lärosäten frågas igen under högst 400 dagar (till och med {latest}).',
    nb: 'Institusjoner spørres på nytt i høyst 400 dager (til og med {latest}).',
    en: 'Institutions are asked again for at most 400 days (until {latest}).',
  },
  'not-due': { sv: 'Fristen har inte gått ut.', nb: 'Fristen er ikke utløpt.', en: 'The deadline has not passed.' },
  'report-too-large': {
    sv: 'Rapporten har fler än {most} rader. Välj en kortare period eller en kurs.',
    nb: 'Rapporten har flere enn {most} rader. Velg en kortere periode eller et emne.',
    en: 'The report has more than {most} rows. Choose a shorter period or a course.',
  },
  'role-not-held': {
    sv: 'Du har inte rollen ”{role}” i dag.',
    nb: 'Du har ikke rollen «{role}» i dag.',
    en: 'You do not hold the role "{role}" today.',
  },
  'too-many-calendars': {
    sv: 'Du har redan {most} kalenderadresser. Avsluta någon av dem först.',
    nb: 'Du har allerede {most} kalenderadresser. Avslutt en av dem først.',
    en: 'You have {most} calendar addresses already. End one of them first.',
  },
  'no-such-calendar': {
    sv: 'Det finns ingen sådan kalenderadress, eller så är den avslutad.',
    nb: 'Det finnes ingen slik kalenderadresse, eller den er avsluttet.',
    en: 'There is no such calendar address, or it has been ended.',
  },
  'number-not-valid': {
    sv: 'Det är inget norskt personnummer: elva siffror, en dag som finns och rätta kontrollsiffror. Är numret tillfälligt: ange det.',
    nb: 'Det er ikke noe norsk fødselsnummer: elleve sifre, en dato som finnes og riktige kontrollsifre. Er nummeret midlertidig: oppgi det.',
    en: 'It is no Norwegian national number: eleven digits, a day that exists and right control digits. If the number is temporary, say so.',
  },
  'number-not-temporary': {
    sv: 'Ett tillfälligt nummer har elva siffror och är inget giltigt personnummer.',
    nb: 'Et midlertidig nummer har elleve sifre og er ikke et gyldig fødselsnummer.',
    en: 'A temporary number has eleven digits and is no valid national number.',
  },
  'test-number-not-allowed': {
    sv: 'Numret är en testpersons. Sådana är inte tillåtna här.',
    nb: 'Nummeret tilhører en testperson. Slike er ikke tillatt her.',
    en: "The number is a test person's. Those are not allowed here.",
  },
  'birth-date-differs': {
    sv: 'Födelsedatumet stämmer inte med numret, eller ligger i framtiden.',
    nb: 'Fødselsdatoen stemmer ikke med nummeret, eller ligger i framtiden.',
    en: 'The birth date contradicts the number, or lies in the future.',
  },
  'registered-already': {
    sv: 'Studenten är redan registrerad ({person}).',
    nb: 'Studenten er allerede registrert ({person}).',
    en: 'The student is registered already ({person}).',
  },
  'sign-in-taken': {
    sv: 'Inloggningen hör redan till någon ({person}).',
    nb: 'Innloggingen tilhører allerede noen ({person}).',
    en: 'The sign-in belongs to somebody already ({person}).',
  },
  'no-such-number': {
    sv: 'Ingen student är registrerad med det numret.',
    nb: 'Ingen student er registrert med det nummeret.',
    en: 'No student is registered under that number.',
  },
  'consent-needs-reason': {
    sv: 'Ange hur samtycket kom in när du för in det åt en student.',
    nb: 'Oppgi hvordan samtykket kom inn når du legger det inn for en student.',
    en: 'Say how the consent came in when you enter it for a student.',
  },
  'consent-not-asked': {
    sv: 'Studenter tillfrågas inte om samtycke till resultatutbyte just nu.',
    nb: 'Studenter spørres ikke om samtykke til resultatutveksling nå.',
    en: 'Students are not asked for consent to the exchange of results now.',
  },
  'not-acceptable': {
    sv: 'Här kommer händelser: skicka Accept: text/event-stream.',
    nb: 'Her kommer hendelser: send Accept: text/event-stream.',
    en: 'Events come here: send Accept: text/event-stream.',
  },
  'too-many-streams': {
    sv: 'För många strömmar av händelser är öppna. Stäng någon, eller fråga med jämna mellanrum i stället.',
    nb: 'For mange strømmer av hendelser er åpne. Lukk en av dem, eller spør med jevne mellomrom i stedet.',
    en: 'Too many streams of events are open. Close one, or ask from time to time instead.',
  },
  'sign-in-needed': {
    sv: 'Logga in: skicka en giltig biljett i Authorization.',
    nb: 'Logg inn: send en gyldig billett i Authorization.',
    en: 'Sign in: send a valid token in Authorization.',
  },
  'sign-in-not-now': {
    sv: 'Inloggningen kan inte kontrolleras just nu. Försök igen om en stund; biljetten kan gälla ändå.',
    nb: 'Innloggingen kan ikke kontrolleres akkurat nå. Prøv igjen om litt; billetten kan likevel gjelde.',
    en: 'The sign-in cannot be checked right now. Try again in a moment; the token may well be valid.',
  },
  'no-such-page': { sv: 'Adressen finns inte.', nb: 'Adressen finnes ikke.', en: 'There is nothing at this address.' },
  'method-not-allowed': {
    sv: 'Metoden går inte på den här adressen.',
    nb: 'Metoden går ikke på denne adressen.',
    en: 'This method is not possible at this address.',
  },
  'too-large': { sv: 'Innehållet är för stort.', nb: 'Innholdet er for stort.', en: 'The content is too large.' },
  'wrong-media-type': {
    sv: 'Innehållet måste vara application/json.',
    nb: 'Innholdet må være application/json.',
    en: 'The content has to be application/json.',
  },
  malformed: {
    sv: 'Innehållet går inte att läsa som JSON.',
    nb: 'Innholdet kan ikke leses som JSON.',
    en: 'The content cannot be read as JSON.',
  },
  'not-now': {
    sv: 'Tjänsten kan inte ta emot åtgärden just nu. Försök igen med samma nyckel.',
    nb: 'Tjenesten kan ikke ta imot handlingen akkurat nå. Prøv igjen med samme nøkkel.',
    en: 'The service cannot take the command right now. Try again with the same key.',
  },
  'our-fault': {
    sv: 'Något gick fel hos oss. Uppge {requestId} om du hör av dig.',
    nb: 'Noe gikk galt hos oss. Oppgi {requestId} hvis du tar kontakt.',
    en: 'Something went wrong on our side. Quote {requestId} if you contact us.',
  },
  'could-not-be-kept': {
    sv: 'Åtgärden kunde inte sparas som den var skriven, och inget har ändrats. Felet är vårt: kontakta driften ({sqlstate}).',
    nb: 'Handlingen kunne ikke lagres slik den var skrevet, og ingenting er endret. Feilen er vår: kontakt driften ({sqlstate}).',
    en: 'The command could not be kept as it was written, and nothing was changed. The fault is ours: contact operations ({sqlstate}).',
  },
  'too-busy': {
    sv: 'Ärendet tar emot för många åtgärder just nu. Försök igen om en stund.',
    nb: 'Saken tar imot for mange handlinger akkurat nå. Prøv igjen om litt.',
    en: 'The case is taking too many commands right now. Try again in a moment.',
  },
} as const satisfies Readonly<Record<string, Text>>;

/** The name of a no, as it stands in the problem's `code` and in the audit. */
export type RefusalCode = keyof typeof refusalTexts;
