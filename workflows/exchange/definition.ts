import { defineProcess } from '../process.js';

/** The states in which an order is not over. */
const open = ['running', 'waiting'] as const;

/**
 * An order of somebody's external education (Hent ekstern norsk utdanning): all institutions are asked, those that are down again
 * each day (RX-10..26).
 */
export const definition = defineProcess({
  kind: 'exchange',
  path: 'exchanges',
  title: { sv: 'Resultatutbyte', nb: 'Resultatutveksling', en: 'Result exchange' },
  states: {
    running: {
      sv: 'Beställd, lärosätena tillfrågas',
      nb: 'Bestilt, institusjonene spørres',
      en: 'Ordered, the institutions are being asked',
    },
    waiting: {
      sv: 'Väntar på lärosäten som inte svarar',
      nb: 'Venter på institusjoner som ikke svarer',
      en: 'Waits for institutions that do not answer',
    },
    complete: {
      sv: 'Fullständig: inget lärosäte väntas på',
      nb: 'Fullstendig: ingen institusjon ventes på',
      en: 'Complete: no institution is waited for',
    },
    'not-complete': {
      sv: 'Ofullständig: alla lärosäten svarade inte',
      nb: 'Ufullstendig: ikke alle institusjoner svarte',
      en: 'Not complete: some institutions never answered',
    },
    stopped: { sv: 'Stoppad', nb: 'Stoppet', en: 'Stopped' },
  },
  final: ['complete', 'not-complete', 'stopped'],
  birth: {
    by: { 'study-adviser': 'institution' },
    rule: 'RX-10',
    title: { sv: 'Hämta extern utbildning', nb: 'Hent ekstern norsk utdanning', en: 'Fetch external education' },
  },
  readers: ['study-adviser', 'auditor', 'operations'],
  openRule: 'RX-19',
  wakes: 'ask-again',
  bases: { ordered: { sv: 'beställningen', nb: 'bestillingen', en: 'the order' } },
  mendedBy: { operations: 'institution', 'study-adviser': 'institution' },
  commands: {
    stop: {
      kind: 'step',
      by: { 'study-adviser': 'institution' },
      in: open,
      rule: 'RX-25',
      title: { sv: 'Stoppa', nb: 'Stopp', en: 'Stop' },
    },
    extend: {
      kind: 'step',
      by: { 'study-adviser': 'institution' },
      in: open,
      rule: 'RX-25',
      title: { sv: 'Försök under längre tid', nb: 'Forsøk over lengre tid', en: 'Try for longer' },
    },
    'round-ended': {
      kind: 'step',
      by: { system: 'institution' },
      in: ['running'],
      rule: 'RX-18',
      title: { sv: 'Alla har frågats', nb: 'Alle er spurt', en: 'All have been asked' },
    },
    'ask-again': {
      kind: 'step',
      by: { system: 'institution' },
      in: ['waiting'],
      rule: 'RX-25',
      title: { sv: 'Fråga igen', nb: 'Spør på nytt', en: 'Ask again' },
    },
    due: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['waiting'],
      rule: 'RX-25',
      title: {
        sv: 'Sista dagen för nya försök har passerat',
        nb: 'Siste dag for nye forsøk er passert',
        en: 'The last day of trying again has passed',
      },
    },
  },
});

/** The commands of an order. */
export type ExchangeCommand = keyof (typeof definition)['commands'];
