import type { Text } from '../../workflows/process.js';

/** What is checked of a signature, each as the sentence that holds or does not. */
export const checkTitles = {
  content: {
    sv: 'Innehållet som sparades vid signeringen har den signerade kontrollsumman.',
    nb: 'Innholdet som ble lagret ved signeringen, har den signerte kontrollsummen.',
    en: 'The content kept at the signing has the hash that was signed.',
  },
  rows: {
    sv: 'Listans rader är de som signerades.',
    nb: 'Radene på listen er de som ble signert.',
    en: 'The rows of the list are those that were signed.',
  },
  record: {
    sv: 'Signaturen är den som ärendet anger: samma person, sätt, tid och innehåll.',
    nb: 'Signaturen er den saken oppgir: samme person, måte, tid og innhold.',
    en: 'The signature is the one the case names: the same person, way, time and content.',
  },
  proof: {
    sv: 'Personen visade vem den är för just den här listan, versionen och innehållet.',
    nb: 'Personen viste hvem den er for nettopp denne listen, versjonen og innholdet.',
    en: 'The person showed who they are for this very list, version and content.',
  },
  'signed-data': {
    sv: 'Det som skrevs under med BankID anger den här listan, versionen och kontrollsumman, och skrevs under av samma person.',
    nb: 'Det som ble signert med BankID, oppgir denne listen, versjonen og kontrollsummen, og ble signert av samme person.',
    en: 'What was signed with BankID names this list, version and hash, and was signed by the same person.',
  },
  signature: {
    sv: 'Underskriften från BankID är kryptografiskt giltig.',
    nb: 'Signaturen fra BankID er kryptografisk gyldig.',
    en: 'The signature from BankID is cryptographically valid.',
  },
  certificates: {
    sv: 'Certifikaten leder till den rot som var betrodd vid signeringen och gällde då.',
    nb: 'Sertifikatene fører til roten som var betrodd ved signeringen, og var gyldige da.',
    en: 'The certificates lead to the root that was trusted at the signing, and were valid then.',
  },
  'certificate-status': {
    sv: 'BankID:s OCSP-svar säger att certifikatet inte var spärrat vid signeringen.',
    nb: 'OCSP-svaret fra BankID sier at sertifikatet ikke var sperret ved signeringen.',
    en: "BankID's OCSP answer says that the certificate was not revoked at the signing.",
  },
  evidence: {
    sv: 'Underskrift, OCSP-svar och certifikat är oförändrade sedan signeringen, enligt granskningsloggen.',
    nb: 'Signatur, OCSP-svar og sertifikater er uendret siden signeringen, ifølge revisjonsloggen.',
    en: 'Signature, OCSP answer and certificates are unchanged since the signing, by the audit.',
  },
  'audit-entries': {
    sv: 'Granskningsloggen visar att personen legitimerade sig och signerade just detta.',
    nb: 'Revisjonsloggen viser at personen legitimerte seg og signerte nettopp dette.',
    en: 'The audit shows that the person identified themselves and signed exactly this.',
  },
  'audit-chain': {
    sv: 'Granskningsloggens kedja är hel från listans tillkomst till signaturen.',
    nb: 'Kjeden i revisjonsloggen er hel fra listen ble til og fram til signaturen.',
    en: "The audit's chain is whole from the making of the list to the signature.",
  },
} as const satisfies Readonly<Record<string, Text>>;

/** Why a check does not hold. `{detail}` is a technical word or an entry number. */
export const faultTexts = {
  'not-kept': {
    sv: 'Det finns inget läsbart sparat att kontrollera mot.',
    nb: 'Det finnes ikke noe lesbart lagret å kontrollere mot.',
    en: 'Nothing readable is kept to check against.',
  },
  'content-differs': {
    sv: 'Det signerade innehållet avviker: det som är sparat har en annan kontrollsumma.',
    nb: 'Det signerte innholdet avviker: det som er lagret, har en annen kontrollsum.',
    en: 'The signed content differs: what is kept has another hash.',
  },
  'rows-differ': {
    sv: 'Det signerade innehållet avviker: listans rader har ändrats efter signeringen.',
    nb: 'Det signerte innholdet avviker: radene på listen er endret etter signeringen.',
    en: 'The signed content differs: rows of the list were changed after the signing.',
  },
  'records-disagree': {
    sv: 'Uppgifterna stämmer inte överens: {detail}.',
    nb: 'Opplysningene stemmer ikke overens: {detail}.',
    en: 'The records do not agree: {detail}.',
  },
  'names-another': {
    sv: 'Det gäller en annan lista, version eller kontrollsumma.',
    nb: 'Det gjelder en annen liste, versjon eller kontrollsum.',
    en: 'It names another list, version or hash.',
  },
  'other-person': {
    sv: 'Certifikatet tillhör en annan person än den som signerade enligt personalregistret.',
    nb: 'Sertifikatet tilhører en annen person enn den som signerte ifølge personalregisteret.',
    en: 'The certificate is of another person than the signer in the staff register.',
  },
  'signature-wrong': {
    sv: 'Underskriften är inte giltig ({detail}).',
    nb: 'Signaturen er ikke gyldig ({detail}).',
    en: 'The signature is not valid ({detail}).',
  },
  'chain-wrong': {
    sv: 'Certifikatkedjan håller inte ({detail}).',
    nb: 'Sertifikatkjeden holder ikke ({detail}).',
    en: 'The certificate chain does not hold ({detail}).',
  },
  'status-wrong': {
    sv: 'OCSP-svaret visar inte att certifikatet gällde ({detail}).',
    nb: 'OCSP-svaret viser ikke at sertifikatet var gyldig ({detail}).',
    en: 'The OCSP answer does not show that the certificate was good ({detail}).',
  },
  'not-proven': {
    sv: 'Kan inte visas, eftersom underskriften eller certifikaten inte håller.',
    nb: 'Kan ikke vises, fordi signaturen eller sertifikatene ikke holder.',
    en: 'Cannot be shown, because the signature or the certificates do not hold.',
  },
  'evidence-differs': {
    sv: 'Det som är sparat är inte det som granskningsloggen anger.',
    nb: 'Det som er lagret, er ikke det revisjonsloggen oppgir.',
    en: 'What is kept is not what the audit names.',
  },
  'not-audited': {
    sv: 'Posten saknas i granskningsloggen ({detail}).',
    nb: 'Posten mangler i revisjonsloggen ({detail}).',
    en: 'The entry is missing in the audit ({detail}).',
  },
  'chain-broken': {
    sv: 'Kedjan är bruten vid post {detail}.',
    nb: 'Kjeden er brutt ved post {detail}.',
    en: 'The chain is broken at entry {detail}.',
  },
} as const satisfies Readonly<Record<string, Text>>;

/** What a verification checks. */
export type CheckName = keyof typeof checkTitles;
/** What it can find wrong. */
export type FaultCode = keyof typeof faultTexts;
