import { defineProcess } from '../process.js';

/**
 * An approval case (godkjenningssak): a study adviser works with what a person has from elsewhere, orders it, and finishes
 * (RX-10, RX-20).
 */
export const definition = defineProcess({
  kind: 'approval',
  path: 'approvals',
  title: { sv: 'Tillgodoräknandeärende', nb: 'Godkjenningssak', en: 'Approval case' },
  states: {
    'in-progress': { sv: 'Behandlas', nb: 'Behandles', en: 'In progress' },
    finished: { sv: 'Färdigbehandlat', nb: 'Ferdigbehandlet', en: 'Finished' },
    closed: { sv: 'Avslutat', nb: 'Avsluttet', en: 'Closed' },
  },
  final: ['closed'],
  birth: {
    by: { 'study-adviser': 'institution' },
    rule: 'RX-10',
    title: { sv: 'Öppna tillgodoräknandeärende', nb: 'Opprett godkjenningssak', en: 'Open an approval case' },
  },
  readers: ['study-adviser', 'auditor', 'operations'],
  openRule: 'RX-10',
  bases: {
    finished: {
      sv: 'dagen då ärendet blev färdigbehandlat',
      nb: 'dagen da saken ble ferdigbehandlet',
      en: 'the day on which the case was finished',
    },
  },
  mendedBy: { operations: 'institution', 'study-adviser': 'institution' },
  commands: {
    finish: {
      kind: 'step',
      by: { 'study-adviser': 'institution' },
      in: ['in-progress'],
      rule: 'RX-20',
      title: { sv: 'Avsluta behandlingen', nb: 'Avslutt behandlingen', en: 'Finish' },
    },
    reopen: {
      kind: 'step',
      by: { 'study-adviser': 'institution' },
      in: ['finished'],
      rule: 'RX-20',
      title: { sv: 'Ta upp igen', nb: 'Gjenåpne', en: 'Reopen' },
    },
    due: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['finished'],
      rule: 'RX-20',
      title: { sv: 'Tiden för att ta upp igen är över', nb: 'Tiden for å gjenåpne er over', en: 'The time to reopen is over' },
    },
  },
});

/** The commands of an approval case. */
export type ApprovalCommand = keyof (typeof definition)['commands'];
