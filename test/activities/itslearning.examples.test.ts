import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '../spec.js';
import { XMLParser } from 'fast-xml-parser';
import type { Itslearning } from '../../activities/itslearning.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { itslearningSimulator } from '../simulators/itslearning.js';
import { EXAM, MEMBERSHIPS, ORGANISATION, PERSONS, ROOM, uid, platforms } from '../support/itslearning-platform.js';

const { open, platformAt } = platforms();
/** As its public documentation shows them, without the line breaks. */
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
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    ignoreDeclaration: true,
  });
  const named = (full: string, spaces: Raw) =>
    `{${full.includes(':') ? spaces[full.split(':')[0]!] : (spaces[''] ?? '')}}${full.split(':').at(-1)}`;
  const walk = (nodes: Raw[], above: Raw): unknown[] =>
    nodes.map((node) => {
      const full = Object.keys(node).find((key) => key !== ':@')!;
      if (full === '#text') return node[full];
      const given = Object.entries<string>(node[':@'] ?? {});
      const spaces = {
        ...above,
        ...Object.fromEntries(given.filter(([name]) => name.startsWith('xmlns')).map(([name, space]) => [name.slice(6), space])),
      };
      const attributes = given
        .filter(([name]) => !name.startsWith('xmlns'))
        .map(([name, value]) => `@${name.includes(':') ? named(name, spaces) : name}=${value}`);
      return [named(full, spaces), ...attributes, ...walk(node[full], spaces)];
    });
  return walk(parser.parse(xml) as Raw[], {});
}
/** Where there is a value, and under what names. */
const shape = (tree: unknown): unknown => (Array.isArray(tree) ? tree.map(shape) : String(tree).startsWith('{') ? tree : 'value');

describe('the examples of its public documentation', () => {
  interface Sent {
    readonly path: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function answering(
    answer: string | ((sent: Sent) => string),
    status = 200,
  ): Promise<{ client: Itslearning; sent: Sent[] }> {
    const sent: Sent[] = [];
    const server: Server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const one = { path: request.url, headers: request.headers, body: Buffer.concat(pieces).toString('utf8') };
        sent.push(one);
        response
          .writeHead(status, { 'Content-Type': 'text/xml; charset=utf-8' })
          .end(typeof answer === 'string' ? answer : answer(one));
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
      'content-type': 'text/xml; charset="utf-8"',
      soapaction: '"http://tempuri.org/IReadDataService/ReadCourseGradebookAssessments"',
    });
    const filter = /<(g):GradebookItemIdList [^>]*>.*<\/g:GradebookItemIdList>/.exec(request?.body ?? '')?.[0] ?? 'none';
    expect(spelt(request?.body.replace(filter, '') ?? '')).toEqual(spelt(exampleRequest));
    const base =
      'http://schemas.datacontract.org/2004/07/Itslearning.Integration.ContentImport.Model.ServiceEntities.CourseGradebook.Assessments';
    expect(spelt(filter)).toEqual([
      [`{${base}}GradebookItemIdList`, ['{http://schemas.microsoft.com/2003/10/Serialization/Arrays}int', '9']],
    ]);
    expect(request?.body.indexOf(filter)).toBeGreaterThan(request?.body.indexOf('CourseSyncKey>') ?? 0);
  });

  it('are what the adapter reads', async () => {
    const { client } = await answering(enveloped(exampleResult));
    expect(await client.grades({ room: ROOM, column: EXAM })).toEqual([
      { personKey: '5a5a0000-0000-4000-8000-0000000000e1', word: 'VG', score: 42.5 },
    ]);
  });

  it('are what the simulator takes and answers', async () => {
    const simulated = itslearningSimulator({ user: 'partner-site', password: 'secret' });
    const server = await simulated.listen();
    open.push(server.close);
    simulated.store.rooms[0]!.columns = [
      { id: 9, title: 'Tentamen', grades: [{ person: uid(0), word: 'VG', score: 42.5, assessedAt: '2026-11-18T13:00:00Z' }] },
    ];
    const ask = (headers: Record<string, string>, body = exampleRequest) =>
      fetch(`${server.url}${ORGANISATION}`, { method: 'POST', headers, body });
    const right = {
      'Content-Type': 'text/xml; charset="utf-8"',
      SOAPAction: '"http://tempuri.org/IReadDataService/ReadCourseGradebookAssessments"',
    };
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
      .replace(
        ' xmlns="http://tempuri.org/"',
        ' xmlns:t="http://tempuri.org/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"',
      )
      .replaceAll(/<(\/?)(\w)/g, '<$1t:$2')
      .replace(
        '<t:AssessmentItemTitle>VG</t:AssessmentItemTitle><t:Score>42.5</t:Score>',
        '<t:AssessmentItemTitle i:nil="true"/><t:Score i:nil="true"></t:Score>',
      )
      .replace('5a5a0000', 'S&#228;&#xE5;&amp;');
    const { client } = await answering(enveloped(prefixed));
    expect(await client.grades({ room: ROOM, column: EXAM })).toEqual([
      { personKey: 'Säå&-0000-4000-8000-0000000000e1', word: null, score: null },
    ]);
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
    await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({
      name: 'PartnerUnavailable',
      reason: 'malformed',
    });
    expect(sent.length).toBeLessThan(3);
  });

  const turned = (from: string, rows: number, total: number) =>
    good
      .replace('<CurrentPageIndex>0', `<CurrentPageIndex>${/PageIndex>(\d+)</.exec(from)?.[1]}`)
      .replace('<Total>1', `<Total>${total}`)
      .replace(/<Assessment>.*<\/Assessment>/s, (row) => row.repeat(rows));
  it.each([
    [60, 100, 2],
    [0, 100, 1],
    [101, 100, 1],
  ])('stops at pages of %s out of %s that never add up', async (rows, total, calls) => {
    const { client, sent } = await answering(({ body }) => turned(body, rows, total));
    await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({
      name: 'PartnerUnavailable',
      reason: 'malformed',
    });
    expect(sent).toHaveLength(calls);
  });

  it('takes no answer that comes as HTTP 500, well-formed or not', async () => {
    for (const answer of [good, 'Internal Server Error', enveloped('')]) {
      const { client } = await answering(answer, 500);
      await expect(client.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({
        name: 'PartnerUnavailable',
        reason: 'status',
        status: 500,
      });
    }
  });

  it('is refused by a proxy in its own words', async () => {
    const { client } = await answering('<html>Forbidden</html>', 403);
    await expect(client.participants(ROOM)).rejects.toMatchObject({ name: 'PartnerRefused', status: 403 });
  });

  it.each([
    [500, 's:Server', PartnerUnavailable],
    [500, 'Server.Busy', PartnerUnavailable],
    [500, 'a:InternalServiceFault', PartnerUnavailable],
    [500, 's:Client', PartnerRefused],
    [500, 'a:FailedAuthentication', PartnerRefused],
    [200, 's:Client', PartnerRefused],
  ])('has for HTTP %s with the fault %s its own failure, which says nothing of a person', async (status, code, kind) => {
    const { client } = await answering(
      enveloped(`<s:Fault><faultcode>${code}</faultcode><faultstring>Sven Exempel 199001012385</faultstring></s:Fault>`),
      status,
    );
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
    const { client, sent } = await answering(({ path }) =>
      enveloped(path === MEMBERSHIPS ? members : persons, status('Success')),
    );
    expect(await client.participants(ROOM)).toEqual([{ personKey: 'k', role: 'student', givenName: null, surname: 'Exempel' }]);
    expect(sent.map(({ path, headers }) => [path, headers['soapaction']])).toEqual([
      [MEMBERSHIPS, '"http://www.imsglobal.org/soap/mms/readMembershipsForGroup"'],
      [PERSONS, '"http://www.imsglobal.org/soap/pms/readPersonsForGroup"'],
    ]);
    const group = (space: string, name: string) => [
      `{${space}}${name}`,
      [`{${space}}groupSourcedId`, [`{${IMS}/common/imsCommonSchema_v1p0}identifier`, ROOM]],
    ];
    expect(JSON.stringify(spelt(sent[0]!.body))).toContain(
      JSON.stringify(group(`${IMS}/mms/xsd/imsMemberManMessSchema_v1p0`, 'readMembershipsForGroupRequest')),
    );
    expect(JSON.stringify(spelt(sent[1]!.body))).toContain(
      JSON.stringify(group(`${IMS}/pms/xsd/imsPersonManMessSchema_v1p0`, 'readPersonsForGroupRequest')),
    );
    for (const { body } of sent)
      expect(JSON.stringify(spelt(body))).toMatch(/imsMessBindSchema_v1p0\}messageIdentifier","[0-9a-f-]{36}"/);
  });

  it.each([
    ['failure', 'unknownobject', undefined],
    ['Failure', 'unauthorisedrequest', { name: 'PartnerRefused', status: 401 }],
    ['failure', 'invaliddata', { name: 'PartnerRefused', status: 400 }],
    ['failure', '', { name: 'PartnerRefused', status: 400 }],
    ['unsupported', '', { name: 'PartnerRefused', status: 400 }],
    ['failure', 'TargetIsBusy', { name: 'PartnerUnavailable' }],
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
