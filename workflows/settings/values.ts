import type { Text } from '../process.js';
import type { CivilDate } from '../rules/civil-time.js';
import type { SettingName, SettingValue } from './schema.js';

/** A value and the first day it is in force. */
export interface Dated<Value> {
  readonly from: CivilDate;
  readonly value: Value;
}

/** The values of a setting by their first day, the first of them in force since ever. */
export type Timeline<Name extends SettingName> = readonly Dated<SettingValue<Name>>[];

/** The dated value in force on a day: the latest that began not after it, the last one set where several begin on one day. */
export function inForceOn<Value>(values: readonly Dated<Value>[], day: CivilDate): Dated<Value> {
  const found = values.findLast(({ from }) => from <= day);
  if (!found) throw new Error('a setting without a value');
  return found;
}

/** The value in force on a day. */
export const inForce = <Value>(values: readonly Dated<Value>[], day: CivilDate): Value => inForceOn(values, day).value;

/** What a setting is, and what holds where an institution has set nothing. */
export interface Setting<Name extends SettingName> {
  readonly title: Text;
  /** The requirement it belongs to. */
  readonly rule: string;
  /** The day whose value counts: that of the matter itself, such as the grade date of a row, or that on which somebody acts. */
  readonly follows: 'legal-date' | 'moment';
  readonly values: Timeline<Name>;
}

const EVER: CivilDate = '0001-01-01';
const always = <Value>(value: Value): readonly Dated<Value>[] => [{ from: EVER, value }];

const ACT_OF_2005 = 'lov 1. april 2005 nr. 15 om universiteter og høyskoler';
const ACT_OF_2024 = 'lov 8. mars 2024 nr. 9 om universiteter og høyskoler';

/** All settings with their defaults. */
export const defaults: { readonly [Name in SettingName]: Setting<Name> } = {
  'electronic-signature': {
    title: { sv: 'Elektronisk signatur räcker', nb: 'Elektronisk signatur er nok', en: 'The electronic signature is enough' },
    rule: 'RL-49',
    follows: 'legal-date',
    values: [
      { from: EVER, value: { enough: false, decidedBy: 'Högskoledirektören', decidedOn: null } },
      { from: '2015-06-01', value: { enough: true, decidedBy: 'Högskoledirektören', decidedOn: null } },
    ],
  },
  'four-eyes': {
    title: {
      sv: 'Den som matat in får inte signera',
      nb: 'Den som har lagt inn, kan ikke signere',
      en: 'Who entered may not sign',
    },
    rule: 'RL-36',
    follows: 'moment',
    values: always(false),
  },
  'code-length': {
    title: { sv: 'Siffror i koden', nb: 'Sifre i koden', en: 'Digits of the code' },
    rule: 'RL-39',
    follows: 'moment',
    values: always(5),
  },
  'person-number-in-mail': {
    title: {
      sv: 'Personnummer i samlingslistan',
      nb: 'Fødselsnummer i samlelisten',
      en: 'Personal numbers in the collected list',
    },
    rule: 'RL-34',
    follows: 'moment',
    values: always(true),
  },
  contacts: {
    title: { sv: 'Kontakt', nb: 'Kontakt', en: 'Contacts' },
    rule: 'RL-56',
    follows: 'moment',
    values: always({ suggestions: 'ladok@bth.example', reporting: 'utbildningsstod@bth.example' }),
  },
  'grade-words': {
    title: { sv: 'Betyg i It’s Learnings ord', nb: 'Karakterer i itslearnings ord', en: 'Grades in the words of itslearning' },
    rule: 'RL-15',
    follows: 'moment',
    values: always([]),
  },
  holidays: {
    title: { sv: 'Lediga dagar', nb: 'Fridager', en: 'Days off' },
    rule: 'RL-37',
    follows: 'legal-date',
    values: always([]),
  },
  'only-own-courses': {
    title: { sv: 'Bara listor på egna kurser', nb: 'Bare lister på egne emner', en: 'Only lists of own courses' },
    rule: 'RL-03',
    follows: 'moment',
    values: always(false),
  },
  'entry-by-hand': {
    title: { sv: 'Inläggning för hand i Ladok', nb: 'Innlegging for hånd i Ladok', en: 'Entry by hand in the register' },
    rule: 'RL-46',
    follows: 'moment',
    values: always(false),
  },
  'result-list-working-days': {
    title: { sv: 'Arbetsdagar för signering', nb: 'Arbeidsdager til signering', en: 'Working days to sign in' },
    rule: 'RL-37',
    follows: 'legal-date',
    values: always(10),
  },
  'complaint-protection': {
    title: { sv: 'Spärr eller uppskjutet examensbevis', nb: 'Sperr eller utsatt vitnemål', en: 'Block or postponed diploma' },
    rule: 'GC-42',
    follows: 'legal-date',
    values: always('neither'),
  },
  'complaint-committee': {
    title: { sv: 'Kommissionens storlek', nb: 'Kommisjonens størrelse', en: 'Size of a committee' },
    rule: 'GC-13',
    follows: 'legal-date',
    values: always({ members: 2, external: 1 }),
  },
  'complaint-pilots': {
    title: { sv: 'Kurser i pilot', nb: 'Emner i pilot', en: 'Courses in a pilot' },
    rule: 'GC-01',
    follows: 'legal-date',
    values: always([]),
  },
  'complaint-help': {
    title: { sv: 'Hjälp med klagomål', nb: 'Hjelp med klagesaker', en: 'Help with complaints' },
    rule: 'GC-51',
    follows: 'moment',
    values: always('fshjelp@bth.example'),
  },
  'complaint-law': {
    title: { sv: 'Lagrum för klagomål', nb: 'Hjemmel for klagesaker', en: 'The law on complaints' },
    rule: 'GC-17',
    follows: 'legal-date',
    values: [
      {
        from: EVER,
        value: {
          complaint: `${ACT_OF_2005} § 3-9 og § 5-3`,
          explanation: `${ACT_OF_2005} § 5-3`,
          'formal-error': `${ACT_OF_2005} § 5-2`,
        },
      },
      {
        from: '2024-08-01',
        value: {
          complaint: `${ACT_OF_2024} kapittel 11`,
          explanation: `${ACT_OF_2024} kapittel 11`,
          'formal-error': `${ACT_OF_2024} kapittel 11`,
        },
      },
    ],
  },
  'exchange-module': {
    title: {
      sv: 'Resultatutbyte på (RESUTVEKSL)',
      nb: 'Resultatutveksling på (RESUTVEKSL)',
      en: 'Result exchange on (RESUTVEKSL)',
    },
    rule: 'RX-02',
    follows: 'legal-date',
    values: always(false),
  },
  'exchange-reserved': {
    title: {
      sv: 'Lärosätet har reserverat sig (RESERVER)',
      nb: 'Institusjonen har reservert seg (RESERVER)',
      en: 'The institution has reserved itself (RESERVER)',
    },
    rule: 'RX-03',
    follows: 'legal-date',
    values: always(false),
  },
  'exchange-legal-basis': {
    title: {
      sv: 'Rättslig grund för resultatutbyte',
      nb: 'Hjemmel for resultatutveksling',
      en: 'Legal basis of result exchange',
    },
    rule: 'RX-01',
    follows: 'legal-date',
    values: [
      { from: EVER, value: { basis: 'consent', citation: 'lov 14. april 2000 nr. 31 om behandling av personopplysninger § 8' } },
      {
        from: '2018-07-20',
        value: { basis: 'consent', citation: 'lov 15. juni 2018 nr. 38 om behandling av personopplysninger' },
      },
    ],
  },
  'exchange-consent': {
    title: { sv: 'Samtyckestyp RESUTVEKSL', nb: 'Akseptansetype RESUTVEKSL', en: 'Consent type RESUTVEKSL' },
    rule: 'RX-05',
    follows: 'legal-date',
    values: always(null),
  },
  'exchange-source-consent': {
    title: { sv: 'Eget samtycke som källa', nb: 'Eget samtykke som kilde', en: 'A consent of its own as a source' },
    rule: 'RX-11',
    follows: 'legal-date',
    values: always(false),
  },
  'exchange-retry-days': {
    title: { sv: 'Dagar med nya försök', nb: 'Dager med nye forsøk', en: 'Days of trying again' },
    rule: 'RX-25',
    follows: 'legal-date',
    values: always(14),
  },
  'exchange-calls': {
    title: {
      sv: 'Samtidiga anrop till ett lärosäte',
      nb: 'Samtidige kall til én institusjon',
      en: 'Calls to one institution at a time',
    },
    rule: 'RX-18',
    follows: 'moment',
    values: always(4),
  },
  'exchange-test-numbers': {
    title: { sv: 'Testpersoner tillåtna', nb: 'Testpersoner tillatt', en: 'Test persons allowed' },
    rule: 'RX-31',
    follows: 'moment',
    values: always(false),
  },
  'exchange-support': {
    title: { sv: 'Stöd för resultatutbyte', nb: 'Støtte for resultatutveksling', en: 'Support for result exchange' },
    rule: 'RX-04',
    follows: 'moment',
    values: always('fs-support@sikt.example'),
  },
};
