import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { XMLParser } from 'fast-xml-parser';
import { itslearning, type Itslearning, type PlatformGrade } from '../../activities/itslearning.js';
import { translated, type GradeWord } from '../../activities/itslearning/translation.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { itslearningSimulator } from '../simulators/itslearning.js';
import { rooms, staff, strangerIndex, student } from '../simulators/sample.js';

const ROOM = 'XX1000-50001';
const EXAM = 9;
const LAB = 10;
const ORGANISATION = '/ContentImport/ReadDataService.svc';
const MEMBERSHIPS = '/WCFServiceLibrary/MembershipManagementServiceSync.svc';
const PERSONS = '/WCFServiceLibrary/PersonManagementServiceSync.svc';

const uid = (index: number) => student(index).uid;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const platformAt = (url: string, more: { password?: string; timeoutMs?: number; wholeMs?: number } = {}) => {
  const { password = 'right', timeoutMs = 5_000, wholeMs } = more;
  const client = itslearning({
    organisation: { baseUrl: `${url}/ContentImport`, user: 'partner-site', password },
    enterprise: { baseUrl: `${url}/WCFServiceLibrary/`, user: 'partner-site', password }, timeoutMs, wholeMs,
  });
  open.push(client.close);
  return client;
};

describe('itslearning', () => {
  let simulated: ReturnType<typeof itslearningSimulator>;
  let url: string;
  let platform: Itslearning;

  beforeEach(async () => {
    simulated = itslearningSimulator({ user: 'partner-site', password: 'right' });
    const server = await simulated.listen();
    open.push(server.close);
    url = server.url;
    platform = platformAt(url);
  });

  const columnOf = (id: number) => simulated.store.rooms[0]!.columns.find((one) => one.id === id)!;
  const gradeMany = (count: number) => {
    columnOf(EXAM).grades = Array.from({ length: count }, (_, index) => ({ person: uid(index), word: 'A', score: null, assessedAt: '2026-11-18T13:00:00Z' }));
  };
  const soon = async (holds: () => boolean) => {
    for (let looks = 0; !holds() && looks < 4_000; looks += 1) await new Promise((later) => setTimeout(later, 5));
  };

  it('RL-12 tells who is in a course room, and who of them is a student', async () => {
    const everybody = (await platform.participants(ROOM))!;
    const students = everybody.filter(({ role }) => role === 'student');
    expect(students.map(({ personKey }) => personKey)).toEqual([...Array.from({ length: 10 }, (_, index) => uid(index)), uid(strangerIndex)]);
    expect(students[0]).toEqual({ personKey: uid(0), role: 'student', givenName: 'Åsa', surname: 'Öberg' });
    expect(everybody.filter(({ role }) => role === 'teacher')).toEqual([
      { personKey: staff[0]?.id, role: 'teacher', givenName: 'Tove', surname: 'Lärare' },
    ]);
  });

  it('RL-12 has no key and no name for somebody added by hand, and no role but other for a guest', async () => {
    const room = simulated.store.rooms[0]!;
    room.participants.push({ key: null, givenName: 'Hans', surname: 'Handlagd', role: 'Learner' });
    const everybody = (await platform.participants(ROOM))!;
    expect(everybody.slice(-2)).toEqual([
      { personKey: null, role: 'other', givenName: null, surname: null },
      { personKey: null, role: 'student', givenName: null, surname: null },
    ]);
  });

  it.each([
    ['01', 'student'], ['Learner', 'student'], ['02', 'teacher'], ['Instructor', 'teacher'],
    ['03', 'other'], ['04', 'other'], ['Mentor', 'other'], ['Administrator', 'other'], ['student', 'other'],
  ])('RL-12 takes the role type %s for %s', async (role, meant) => {
    simulated.store.rooms[0]!.participants = [{ key: 'somebody', givenName: 'A', surname: 'B', role }];
    expect(await platform.participants(ROOM)).toEqual([{ personKey: 'somebody', role: meant, givenName: 'A', surname: 'B' }]);
  });

  it('RL-15 gives what stands in one column, in the words of the platform', async () => {
    const words = ['A', 'B', 'C', 'Underkänd', 'Godkänd', 'E', null];
    expect(await platform.grades({ room: ROOM, column: EXAM })).toEqual([
      ...words.map((word, index) => ({ personKey: uid(index), word, score: index * 2.5 })),
      { personKey: uid(strangerIndex), word: 'D', score: 0 },
    ]);
    expect((await platform.grades({ room: ROOM, column: LAB })).map(({ word }) => word)).toEqual(['G', 'Godkänd', 'Ej godkänd']);
    expect(await platform.grades({ room: ROOM, column: 4711 })).toEqual([]);
  });

  it('RL-15 gives a grade that a teacher has just set', async () => {
    const path = `/__sim/rooms/${ROOM}/columns/${LAB}/grades/${uid(1)}`;
    expect((await fetch(`${url}${path}`, { method: 'PUT', body: JSON.stringify({ word: 'Ej godkänd' }) })).status).toBe(204);
    expect(await platform.grades({ room: ROOM, column: LAB })).toContainEqual({ personKey: uid(1), word: 'Ej godkänd', score: null });
  });

  it('RL-20 gives no date with a grade, though the platform tells when it was set', async () => {
    expect(columnOf(EXAM).grades.every(({ assessedAt }) => assessedAt)).toBe(true);
    for (const grade of await platform.grades({ room: ROOM, column: EXAM })) expect(Object.keys(grade)).toEqual(['personKey', 'word', 'score']);
  });

  it('lists the columns of a gradebook', async () => {
    expect(await platform.columns(ROOM)).toEqual([{ id: EXAM, title: 'Tentamen' }, { id: LAB, title: 'Laboration & rapport' }]);
    simulated.store.rooms[0]!.columns = [];
    expect(await platform.columns(ROOM)).toEqual([]);
  });

  it.each([99, 100, 101, 250])('gives all of %s grades, over all pages', async (count) => {
    gradeMany(count);
    const found = await platform.grades({ room: ROOM, column: EXAM });
    expect(found.map(({ personKey }) => personKey)).toEqual(Array.from({ length: count }, (_, index) => uid(index)));
  });

  it('gives nothing when the second page fails, and everything the next time', async () => {
    gradeMany(150);
    simulated.faults.push({ match: 'POST *', effect: 'fails-on-page-2', times: 1 });
    await expect(platform.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'status' });
    expect(simulated.faults).toEqual([]);
    expect(await platform.grades({ room: ROOM, column: EXAM })).toHaveLength(150);
  });

  it('does not take one page for another', async () => {
    gradeMany(150);
    simulated.faults.push({ match: 'POST *', effect: 'delay', ms: 1, times: 1 }, { match: 'POST *', effect: 'delay', ms: 300, times: 1 });
    const asked = platform.grades({ room: ROOM, column: EXAM });
    await soon(() => simulated.faults.length === 0);
    simulated.faults.push({ match: 'POST *', effect: 'other-page', times: 1 });
    await expect(asked).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it.each([120, 100, 90])('gives nothing when 150 grades become %s between two pages', async (left) => {
    gradeMany(150);
    simulated.faults.push({ match: 'POST *', effect: 'delay', ms: 1, times: 1 }, { match: 'POST *', effect: 'delay', ms: 300, times: 1 });
    const asked = platform.grades({ room: ROOM, column: EXAM });
    await soon(() => simulated.faults.length === 0);
    gradeMany(left);
    await expect(asked).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it('refuses a gradebook larger than any course has', async () => {
    gradeMany(5_001);
    await expect(platform.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ reason: 'malformed' });
    expect(simulated.log).toHaveLength(1);
  });

  it('has no participants for a room nobody knows, and the gradebook of one is refused', async () => {
    expect(await platform.participants('XX1000-99999')).toBeUndefined();
    await expect(platform.columns('XX1000-99999')).rejects.toMatchObject({ name: 'PartnerRefused', status: 400 });
    await expect(platform.grades({ room: 'XX1000-99999', column: EXAM })).rejects.toMatchObject({ name: 'PartnerRefused', status: 400 });
  });

  it('sends names with signs of XML as they are', async () => {
    const [room] = simulated.store.rooms;
    room!.key = `R&D <"'> 50001`;
    room!.participants = [{ key: 'a&b', givenName: '<Åsa>', surname: 'Öberg & Co', role: '01' }];
    expect(await platform.participants(room!.key)).toEqual([{ personKey: 'a&b', role: 'student', givenName: '<Åsa>', surname: 'Öberg & Co' }]);
    expect(await platform.columns(room!.key)).toHaveLength(2);
  });

  const everyCall: [string, (client: Itslearning) => Promise<unknown>][] = [
    ['participants', (client) => client.participants(ROOM)], ['columns', (client) => client.columns(ROOM)],
    ['grades', (client) => client.grades({ room: ROOM, column: EXAM })], ['probe', (client) => client.probe()],
  ];

  it.each(['500', '502-html', '429', 'malformed', 'soap-fault'])('is unavailable while itslearning answers with %s', async (effect) => {
    for (const [, ask] of everyCall) await expect(ask(platform)).resolves.not.toBeNull();
    simulated.faults.push({ match: 'POST *', effect });
    for (const [, ask] of everyCall) await expect(ask(platform)).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.length = 0;
    for (const [, ask] of everyCall) await expect(ask(platform)).resolves.not.toBeNull();
  });

  it('is unavailable while the service of the members is busy, and nobody is given when only their names fail', async () => {
    simulated.faults.push({ match: `POST ${MEMBERSHIPS}`, effect: 'busy' });
    await expect(platform.participants(ROOM)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(platform.probe()).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.splice(0, 1, { match: `POST ${PERSONS}`, effect: '500' });
    await expect(platform.participants(ROOM)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(platform.probe()).resolves.toBeUndefined();
  });

  it.each(everyCall)('is unavailable when no answer comes in time to %s', async (_name, ask) => {
    simulated.faults.push({ match: 'POST *', effect: 'timeout-before', ms: 500 });
    await expect(ask(platformAt(url, { timeoutMs: 200 }))).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('is unavailable when it is down', async () => {
    const gone = await itslearningSimulator().listen();
    await gone.close();
    const nobody = platformAt(gone.url);
    for (const [, ask] of everyCall) await expect(ask(nobody)).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'connection' });
  });

  it('asks for no further page when the whole has taken too long', async () => {
    gradeMany(1_000);
    simulated.faults.push({ match: 'POST *', effect: 'delay', ms: 100 });
    await expect(platformAt(url, { wholeMs: 250 }).grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ reason: 'timeout' });
    expect(simulated.log.length).toBeLessThan(10);
  });

  it.each(everyCall)('is refused with wrong credentials at %s, and says so without them or a name', async (_name, ask) => {
    const error = (await ask(platformAt(url, { password: 'guessed' })).catch((refused: unknown) => refused)) as PartnerRefused;
    expect(error).toBeInstanceOf(PartnerRefused);
    expect([error.status, error.message]).toEqual([401, 'itslearning refused (401)']);
    expect(error.body).not.toMatch(/guessed|partner-site/);
  });

  it('is refused when credentials were changed, and when a method is not enabled', async () => {
    simulated.faults.push({ match: 'POST *', effect: 'wrong-credentials', times: 1 }, { match: 'POST *', effect: 'no-such-method', times: 1 });
    await expect(platform.columns(ROOM)).rejects.toMatchObject({ name: 'PartnerRefused', status: 401 });
    await expect(platform.columns(ROOM)).rejects.toMatchObject({ name: 'PartnerRefused', status: 400, message: 'itslearning refused (400)' });
  });

  it('notices credentials that only one of the two services knows', async () => {
    simulated.faults.push({ match: `POST ${MEMBERSHIPS}`, effect: 'wrong-credentials', times: 1 }, { match: `POST ${ORGANISATION}`, effect: 'wrong-credentials', times: 1 });
    await expect(platform.probe()).rejects.toMatchObject({ status: 401 });
    await expect(platform.probe()).rejects.toMatchObject({ status: 401 });
    await expect(platform.probe()).resolves.toBeUndefined();
  });
});

/** As systems 8.1 shows them, without the line breaks. */
const exampleRequest =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tem="http://tempuri.org/" ' +
  'xmlns:its="http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities" ' +
  'xmlns:ga="http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities.CourseGradebook.Assessments">' +
  '<soapenv:Header><o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" soapenv:mustUnderstand="1">' +
  '<o:UsernameToken><o:Username>partner-site</o:Username>' +
  '<o:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">secret</o:Password></o:UsernameToken>' +
  '</o:Security></soapenv:Header><soapenv:Body><tem:ReadCourseGradebookAssessments><tem:request>' +
  '<its:PageIndex>0</its:PageIndex><its:PageSize>100</its:PageSize><ga:CourseSyncKey>XX1000-50001</ga:CourseSyncKey></tem:request>' +
  '</tem:ReadCourseGradebookAssessments></soapenv:Body></soapenv:Envelope>';
const exampleResult =
  '<ReadCourseGradebookAssessmentsResponse xmlns="http://tempuri.org/"><ReadCourseGradebookAssessmentsResult><CurrentPageIndex>0</CurrentPageIndex><Total>1</Total>\n' +
  ' <Assessments><Assessment><GradebookItemId>9</GradebookItemId><PersonSyncKey>5a5a0000-0000-4000-8000-0000000000e1</PersonSyncKey><AssessmentItemId>3</AssessmentItemId>\n' +
  ' <AssessmentItemTitle>VG</AssessmentItemTitle><Score>42.5</Score><AssessedDate>2026-11-18T13:00:00Z</AssessedDate></Assessment></Assessments>' +
  '</ReadCourseGradebookAssessmentsResult></ReadCourseGradebookAssessmentsResponse>';
const enveloped = (body: string, header = '') =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;

/** An XML text with its namespaces instead of prefixes, attributes as lines of their own. */
function spelt(xml: string): unknown {
  type Raw = Record<string, any>;
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, ignoreDeclaration: true });
  const named = (full: string, spaces: Raw) => `{${full.includes(':') ? spaces[full.split(':')[0]!] : (spaces[''] ?? '')}}${full.split(':').at(-1)}`;
  const walk = (nodes: Raw[], above: Raw): unknown[] =>
    nodes.map((node) => {
      const full = Object.keys(node).find((key) => key !== ':@')!;
      if (full === '#text') return node[full];
      const given = Object.entries<string>(node[':@'] ?? {});
      const spaces = { ...above, ...Object.fromEntries(given.filter(([name]) => name.startsWith('xmlns')).map(([name, space]) => [name.slice(6), space])) };
      const attributes = given.filter(([name]) => !name.startsWith('xmlns')).map(([name, value]) => `@${name.includes(':') ? named(name, spaces) : name}=${value}`);
      return [named(full, spaces), ...attributes, ...walk(node[full], spaces)];
    });
  return walk(parser.parse(xml) as Raw[], {});
}
/** Where there is a value, and under what names. */
const shape = (tree: unknown): unknown => (Array.isArray(tree) ? tree.map(shape) : String(tree).startsWith('{') ? tree : 'value');

describe('the examples of systems 8.1', () => {
  interface Sent { readonly path: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }

  async function answering(answer: string | ((sent: Sent) => string), status = 200): Promise<{ client: Itslearning; sent: Sent[] }> {
    const sent: Sent[] = [];
    const server: Server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const one = { path: request.url, headers: request.headers, body: Buffer.concat(pieces).toString('utf8') };
        sent.push(one);
        response.writeHead(status, { 'Content-Type': 'text/xml; charset=utf-8' }).end(typeof answer === 'string' ? answer : answer(one));
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
    open.push(() => new Promise((closed) => server.close(closed)));
    return { client: platformAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { password: 'secret' }), sent };
  }

  it('are what the adapter asks, with the column added in its alphabetical place', async () => {
    const { client, sent } = await answering(enveloped(exampleResult));
    await client.grades({ room: ROOM, column: EXAM });
    const [request] = sent;
    expect(request?.path).toBe(ORGANISATION);
    expect(request?.headers).toMatchObject({
      'content-type': 'text/xml; charset="utf-8"', soapaction: '"http://tempuri.org/IReadDataService/ReadCourseGradebookAssessments"',
    });
    const filter = /<(g):GradebookItemIdList [^>]*>.*<\/g:GradebookItemIdList>/.exec(request?.body ?? '')?.[0] ?? 'none';
    expect(spelt(request?.body.replace(filter, '') ?? '')).toEqual(spelt(exampleRequest));
    const base = 'http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities.CourseGradebook.Assessments';
    expect(spelt(filter)).toEqual([[`{${base}}GradebookItemIdList`, ['{http://schemas.microsoft.com/2003/10/Serialization/Arrays}int', '9']]]);
    expect(request?.body.indexOf(filter)).toBeGreaterThan(request?.body.indexOf('CourseSyncKey>') ?? 0);
  });

  it('are what the adapter reads', async () => {
    const { client } = await answering(enveloped(exampleResult));
    expect(await client.grades({ room: ROOM, column: EXAM })).toEqual([{ personKey: '5a5a0000-0000-4000-8000-0000000000e1', word: 'VG', score: 42.5 }]);
  });

  it('are what the simulator takes and answers', async () => {
    const simulated = itslearningSimulator({ user: 'partner-site', password: 'secret' });
    const server = await simulated.listen();
    open.push(server.close);
    simulated.store.rooms[0]!.columns = [{
      id: 9, title: 'Tentamen', grades: [{ person: uid(0), word: 'VG', score: 42.5, assessedAt: '2026-11-18T13:00:00Z' }],
    }];
    const ask = (headers: Record<string, string>, body = exampleRequest) => fetch(`${server.url}${ORGANISATION}`, { method: 'POST', headers, body });
    const right = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: '"http://tempuri.org/IReadDataService/ReadCourseGradebookAssessments"' };
    const answer = await ask(right);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    const result = /<ReadCourseGradebookAssessmentsResponse.*<\/ReadCourseGradebookAssessmentsResponse>/.exec(text)?.[0] ?? '';
    expect(shape(spelt(result))).toEqual(shape(spelt(exampleResult)));

    expect((await ask({ ...right, 'Content-Type': 'application/json' })).status).toBe(415);
    const faulty: [string, string, Record<string, string>?][] = [
      ['ActionNotSupported', exampleRequest, { ...right, SOAPAction: 'ReadCourseGradebookAssessments' }],
      ['InvalidSecurity', exampleRequest.replace('secret', 'other')],
      ['InvalidSecurity', exampleRequest.replace(/<soapenv:Header>.*<\/soapenv:Header>/, '<soapenv:Header/>')],
      ['Client', exampleRequest.replace('>100<', '>101<')],
      ['Client', exampleRequest.replace('XX1000-50001', 'XX1000-99999')],
      ['Client', exampleRequest.replace('<ga:CourseSyncKey>', '<ga:CourseId>1</ga:CourseId><ga:CourseSyncKey>')],
      ['Client', exampleRequest.replaceAll('ga:CourseSyncKey', 'its:CourseSyncKey')],
    ];
    for (const [code, body, headers = right] of faulty) {
      const fault = await ask(headers, body);
      expect([fault.status, /<faultcode[^>]*>a:(\w+)</.exec(await fault.text())?.[1]]).toEqual([500, code]);
    }
  });

  it('are read with the prefixes and nils of .NET', async () => {
    const prefixed = exampleResult
      .replace(' xmlns="http://tempuri.org/"', ' xmlns:t="http://tempuri.org/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"')
      .replaceAll(/<(\/?)(\w)/g, '<$1t:$2')
      .replace('<t:AssessmentItemTitle>VG</t:AssessmentItemTitle><t:Score>42.5</t:Score>', '<t:AssessmentItemTitle i:nil="true"/><t:Score i:nil="true"></t:Score>')
      .replace('5a5a0000', 'S&#228;&#xE5;&amp;');
    const { client } = await answering(enveloped(prefixed));
    expect(await client.grades({ room: ROOM, column: EXAM })).toEqual([{ personKey: 'Säå&-0000-4000-8000-0000000000e1', word: null, score: null }]);
  });

  const bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const good = enveloped(exampleResult);
  it.each([
    ['a document type', good.replace('<s:Envelope', `${bomb}<s:Envelope`)],
    ['entities of its own', good.replace('<s:Envelope', `${bomb}<s:Envelope`).replace('VG', '&b;')],
    ['an unknown reference', good.replace('VG', '&hearts;')],
    ['a bare ampersand', good.replace('VG', 'V & G')],
    ['a reference without end', good.replace('VG', 'VG&amp')],
    ['a character that XML has not', good.replace('VG', 'V&#0;G')],
    ['half a surrogate pair', good.replace('VG', 'V&#xD800;G')],
    ['a zero byte', good.replace('VG', 'V\0G')],
    ['a comment', good.replace('VG', 'V<!-- -->G')],
    ['a CDATA section', good.replace('VG', '<![CDATA[VG]]>')],
    ['a processing instruction', good.replace('<s:Envelope', '<?do this?><s:Envelope')],
    ['elements forty deep', good.replace('<s:Header>', `<s:Header>${'<a>'.repeat(40)}${'</a>'.repeat(40)}`)],
    ['a hundred thousand unclosed elements', good.replace('VG', '<a>'.repeat(100_000))],
    ['a reserved name', good.replace('<Score>', '<__proto__>1</__proto__><Score>')],
    ['half of itself', good.slice(0, good.length / 2)],
    ['all but its end', good.slice(0, good.indexOf('</Assessments>'))],
    ['an element closed by another name', good.replace('</Assessment>', '</Assessed>')],
    ['two envelopes', `${good}${good.replace(/^<\?xml.*\?>/, '')}`],
    ['two totals', good.replace('<Total>1</Total>', '<Total>1</Total><Total>1</Total>')],
    ['no total', good.replace('<Total>1</Total>', '')],
    ['a total that does not fit', good.replace('<Total>1</Total>', '<Total>2</Total>')],
    ['a total of nothing', good.replace('<Total>1</Total>', '<Total>0</Total>')],
    ['another page', good.replace('<CurrentPageIndex>0', '<CurrentPageIndex>1')],
    ['another column', good.replace('<GradebookItemId>9<', '<GradebookItemId>10<')],
    ['a score that is no number', good.replace('42.5', '42,5')],
    ['another name for the list', good.replaceAll('Assessments>', 'Grades>')],
    ['the answer of another method', good.replaceAll('ReadCourseGradebookAssessments', 'ReadCourses')],
    ['more than it may', good.replace('<s:Header>', `<s:Header>${' '.repeat(4 * 1024 * 1024)}`)],
    ['no envelope', exampleResult],
    ['nothing', ''],
  ])('are the only thing it reads: not %s', async (_what, answer) => {
    const { client, sent } = await answering(answer);
    await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
    expect(sent.length).toBeLessThan(3);
  });

  const turned = (from: string, rows: number, total: number) =>
    good
      .replace('<CurrentPageIndex>0', `<CurrentPageIndex>${/PageIndex>(\d+)</.exec(from)?.[1]}`).replace('<Total>1', `<Total>${total}`)
      .replace(/<Assessment>.*<\/Assessment>/s, (row) => row.repeat(rows));
  it.each([[60, 100, 2], [0, 100, 1], [101, 100, 1]])('stops at pages of %s out of %s that never add up', async (rows, total, calls) => {
    const { client, sent } = await answering(({ body }) => turned(body, rows, total));
    await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
    expect(sent).toHaveLength(calls);
  });

  it('takes no answer that comes as HTTP 500, well-formed or not', async () => {
    for (const answer of [good, 'Internal Server Error', enveloped('')]) {
      const { client } = await answering(answer, 500);
      await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'status', status: 500 });
    }
  });

  it('is refused by a proxy in its own words', async () => {
    const { client } = await answering('<html>Forbidden</html>', 403);
    await expect(client.participants(ROOM)).rejects.toMatchObject({ name: 'PartnerRefused', status: 403 });
  });

  it.each([
    [500, 's:Server', PartnerUnavailable], [500, 'Server.Busy', PartnerUnavailable], [500, 'a:InternalServiceFault', PartnerUnavailable],
    [500, 's:Client', PartnerRefused], [500, 'a:FailedAuthentication', PartnerRefused], [200, 's:Client', PartnerRefused],
  ])('has for HTTP %s with the fault %s its own failure, which says nothing of a person', async (status, code, kind) => {
    const { client } = await answering(enveloped(`<s:Fault><faultcode>${code}</faultcode><faultstring>Sven Exempel 199001012385</faultstring></s:Fault>`), status);
    const failure = (await client.columns(ROOM).catch((cause: unknown) => cause)) as Error;
    expect(failure).toBeInstanceOf(kind);
    expect(`${failure.message}${failure.stack ?? ''}`).not.toMatch(/Sven|1990/);
  });

  const IMS = 'http://www.imsglobal.org/services';
  const status = (major: string, minor = '') =>
    `<h:syncResponseHeaderInfo xmlns:h="${IMS}/common/imsMessBindSchema_v1p0"><statusInfo><codeMajor>${major}</codeMajor><severity>status</severity>` +
    `${minor && `<codeMinor><codeMinorField><codeMinorName>x</codeMinorName><codeMinorValue>${minor}</codeMinorValue></codeMinorField></codeMinor>`}</statusInfo></h:syncResponseHeaderInfo>`;
  const members =
    '<readMembershipsForGroupResponse><membershipIDPairSet><membershipIdPair><membership><member><memberSourcedId><identifier>k</identifier></memberSourcedId>' +
    '<role><roleType>02</roleType></role><role><roleType>01</roleType></role></member></membership></membershipIdPair></membershipIDPairSet></readMembershipsForGroupResponse>';
  const persons =
    '<readPersonsForGroupResponse><personIdPairSet><personIdPair><sourcedId><identifier>k</identifier></sourcedId><person><name>' +
    '<partName><namePartType>Last</namePartType><namePartValue>Exempel</namePartValue></partName></name></person></personIdPair></personIdPairSet></readPersonsForGroupResponse>';

  it('RL-12 asks for members as IMS Enterprise Services have it, and takes a status without its set', async () => {
    const { client, sent } = await answering(({ path }) => enveloped(path === MEMBERSHIPS ? members : persons, status('Success')));
    expect(await client.participants(ROOM)).toEqual([{ personKey: 'k', role: 'student', givenName: null, surname: 'Exempel' }]);
    expect(sent.map(({ path, headers }) => [path, headers['soapaction']])).toEqual([
      [MEMBERSHIPS, '"http://www.imsglobal.org/soap/mms/readMembershipsForGroup"'], [PERSONS, '"http://www.imsglobal.org/soap/pms/readPersonsForGroup"'],
    ]);
    const group = (space: string, name: string) => [`{${space}}${name}`, [`{${space}}groupSourcedId`, [`{${IMS}/common/imsCommonSchema_v1p0}identifier`, ROOM]]];
    expect(JSON.stringify(spelt(sent[0]!.body))).toContain(JSON.stringify(group(`${IMS}/mms/xsd/imsMemberManMessSchema_v1p0`, 'readMembershipsForGroupRequest')));
    expect(JSON.stringify(spelt(sent[1]!.body))).toContain(JSON.stringify(group(`${IMS}/pms/xsd/imsPersonManMessSchema_v1p0`, 'readPersonsForGroupRequest')));
    for (const { body } of sent) expect(JSON.stringify(spelt(body))).toMatch(/imsMessBindSchema_v1p0\}messageIdentifier","[0-9a-f-]{36}"/);
  });

  it.each([
    ['failure', 'unknownobject', undefined], ['Failure', 'unauthorisedrequest', { name: 'PartnerRefused', status: 401 }],
    ['failure', 'invaliddata', { name: 'PartnerRefused', status: 400 }], ['failure', '', { name: 'PartnerRefused', status: 400 }],
    ['unsupported', '', { name: 'PartnerRefused', status: 400 }], ['failure', 'TargetIsBusy', { name: 'PartnerUnavailable' }],
    ['failure', 'linkfailure', { name: 'PartnerUnavailable' }],
  ])('RL-12 takes the status %s %s for what it is, whatever stands in the body', async (major, minor, failure) => {
    const { client } = await answering(enveloped(members, status(major, minor)));
    const outcome = await client.participants(ROOM).catch((cause: unknown) => cause);
    expect(failure ? outcome : { outcome }).toMatchObject(failure ?? { outcome: undefined });
    if (failure) expect(outcome).toBeInstanceOf(Error);
  });

  it('RL-12 takes no members from an answer that does not say how it went', async () => {
    const { client } = await answering(enveloped(members));
    await expect(client.participants(ROOM)).rejects.toMatchObject({ reason: 'malformed' });
  });
});

describe('words into grades', () => {
  const AF = ['A', 'B', 'C', 'D', 'E', 'FX', 'F'];
  const UG = ['U', 'G'];
  const table: readonly GradeWord[] = [
    { course: null, word: 'Godkänd', grade: 'G' }, { course: null, word: 'Ej godkänd', grade: 'U' }, { course: 'XX1000', word: 'Underkänd', grade: 'F' },
    { course: 'YY2000', word: 'Godkänd', grade: 'VG' },
  ];
  const said = (...words: (string | null)[]): PlatformGrade[] => words.map((word, index) => ({ personKey: uid(index), word, score: 42.5 }));
  const put = (given: readonly PlatformGrade[], codes = AF, course = 'XX1000', words = table) => translated(given, { course, table: words, codes });

  it('RL-15 translates by the table and takes a code of the scale as it stands', () => {
    expect(put(said('A', 'Underkänd', 'FX'))).toEqual({
      grades: [{ personKey: uid(0), grade: 'A' }, { personKey: uid(1), grade: 'F' }, { personKey: uid(2), grade: 'FX' }], told: [],
    });
    expect(put(said('G', 'Godkänd', 'Ej godkänd'), UG).grades.map(({ grade }) => grade)).toEqual(['G', 'G', 'U']);
  });

  it('RL-15 lets the course say what a word means before the institution, and the table before the word itself', () => {
    const UV = ['U', 'G', 'VG'];
    expect(put(said('Godkänd'), UV, 'YY2000').grades).toEqual([{ personKey: uid(0), grade: 'VG' }]);
    expect(put(said('Godkänd'), UV, 'ZZ3000').grades).toEqual([{ personKey: uid(0), grade: 'G' }]);
    expect(put(said('B'), ['S', 'B', 'A'], 'XX1000', [{ course: null, word: 'B', grade: 'A' }]).grades).toEqual([{ personKey: uid(0), grade: 'A' }]);
  });

  it('RL-15 tells words that nobody has mapped, and guesses nothing', () => {
    for (const word of ['a', 'Väl godkänd', 'godkänd', 'A+', 'Komplettering'])
      expect(put(said(word))).toEqual({ grades: [], told: [{ personKey: uid(0), word, why: 'unknown-word' }] });
  });

  it('RL-15 tells a word whose grade is not in the scale of the module', () => {
    expect(put(said('Godkänd'), AF)).toEqual({ grades: [], told: [{ personKey: uid(0), word: 'Godkänd', why: 'unknown-word' }] });
  });

  it('RL-15 makes no grade of a score', () => {
    expect(put(said(null))).toEqual({ grades: [], told: [{ personKey: uid(0), word: null, why: 'no-word' }] });
  });

  it('RL-15 tells a grade of somebody without a key', () => {
    expect(put([{ personKey: null, word: 'A', score: null }])).toEqual({ grades: [], told: [{ personKey: null, word: 'A', why: 'no-key' }] });
  });

  it('RL-15 gives somebody with two grades none of them, unless they are the same', () => {
    const of = (...words: (string | null)[]) => words.map((word) => ({ personKey: uid(0), word, score: null }));
    expect(put(of('A', 'A')).grades).toEqual([{ personKey: uid(0), grade: 'A' }]);
    expect(put(of('Underkänd', 'F'))).toEqual({ grades: [{ personKey: uid(0), grade: 'F' }], told: [] });
    expect(put(of('A', 'B', 'A'))).toEqual({ grades: [], told: ['A', 'B', 'A'].map((word) => ({ personKey: uid(0), word, why: 'contradictory' })) });
    for (const other of ['Komplettering', null])
      for (const words of [['A', other], [other, 'A']])
        expect(put(of(...words)).told.map(({ word, why }) => [word, why])).toEqual(
          words.map((word) => [word, word === 'A' ? 'contradictory' : word === null ? 'no-word' : 'unknown-word']),
        );
  });

  it('RL-15 reads a word as it looks: without spaces around it, however its letters are composed', () => {
    expect(put(said(' Underkänd ', 'Underkänd'.normalize('NFD'))).grades.map(({ grade }) => grade)).toEqual(['F', 'F']);
  });

  it('RL-15 has in the sample words that need the table, and one that nobody has mapped', () => {
    const inColumn = (room: number, column: number) =>
      rooms[room]!.columns[column]!.grades.map(({ person, word, score }) => ({ personKey: person, word, score }));
    expect(put(inColumn(0, 0)).told.map(({ word }) => word)).toEqual(['Godkänd', null]);
    expect(put(inColumn(0, 1), UG).told).toEqual([]);
    expect(put(inColumn(1, 0), ['U', 'G', 'VG'], 'ZZ3000').told.map(({ word }) => word)).toEqual(['Väl godkänd', 'Komplettering']);
  });
});
