import type { Context } from 'hono';
import { XMLParser } from 'fast-xml-parser';
import { rooms as sample } from './sample.js';
import { simulator, type Simulator } from './simulator.js';

export interface PlatformMember {
  key: string | null;
  givenName: string;
  surname: string;
  role: string;
}
export interface PlatformAssessment {
  person: string | null;
  word: string | null;
  score: number | null;
  assessedAt: string;
}
export interface PlatformColumn {
  id: number;
  title: string;
  grades: PlatformAssessment[];
}
export interface PlatformRoom {
  key: string;
  title: string;
  participants: PlatformMember[];
  columns: PlatformColumn[];
}
interface Store {
  rooms: PlatformRoom[];
}

const firstRooms = (): PlatformRoom[] =>
  sample.map(({ key, title, participants, columns }) => ({
    key,
    title,
    participants: participants.map((one) => ({ ...one })),
    columns: columns.map((column) => ({
      id: column.id,
      title: column.title,
      grades: column.grades.map((one) => ({ ...one, assessedAt: '2026-11-18T13:00:00Z' })),
    })),
  }));

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const TEMPURI = 'http://tempuri.org/';
const ENTITIES = 'http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities';
const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
const SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const DISPATCHER = 'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';
const COMMON = 'http://www.imsglobal.org/services/common/imsCommonSchema_v1p0';
const BINDING = 'http://www.imsglobal.org/services/common/imsMessBindSchema_v1p0';
const PERSONS = 'http://www.imsglobal.org/services/pms/xsd/imsPersonManMessSchema_v1p0';
const MEMBERS = 'http://www.imsglobal.org/services/mms/xsd/imsMemberManMessSchema_v1p0';
const MOST_ON_A_PAGE = 100;

/** An element with the namespace its prefix stands for. */
interface Tree {
  readonly space: string;
  readonly name: string;
  readonly children: readonly Tree[];
  readonly text: string;
}
type Raw = Record<string, unknown> & { readonly ':@'?: Record<string, string> };

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  ignoreDeclaration: true,
});
const treesOf = (nodes: readonly Raw[], above: Readonly<Record<string, string>>): Tree[] =>
  nodes.flatMap((node) => {
    const full = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    if (full === undefined) return [];
    const declared = Object.entries(node[':@'] ?? {}).filter(([name]) => /^xmlns(:|$)/.test(name));
    const spaces = { ...above, ...Object.fromEntries(declared.map(([name, uri]) => [name.slice(6), uri])) };
    const [prefix, name] = full.includes(':') ? (full.split(':') as [string, string]) : ['', full];
    const inner = node[full] as Raw[];
    const text = inner.map((one) => (typeof one['#text'] === 'string' ? one['#text'] : '')).join('');
    return [{ space: spaces[prefix] ?? `unbound prefix ${prefix}`, name, children: treesOf(inner, spaces), text }];
  });
const at = (tree: Tree | undefined, ...path: readonly (readonly [string, string])[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (from, [space, name]) => from?.children.find((one) => one.space === space && one.name === name),
    tree,
  );

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** What is null is nil, as .NET writes it. */
const tag = (name: string, value: string | number | null) =>
  value === null ? `<${name} i:nil="true"/>` : `<${name}>${xml(String(value))}</${name}>`;

class Fault extends Error {
  constructor(
    readonly space: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * itslearning's SOAP services. Requests are read strictly, namespaces included; any user and password unless given.
 *
 * - Organisation API, `POST /ContentImport/ReadDataService.svc`: `ReadCourses`, `ReadCourseGradebookItems`,
 *   `ReadCourseGradebookAssessments`, paged. As in .NET an element that does not stand in alphabetical order among those of its
 *   namespace is overlooked. The answers' element names are guessed after those of the data warehouse (X).
 * - IMS Enterprise Services, `POST /WCFServiceLibrary/{Membership,Person}ManagementServiceSync.svc`: `readMembershipsForGroup`,
 *   `readPersonsForGroup`. How it went is said in the header.
 * - `PUT /__sim/rooms/{room}/columns/{id}/grades/{person}` with `{ "word": "VG" }`: a teacher assesses.
 *
 * Faults beside the general ones: `soap-fault` (the service's own), `no-such-method` (a client's), `wrong-credentials` (they were
 * changed), `fails-on-page-2` (the first page comes, the second does not), `other-page` (the first page whatever was asked),
 * `busy` (IMS).
 */
export function itslearningSimulator({
  folder,
  user,
  password,
}: { folder?: string; user?: string; password?: string } = {}): Simulator<Store> {
  const base = simulator<Store>('itslearning', () => ({ rooms: firstRooms() }), folder);
  const { app, store } = base;

  const enveloped = (body: string, header = '') =>
    `<s:Envelope xmlns:s="${SOAP}"><s:Header>${header}</s:Header><s:Body xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${body}</s:Body></s:Envelope>`;
  const says = (c: Context, text: string, status: 200 | 500 = 200) =>
    c.body(text, status, { 'Content-Type': 'text/xml; charset=utf-8' });

  const signedIn = (envelope: Tree | undefined) => {
    const token = at(envelope, [SOAP, 'Header'], [SECURITY, 'Security'], [SECURITY, 'UsernameToken']);
    const [name, word] = [at(token, [SECURITY, 'Username'])?.text, at(token, [SECURITY, 'Password'])?.text];
    return name && word && (user === undefined || user === name) && (password === undefined || password === word);
  };

  /** The message of a well-formed, signed-in request with the right action; what is wrong is thrown as a fault. */
  async function messageOf(c: Context, action: string, [space, name]: readonly [string, string]): Promise<Tree> {
    const { path } = c.req;
    const [envelope] = treesOf(parser.parse(await c.req.text()) as Raw[], {});
    if (envelope?.space !== SOAP || envelope.name !== 'Envelope') throw new Fault(SOAP, 'Client', 'Not an envelope');
    if (!signedIn(envelope) || base.takeFault('POST', path, 'wrong-credentials'))
      throw new Fault(SECURITY, 'InvalidSecurity', 'An error occurred when verifying security for the message.');
    if (base.takeFault('POST', path, 'soap-fault'))
      throw new Fault(DISPATCHER, 'InternalServiceFault', 'The server was unable to process the request.');
    const message = at(envelope, [SOAP, 'Body'], [space, name]);
    if (!message || c.req.header('SOAPAction') !== `"${action}"` || base.takeFault('POST', path, 'no-such-method'))
      throw new Fault(DISPATCHER, 'ActionNotSupported', 'The message cannot be processed at the receiver.');
    return message;
  }

  const service = (path: string, answer: (c: Context) => Promise<string>) =>
    app.post(path, async (c) => {
      if (c.req.header('Content-Type')?.split(';')[0] !== 'text/xml') return c.body(null, 415);
      try {
        return says(c, await answer(c));
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        const { space, code, message } = thrown;
        const fault = `<s:Fault><faultcode xmlns:a="${space}">a:${code}</faultcode><faultstring xml:lang="en-US">${xml(message)}</faultstring></s:Fault>`;
        return says(c, enveloped(fault), 500);
      }
    });

  /** The texts of a request's elements in one namespace, without those that stand after one they should stand before. */
  const inOrder = (request: Tree | undefined, space: string): ReadonlyMap<string, Tree> => {
    const kept = new Map<string, Tree>();
    let last = '';
    for (const one of request?.children.filter((child) => child.space === space) ?? []) {
      if (one.name <= last) continue;
      kept.set(one.name, one);
      last = one.name;
    }
    return kept;
  };

  const asked = (request: Tree | undefined, method: string) => {
    const own = method === 'ReadCourses' ? '' : `.CourseGradebook.${method.replace('ReadCourseGradebook', '')}`;
    const [pages, filters] = [inOrder(request, ENTITIES), inOrder(request, `${ENTITIES}${own}`)];
    const [index, size] = [Number(pages.get('PageIndex')?.text ?? 0), Number(pages.get('PageSize')?.text ?? MOST_ON_A_PAGE)];
    if (!Number.isInteger(index) || index < 0 || !Number.isInteger(size) || size < 1 || size > MOST_ON_A_PAGE)
      throw new Fault(SOAP, 'Client', 'PageSize must be between 1 and 100');
    return { index, size, filters };
  };

  const roomOf = (filters: ReadonlyMap<string, Tree>): PlatformRoom => {
    const key = filters.get('CourseSyncKey')?.text;
    if (filters.has('CourseId') && key !== undefined)
      throw new Fault(SOAP, 'Client', 'CourseId and CourseSyncKey cannot both be given');
    const room = store.rooms.find((one) => one.key === key);
    if (!room) throw new Fault(SOAP, 'Client', 'Course with specified CourseId/CourseSyncKey is not valid.');
    return room;
  };

  const readers: Readonly<Record<string, (filters: ReadonlyMap<string, Tree>) => { list: string; rows: string[] }>> = {
    ReadCourses: () => ({
      list: 'Courses',
      rows: store.rooms.map(
        ({ key, title }, place) =>
          `<Course>${tag('CourseId', place + 1)}${tag('CourseSyncKey', key)}${tag('CourseTitle', title)}</Course>`,
      ),
    }),
    ReadCourseGradebookItems: (filters) => ({
      list: 'Items',
      rows: roomOf(filters).columns.map(({ id, title }) => `<Item>${tag('GradebookItemId', id)}${tag('Title', title)}</Item>`),
    }),
    ReadCourseGradebookAssessments: (filters) => {
      const only = filters
        .get('GradebookItemIdList')
        ?.children.filter(({ space, name }) => space === ARRAYS && name === 'int')
        .map(({ text }) => Number(text));
      const { columns } = roomOf(filters);
      const words = [...new Set(columns.flatMap(({ grades }) => grades.map(({ word }) => word)))];
      return {
        list: 'Assessments',
        rows: columns
          .filter(({ id }) => !only || only.includes(id))
          .flatMap(({ id, grades }) =>
            grades.map(
              ({ person, word, score, assessedAt }) =>
                `<Assessment>${tag('GradebookItemId', id)}${tag('PersonSyncKey', person)}${tag('AssessmentItemId', word === null ? null : words.indexOf(word) + 1)}` +
                `${tag('AssessmentItemTitle', word)}${tag('Score', score)}${tag('AssessedDate', assessedAt)}</Assessment>`,
            ),
          ),
      };
    },
  };

  service('/ContentImport/ReadDataService.svc', async (c) => {
    const method = c.req.header('SOAPAction')?.replace(/^.*\/|"/g, '') ?? '';
    const message = await messageOf(c, `${TEMPURI}IReadDataService/${method}`, [TEMPURI, method]);
    const { index, size, filters } = asked(at(message, [TEMPURI, 'request']), method);
    const { list, rows } = readers[method]?.(filters) ?? { list: '', rows: [] };
    if (index === 1 && base.takeFault('POST', c.req.path, 'fails-on-page-2'))
      throw new Fault(DISPATCHER, 'InternalServiceFault', 'The request timed out.');
    const shown = base.takeFault('POST', c.req.path, 'other-page') ? 0 : index;
    const page = rows.slice(shown * size, (shown + 1) * size).join('');
    return enveloped(
      `<${method}Response xmlns="${TEMPURI}"><${method}Result>${tag('CurrentPageIndex', shown)}${tag('Total', rows.length)}` +
        `<${list}>${page}</${list}></${method}Result></${method}Response>`,
    );
  });

  const groupService = (path: string, space: string, action: string, method: string, answer: (room: PlatformRoom) => string) =>
    service(path, async (c) => {
      const request = await messageOf(c, `${action}${method}`, [space, `${method}Request`]);
      const room = store.rooms.find(({ key }) => key === at(request, [space, 'groupSourcedId'], [COMMON, 'identifier'])?.text);
      const why = base.takeFault('POST', c.req.path, 'busy') ? 'targetisbusy' : room ? undefined : 'unknownobject';
      const minor = why
        ? `<codeMinor><codeMinorField><codeMinorName>Reason</codeMinorName><codeMinorValue>${why}</codeMinorValue></codeMinorField></codeMinor>`
        : '';
      const header =
        `<h:syncResponseHeaderInfo xmlns:h="${BINDING}" xmlns="${BINDING}"><messageIdentifier>answer</messageIdentifier><statusInfoSet><statusInfo>` +
        `<codeMajor>${why ? 'failure' : 'success'}</codeMajor><severity>${why ? 'error' : 'status'}</severity>${minor}` +
        '</statusInfo></statusInfoSet></h:syncResponseHeaderInfo>';
      return enveloped(`<${method}Response xmlns="${space}">${room && !why ? answer(room) : ''}</${method}Response>`, header);
    });
  const identifier = (key: string | null) => `<identifier xmlns="${COMMON}">${xml(key ?? '')}</identifier>`;

  groupService(
    '/WCFServiceLibrary/MembershipManagementServiceSync.svc',
    MEMBERS,
    'http://www.imsglobal.org/soap/mms/',
    'readMembershipsForGroup',
    (room) =>
      `<membershipIDPairSet>${room.participants
        .map(
          ({ key, role }, place) =>
            `<membershipIdPair><sourcedId>${identifier(`itsla-${room.key}-${place}`)}</sourcedId><membership><groupSourcedId>${identifier(room.key)}</groupSourcedId>` +
            `<member><memberSourcedId>${identifier(key)}</memberSourcedId><role><roleType>${role}</roleType></role></member></membership></membershipIdPair>`,
        )
        .join('')}</membershipIDPairSet>`,
  );

  groupService(
    '/WCFServiceLibrary/PersonManagementServiceSync.svc',
    PERSONS,
    'http://www.imsglobal.org/soap/pms/',
    'readPersonsForGroup',
    (room) => {
      const part = (type: string, value: string) =>
        `<partName><namePartType>${type}</namePartType><namePartValue>${xml(value)}</namePartValue></partName>`;
      return `<personIdPairSet>${room.participants
        .map(
          ({ key, givenName, surname }) =>
            `<personIdPair><sourcedId>${identifier(key)}</sourcedId><person><name>${part('First', givenName)}${part('Last', surname)}</name></person></personIdPair>`,
        )
        .join('')}</personIdPairSet>`;
    },
  );

  app.put('/__sim/rooms/:room/columns/:column/grades/:person', async (c) => {
    const { room, column, person } = c.req.param();
    const grades = store.rooms.find(({ key }) => key === room)?.columns.find(({ id }) => String(id) === column)?.grades;
    if (!grades) return c.json({ error: 'no such column' }, 404);
    const { word = null, score = null } = await c.req.json<Partial<PlatformAssessment>>();
    const place = grades.findIndex((one) => one.person === person);
    grades.splice(place < 0 ? grades.length : place, 1, { person, word, score, assessedAt: new Date().toISOString() });
    base.save();
    return c.body(null, 204);
  });

  return base;
}
