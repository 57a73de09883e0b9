import { randomUUID } from 'node:crypto';
import type { ZodType } from 'zod';
import {
  assessmentsAnswer,
  coursesAnswer,
  itemsAnswer,
  membershipsAnswer,
  personsAnswer,
  statusAnswer,
} from './itslearning/answers.js';
import { soap, type SoapEndpoint } from './itslearning/soap.js';
import { PartnerRefused, PartnerUnavailable } from './outbound.js';
import type { Follow } from './progress.js';
import { escaped } from './xml-text.js';

/** Somebody in a course room. `teacher` and `other` (guests, assistants, roles nobody told us of) are never put on a list. */
export interface Participant {
  /**
   * The id the student system gave the person at import; we expect Ladok's student uid. Null for somebody added by hand in
   * the platform: nobody we could look up, whatever the name says.
   */
  readonly personKey: string | null;
  readonly role: 'student' | 'teacher' | 'other';
  /** As the platform has them; null when it tells none. Ladok's are the ones to use. */
  readonly givenName: string | null;
  readonly surname: string | null;
}

/** A column of a room's gradebook: one assessment that students get a grade on. */
export interface GradebookColumn {
  readonly id: number;
  readonly title: string;
}

/**
 * What one person got in a column. `word` is the scale's word as the teacher sees it, null when there is only a score; it is not
 * a grade before it was translated. No date: the platform's is the day of assessing, and not that of the examination (RL-19,
 * RL-20).
 */
export interface PlatformGrade {
  readonly personKey: string | null;
  readonly word: string | null;
  readonly score: number | null;
}

/**
 * `room` is the key the student system gave the course room at import, such as `XX1000-50001` (course and occasion). All methods
 * throw `PartnerUnavailable`, or `PartnerRefused` (401 for credentials, 400 for another no), and then give nothing.
 */
export interface Itslearning {
  /** Everybody in a course room (RL-12), or undefined for a room nobody knows. Somebody with two memberships comes twice. */
  participants(room: string): Promise<Participant[] | undefined>;
  /** The gradebook's columns, for choosing one. Empty, or refused, where the room does not use the assessment record. */
  columns(room: string): Promise<GradebookColumn[]>;
  /** What stands in one column (RL-15), who has nothing there not included. */
  grades(asked: { readonly room: string; readonly column: number; readonly follow?: Follow }): Promise<PlatformGrade[]>;
  /** Answers when both services do and know our credentials. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** Where itslearning is: two services with their own addresses and credentials. */
export interface ItslearningOptions {
  /** Organisation API, the address before `ReadDataService.svc`. */
  readonly organisation: SoapEndpoint;
  /** IMS Enterprise Services, the address before `MembershipManagementServiceSync.svc`. */
  readonly enterprise: SoapEndpoint;
  /** Milliseconds for one call. */
  readonly timeoutMs: number;
  /** Milliseconds after which no further page is asked for; 60 000 unless told. */
  readonly wholeMs?: number;
}

const NAME = 'itslearning';
const PAGE = 100;
const MOST_ROWS = 5_000;

const TEMPURI = 'http://tempuri.org/';
const ENTITIES = 'http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities';
const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
const IMS = 'http://www.imsglobal.org/services';

/** IMS Enterprise Services: which service has a method, its action, and the namespace of its messages. */
const memberServices = {
  readMembershipsForGroup: {
    service: 'MembershipManagementServiceSync.svc',
    action: 'http://www.imsglobal.org/soap/mms',
    messages: `${IMS}/mms/xsd/imsMemberManMessSchema_v1p0`,
  },
  readPersonsForGroup: {
    service: 'PersonManagementServiceSync.svc',
    action: 'http://www.imsglobal.org/soap/pms',
    messages: `${IMS}/pms/xsd/imsPersonManMessSchema_v1p0`,
  },
} as const;

/** IMS role types, as number or word (IMS Enterprise Services; itslearning's table of roles). */
const roles: Readonly<Record<string, Participant['role']>> = {
  '01': 'student',
  learner: 'student',
  '02': 'teacher',
  instructor: 'teacher',
};
const roleOf = (given: readonly string[]) => {
  const known = given.map((one) => roles[one]);
  return known.includes('student') ? 'student' : known.includes('teacher') ? 'teacher' : 'other';
};

interface Page<T> {
  readonly page: number;
  readonly total: number;
  readonly rows: T[];
}

/**
 * itslearning, read only: rooms and their members by IMS Enterprise Services, the gradebook by the Organisation
 * API. The element names in the gradebook's answers are invented; only `answers.ts` would change for the real ones.
 */
export function itslearning({ organisation, enterprise, timeoutMs, wholeMs = 60_000 }: ItslearningOptions): Itslearning {
  const read = soap({ ...organisation, name: NAME, timeoutMs });
  const ims = soap({ ...enterprise, name: NAME, timeoutMs });

  /** `filter` stands after the page in alphabetical order: the service overlooks a filter at any other place, without a word. */
  async function page<T>(
    method: string,
    schema: ZodType<Page<T>>,
    asked: { index: number; size?: number; filter?: string },
  ): Promise<Page<T>> {
    const { index, size = PAGE, filter = '' } = asked;
    const answer = read.fitting(
      schema,
      await read.call({
        service: 'ReadDataService.svc',
        action: `${TEMPURI}IReadDataService/${method}`,
        body:
          `<t:${method} xmlns:t="${TEMPURI}" xmlns:e="${ENTITIES}"><t:request><e:PageIndex>${index}</e:PageIndex>` +
          `<e:PageSize>${size}</e:PageSize>${filter}</t:request></t:${method}>`,
      }),
    );
    if (answer.page !== index) throw new PartnerUnavailable(NAME, 'malformed');
    return answer;
  }

  /** All pages, or nothing. Pages that do not add up were changed meanwhile, or are not what they seem. */
  async function all<T>(method: string, schema: ZodType<Page<T>>, filter: string, follow?: Follow): Promise<T[]> {
    const until = Date.now() + wholeMs;
    const rows: T[] = [];
    let whole: number | undefined;
    for (let index = 0; ; index += 1) {
      if (Date.now() > until) throw new PartnerUnavailable(NAME, 'timeout');
      const { total, rows: more } = await page(method, schema, { index, filter });
      rows.push(...more);
      whole ??= total;
      const adds = total === whole && total <= MOST_ROWS && rows.length <= total && (more.length > 0 || total === 0);
      if (!adds) throw new PartnerUnavailable(NAME, 'malformed');
      await follow?.({ done: rows.length, of: total });
      if (rows.length === total) return rows;
    }
  }

  /** Undefined for a room nobody knows. */
  async function members<T>(method: keyof typeof memberServices, schema: ZodType<T>, room: string): Promise<T | undefined> {
    const { service, action, messages } = memberServices[method];
    const envelope = await ims.call({
      service,
      action: `${action}/${method}`,
      header:
        `<b:syncRequestHeaderInfo xmlns:b="${IMS}/common/imsMessBindSchema_v1p0">` +
        `<b:messageIdentifier>${randomUUID()}</b:messageIdentifier></b:syncRequestHeaderInfo>`,
      body:
        `<m:${method}Request xmlns:m="${messages}" xmlns:c="${IMS}/common/imsCommonSchema_v1p0">` +
        `<m:groupSourcedId><c:identifier>${escaped(room)}</c:identifier></m:groupSourcedId></m:${method}Request>`,
    });
    const failed = ims.fitting(statusAnswer, envelope).filter(({ went }) => !went);
    const reasons = failed.flatMap((one) => one.reasons);
    if (!failed.length) return ims.fitting(schema, envelope);
    if (reasons.includes('unknownobject')) return undefined;
    if (reasons.some((reason) => reason === 'targetisbusy' || reason === 'linkfailure'))
      throw new PartnerUnavailable(NAME, 'status');
    throw new PartnerRefused(NAME, reasons.includes('unauthorisedrequest') ? 401 : 400, reasons.join());
  }

  const inRoom = (method: 'Items' | 'Assessments', room: string, more = '') =>
    `<g:CourseSyncKey xmlns:g="${ENTITIES}.CourseGradebook.${method}">${escaped(room)}</g:CourseSyncKey>${more}`;

  return {
    async participants(room) {
      const memberships = await members('readMembershipsForGroup', membershipsAnswer, room);
      const persons = memberships && (await members('readPersonsForGroup', personsAnswer, room));
      const names = new Map(persons?.map((person) => [person.personKey, person]));
      return memberships?.map(({ personKey, roles: given }) => {
        const { givenName = null, surname = null } = (personKey !== null && names.get(personKey)) || {};
        return { personKey, role: roleOf(given), givenName, surname };
      });
    },
    columns: (room) => all('ReadCourseGradebookItems', itemsAnswer, inRoom('Items', room)),
    async grades({ room, column, follow }) {
      const only =
        `<g:GradebookItemIdList xmlns:g="${ENTITIES}.CourseGradebook.Assessments" xmlns:a="${ARRAYS}">` +
        `<a:int>${column}</a:int></g:GradebookItemIdList>`;
      const rows = await all('ReadCourseGradebookAssessments', assessmentsAnswer, inRoom('Assessments', room, only), follow);
      if (rows.some((row) => row.column !== column)) throw new PartnerUnavailable(NAME, 'malformed');
      return rows.map(({ personKey, word, score }) => ({ personKey, word, score }));
    },
    async probe() {
      await page('ReadCourses', coursesAnswer, { index: 0, size: 1 });
      await members('readMembershipsForGroup', membershipsAnswer, 'no-such-room');
    },
    close: async () => void (await Promise.all([read.close(), ims.close()])),
  };
}
