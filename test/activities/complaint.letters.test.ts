import { describe, expect, it } from '../spec.js';
import { letters, type About } from '../../activities/complaint/letters.js';
import type { LetterName } from '../../workflows/complaint/complaint.js';
import { aComplaint } from '../support/complaint-asks.js';

const said = (name: LetterName, type: 'grading' | 'explanation', other: Partial<About> = {}) => {
  const { sv, nb, en } = letters[name]({
    number: '1',
    complaint: aComplaint('received', { type, communicated: '2026-06-22' }).data,
    link: '',
    help: '',
    law: '',
    due: '2026-07-11',
    ...other,
  });
  return [sv, nb, en].map(({ text }) => text.slice(0, -2));
};

describe('a letter to the student', () => {
  it('GC-17 tells what was received and by when it is to be dealt with, each word in its gender', () => {
    expect(said('acknowledged', 'grading')).toEqual([
      ['Ditt klagomål på betyget på MAT1000 JUN 2026 (Kalkulus) kom in 2026-06-20.', 'Det ska vara behandlat senast 2026-07-11.'],
      [
        'Klagen din på karakteren i MAT1000 JUN 2026 (Kalkulus) ble mottatt 2026-06-20.',
        'Den skal være behandlet senest 2026-07-11.',
      ],
      [
        'Your complaint about the grade on MAT1000 JUN 2026 (Calculus) was received on 2026-06-20.',
        'It is to be dealt with by 2026-07-11.',
      ],
    ]);
    expect(said('acknowledged', 'explanation').slice(0, 2)).toEqual([
      [
        'Din begäran om motivering av betyget på MAT1000 JUN 2026 (Kalkulus) kom in 2026-06-20.',
        'Den ska vara behandlad senast 2026-07-11.',
      ],
      [
        'Kravet ditt om begrunnelse for karakteren i MAT1000 JUN 2026 (Kalkulus) ble mottatt 2026-06-20.',
        'Det skal være behandlet senest 2026-07-11.',
      ],
    ]);
  });

  it('GC-36 says what a withdrawal leaves: the grade of before, or that it was annulled', () => {
    const { data } = aComplaint('received', { formalError: { by: 'siri', at: '', outcome: 'annulled' } });
    expect(
      [said('withdrawn', 'grading'), said('withdrawn', 'grading', { complaint: data })].map((all) => all.map((text) => text[1])),
    ).toEqual([
      ['Det tidigare betyget gäller.', 'Den opprinnelige karakteren gjelder.', 'The grade of before stands.'],
      [
        'Beslutet att upphäva betyget gäller fortfarande.',
        'Vedtaket om å oppheve karakteren gjelder fortsatt.',
        'The decision that annulled the grade still stands.',
      ],
    ]);
  });

  it('GC-51 names whom to ask, in every letter and to staff as well', () => {
    for (const [name, letter] of Object.entries(letters)) {
      const { sv, nb, en } = letter({
        number: '1',
        complaint: aComplaint('received', { communicated: '2026-06-22' }).data,
        link: '',
        help: 'help@uni.example',
        law: '',
      });
      expect([name, sv.text.at(-1), nb.text.at(-1), en.text.at(-1)]).toEqual([
        name,
        'Frågor: help@uni.example',
        'Spørsmål: help@uni.example',
        'Questions: help@uni.example',
      ]);
    }
  });

  it('GC-33 tells a committee that the case is halted and goes on, and neither why nor what the first grade was', () => {
    const reason = 'The diploma with the C went out';
    const about = {
      complaint: aComplaint('halted', {
        halted: { by: 'siri', at: '', from: 'with-committee', reason },
        resumed: { by: 'siri', at: '', diplomaReturned: false, reason },
      }).data,
      grade: 'C',
      explanation: reason,
      reason,
    };
    expect(said('halted', 'grading', about)).toEqual([
      ['Ärende 1 om MAT1000 JUN 2026 (Kalkulus) vilar tills vidare. Vänta med bedömningen; du får besked när den går vidare.'],
      ['Sak 1 om MAT1000 JUN 2026 (Kalkulus) er stanset inntil videre. Vent med vurderingen; du får beskjed når den går videre.'],
      [
        'Case 1 about MAT1000 JUN 2026 (Calculus) is halted for the time being. Wait with the assessment; you are told when it goes on.',
      ],
    ]);
    expect(said('resumed', 'grading', about)).toEqual([
      ['Ärende 1 om MAT1000 JUN 2026 (Kalkulus) går vidare. Bedömningen ska vara klar senast 2026-07-11.'],
      ['Sak 1 om MAT1000 JUN 2026 (Kalkulus) går videre. Sensurfristen er 2026-07-11.'],
      ['Case 1 about MAT1000 JUN 2026 (Calculus) goes on. The assessment is due by 2026-07-11.'],
    ]);
    expect(said('no-explanation-needed', 'explanation', about).join()).not.toContain(reason);
  });

  it('GC-24 tells that it was dismissed or withdrawn', () => {
    expect(said('dismissed', 'grading').map(([line]) => line)).toEqual([
      'Ditt klagomål på betyget på MAT1000 JUN 2026 (Kalkulus) har avvisats.',
      'Klagen din på karakteren i MAT1000 JUN 2026 (Kalkulus) er avvist.',
      'Your complaint about the grade on MAT1000 JUN 2026 (Calculus) has been dismissed.',
    ]);
    expect([said('withdrawn', 'grading')[0]?.[0], said('withdrawn', 'explanation')[0]?.[0]]).toEqual([
      'Ditt klagomål på betyget på MAT1000 JUN 2026 (Kalkulus) är återkallat.',
      'Din begäran om motivering av betyget på MAT1000 JUN 2026 (Kalkulus) är återkallad.',
    ]);
  });

  it('GC-04 names the last day to complain after an explanation', () => {
    expect(said('explanation-given', 'explanation', { explanation: 'Because' }).map((lines) => lines.at(-1))).toEqual([
      'Du kan klaga på betyget till och med 2026-07-13.',
      'Du kan klage på karakteren til og med 2026-07-13.',
      'You can complain about the grade until 2026-07-13.',
    ]);
  });
});
