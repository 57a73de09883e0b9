import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { calendarText, type CalendarDay } from '../../activities/calendar/ics.js';
import { whyThisDay } from '../../activities/calendar/why.js';
import { definition } from '../../workflows/result-list/definition.js';
import { dueOf } from '../../workflows/result-list/reminders.js';
import { bases, handledBy, movedTo } from '../../workflows/complaint/deadline.js';

const someDay = (other: Partial<CalendarDay> = {}): CalendarDay => ({
  id: 'a@registrar',
  on: '2026-03-30',
  title: 'Resultatlista 4711: Hos examinator',
  description: 'Regel: RL-37.',
  address: 'https://registrar.example/result-lists/4711',
  revision: 3,
  changedAt: '2026-03-09T10:11:12.345Z',
  ...other,
});
const written = (...days: CalendarDay[]) => calendarText({ title: 'Registrar', language: 'sv', days });
/** Reads it back as a calendar program does: lines unfolded, then the text of a property unescaped. */
const read = (ics: string, property: string) => {
  const line =
    ics
      .replace(/\r\n /g, '')
      .split('\r\n')
      .filter((one) => one.startsWith(`${property}:`))
      .at(-1) ?? '';
  return line.slice(property.length + 1).replace(/\\([\\;,nN])/g, (_all, mark: string) => (/n/i.test(mark) ? '\n' : mark));
};

describe('the calendar as text', () => {
  it('is iCalendar with a whole day for each deadline, its first day in and the next one out', () => {
    expect(written(someDay())).toBe(
      [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//Registrar//Deadlines//SV',
        'CALSCALE:GREGORIAN',
        'NAME:Registrar',
        'X-WR-CALNAME:Registrar',
        'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
        'X-PUBLISHED-TTL:PT1H',
        'BEGIN:VEVENT',
        'UID:a@registrar',
        'DTSTAMP:20260309T101112Z',
        'LAST-MODIFIED:20260309T101112Z',
        'SEQUENCE:3',
        'DTSTART;VALUE=DATE:20260330',
        'DTEND;VALUE=DATE:20260331',
        'SUMMARY:Resultatlista 4711: Hos examinator',
        'DESCRIPTION:Regel: RL-37.',
        'URL;VALUE=URI:https://registrar.example/result-lists/4711',
        'TRANSP:TRANSPARENT',
        'CLASS:PRIVATE',
        'END:VEVENT',
        'END:VCALENDAR',
        '',
      ].join('\r\n'),
    );
  });

  it('has a day that ends in another month or year', () => {
    expect(written(someDay({ on: '2026-12-31' }))).toContain('DTEND;VALUE=DATE:20270101\r\n');
    expect(written(someDay({ on: '2028-02-28' }))).toContain('DTEND;VALUE=DATE:20280229\r\n');
  });

  it('escapes what would end or divide a text, so that no text can add a line of its own', () => {
    const sly = 'one; two, three\\four\nfive\r\nEND:VEVENT\rATTACH:x';
    const ics = written(someDay({ description: sly }));
    expect(ics).toContain('DESCRIPTION:one\\; two\\, three\\\\four\\nfive\\nEND:VEVENT\\nATTACH:x\r\n');
    expect(ics.match(/^END:VEVENT/gm)).toHaveLength(1);
  });

  it('folds a line as late as 75 octets, which are not letters', () => {
    const lengths = (letter: string) =>
      written(someDay({ title: letter.repeat(200) }))
        .split('\r\n')
        .filter((line) => line.includes(letter.repeat(3)))
        .map((line) => Buffer.byteLength(line));
    expect(lengths('x')).toEqual([75, 75, 60]);
    expect(lengths('å')).toEqual([74, 75, 75, 75, 75, 39]);
    expect(lengths('🎓').every((length) => length <= 75)).toBe(true);
  });

  it('folds at 75 octets, cuts no letter in two, and reads back as it was, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300, size: 'max' }),
        fc.string({ unit: 'binary', maxLength: 200, size: 'max' }),
        (title, any) => {
          const description = Buffer.from(any).toString();
          const ics = written(someDay({ title, description }));
          for (const line of ics.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
          expect(ics).not.toMatch(/[^\r]\n|\r[^\n]/);
          expect(ics).not.toContain(
            '\ufffd'.repeat(2 + [...title, ...description].filter((letter) => letter === '\ufffd').length),
          );
          // eslint-disable-next-line no-control-regex
          const kept = (text: string) => text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
          expect([read(ics, 'SUMMARY'), read(ics, 'DESCRIPTION')]).toEqual([kept(title), kept(description)]);
        },
      ),
    );
  });
});

describe('why a deadline lies on its day', () => {
  it('tells the rule, what it is counted from and the days off that were skipped', () => {
    const due = dueOf('2026-12-18', [], { zone: 'Europe/Stockholm', calendar: { country: 'SE', own: [] }, days: 4 });
    expect(whyThisDay(definition, due, 'sv')).toBe(
      'Regel: RL-37.\nRäknat från att listan skickades 2026-12-18: 4 arbetsdagar.\nÖverhoppade lediga dagar: 2026-12-24 Julafton, 2026-12-25 Juldagen.',
    );
    expect(whyThisDay(definition, due, 'en').split('\n')[1]).toBe(
      'Counted from when the list was sent 2026-12-18: 4 working days.',
    );
  });

  it('tells each day it was moved from, and nobody who moved it', () => {
    const due = movedTo(
      handledBy('grading', '2026-03-02', 'Europe/Oslo'),
      { on: '2026-03-30', by: 'kari', movedOn: '2026-03-20' },
      'Europe/Oslo',
    );
    expect(whyThisDay({ bases }, due, 'nb')).toBe(
      'Regel: GC-17.\nRegnet fra klagen ble mottatt 2026-03-02: 3 uker.\nFlyttet fra 2026-03-23, den 2026-03-20.',
    );
  });

  it('tells the rule alone where nothing was counted, and one of a thing as one', () => {
    expect(whyThisDay({}, { on: '2029-11-22', ends: '2029-11-22T23:00:00.000Z', rule: 'SU-04' }, 'en')).toBe('Rule: SU-04.');
    expect(
      whyThisDay(
        { bases },
        { on: '2029-11-22', ends: '', rule: 'X', why: { basis: 'received', from: '2029-11-15', weeks: 1, skipped: [] } },
        'sv',
      ),
    ).toContain(': 1 vecka.');
  });
});
