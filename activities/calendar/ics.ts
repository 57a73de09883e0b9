import { addDays, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';

/**
 * A day in a calendar, all of it. `id` names it for ever, also when its day is moved; `revision` counts on when anything of it
 * changes.
 */
export interface CalendarDay {
  readonly id: string;
  readonly on: CivilDate;
  readonly title: string;
  readonly description: string;
  readonly address: string;
  readonly revision: number;
  readonly changedAt: Instant;
}

const MOST_OCTETS = 75;

/** Lines of at most 75 octets, the next ones beginning with a space, no letter cut in two (RFC 5545, 3.1). */
function folded(line: string): string {
  const parts: string[] = [];
  let [part, octets] = ['', 0];
  for (const letter of line) {
    const more = Buffer.byteLength(letter);
    if (octets + more > MOST_OCTETS) {
      parts.push(part);
      [part, octets] = [' ', 1];
    }
    part += letter;
    octets += more;
  }
  return [...parts, part].join('\r\n');
}

/** A value of the type TEXT: what would end or divide it is escaped, what no calendar can hold is left out (RFC 5545, 3.3.11). */
const text = (value: string): string =>
  value
    .replace(/\r\n?/g, '\n')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replace(/[\\;,]/g, (mark) => `\\${mark}`)
    .replace(/\n/g, '\\n');

const day = (date: CivilDate): string => date.replaceAll('-', '');
const moment = (at: Instant): string => at.replace(/\.\d+/, '').replace(/[-:]/g, '');

const eventOf = ({ id, on, title, description, address, revision, changedAt }: CalendarDay): string[] => [
  'BEGIN:VEVENT',
  `UID:${text(id)}`,
  `DTSTAMP:${moment(changedAt)}`,
  `LAST-MODIFIED:${moment(changedAt)}`,
  `SEQUENCE:${revision}`,
  `DTSTART;VALUE=DATE:${day(on)}`,
  `DTEND;VALUE=DATE:${day(addDays(on, 1))}`,
  `SUMMARY:${text(title)}`,
  `DESCRIPTION:${text(description)}`,
  `URL;VALUE=URI:${address}`,
  'TRANSP:TRANSPARENT',
  'CLASS:PRIVATE',
  'END:VEVENT',
];

/** A calendar of whole days as iCalendar (RFC 5545). The same days give the same bytes. */
export const calendarText = (calendar: {
  readonly title: string;
  readonly language: string;
  readonly days: readonly CalendarDay[];
}): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//Registrar//Deadlines//${calendar.language.toUpperCase()}`,
    'CALSCALE:GREGORIAN',
    `NAME:${text(calendar.title)}`,
    `X-WR-CALNAME:${text(calendar.title)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...calendar.days.flatMap(eventOf),
    'END:VCALENDAR',
  ]
    .map((line) => `${folded(line)}\r\n`)
    .join('');
