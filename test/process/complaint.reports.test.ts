import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { handledBy } from '../../workflows/complaint/deadline.js';
import { kept, type Kept } from '../support/complaint-rows.js';
import { confirmed, opened, taken } from '../support/complaints.js';
import { auditOf, changeStaff, newcomer } from '../support/staff.js';
import { openUniversity, type University } from '../support/university.js';

type Newcomer = Awaited<ReturnType<typeof newcomer>>;

describe('the reports on complaints', () => {
  let at: University;
  let worker: Newcomer;
  let member: Newcomer;
  const numbers: Record<string, string> = {};
  const put = async (name: string, one: Kept) => {
    numbers[name] = (
      await kept(at, worker.id, { ...one, student: { number: String(100_000 + Object.keys(numbers).length), ...one.student } })
    ).number;
  };
  const autumn = { course: 'FYS1100', version: '1', combination: 'P', year: 2026, term: 'HØST' };

  beforeAll(async () => {
    at = await openUniversity();
    worker = await newcomer(at, [{ role: 'case-worker' }]);
    member = await newcomer(at, [{ role: 'case-worker' }, { role: 'committee-member' }]);
    await put('open', {
      dueOn: '2026-07-11',
      waitingFor: 'case-worker',
      note: '=2+5',
      student: { surname: 'Åse, "Ø"', candidate: '17' },
    });
    await put('favour', {
      state: 'closed',
      closed: true,
      data: {
        decision: 'in-favour',
        deadline: handledBy('grading', '2026-06-20', 'Europe/Stockholm'),
        finished: true,
        communicated: '2026-07-01',
        journalNumber: '2026/12',
        sentOn: '2026-06-22',
      },
      entry: { place: { code: '630', name: 'Institutt for matematikk' }, campus: 'TRONDHEIM' },
      gradings: [{ round: 2, grade: 'C', inProtocol: true }],
      committees: [{ round: 2, number: 3, members: [] }],
    });
    await put('dismissed', {
      state: 'dismissed',
      closed: true,
      data: {
        type: 'formal-error',
        decision: 'dismissed',
        finished: true,
        unit: { course: 'MAT1000', version: '2', combination: 'M', year: 2025, term: 'DES' },
      },
    });
    await put('explained', {
      state: 'explained',
      closed: true,
      data: { type: 'explanation', decision: 'explained', finished: true },
    });
    await put('part', {
      state: 'closed',
      closed: true,
      data: { decision: 'unchanged', finished: true, unit: autumn },
      entry: { realTime: { year: 2026, term: 'OKT' }, courseNameNb: 'Mekanikk', courseNameEn: 'Mechanics' },
      gradings: [{ round: 2, grade: 'D', inProtocol: true }],
    });
    await put('logged', {
      state: 'to-further-assessment',
      gradings: [{ round: 2, grade: 'A', inProtocol: false }],
      waitingFor: 'case-worker',
    });
    await put('wrong', {
      state: 'to-correct',
      gradings: [{ round: 2, grade: 'B', inProtocol: true, deleted: true }],
      waitingFor: 'exam-office',
    });
    await put('mine', {
      state: 'to-check',
      data: { decision: 'unchanged', unit: autumn, finished: true },
      note: 'UNCHANGED-NOTE',
      gradings: [{ round: 2, grade: 'D', inProtocol: true }],
      committees: [{ round: 2, number: 9, members: [{ person: member.id, external: false }] }],
    });
  });
  afterAll(() => at.close());
  const read = async (query = '', who: Newcomer = worker) => (await who.get(`/reports/complaints?${query}`)).body;
  const named = async (query: string, who?: Newcomer) => {
    const { items } = await read(query, who);
    return items.map((one: any) => Object.keys(numbers).find((name) => numbers[name] === one.number));
  };

  it('GC-47 shows the original result and the one in the protocol, which a logged grade is not and a grade deleted from the log still is', async () => {
    const { items } = await read();
    const grades = Object.fromEntries(
      items.map((one: any) => [
        Object.keys(numbers).find((name) => numbers[name] === one.number),
        [one.originalGrade, one.protocolGrade],
      ]),
    );
    expect(grades).toEqual({
      open: ['D', 'D'],
      favour: ['D', 'C'],
      dismissed: ['D', 'D'],
      explained: ['D', 'D'],
      part: ['D', 'D'],
      logged: ['D', 'D'],
      wrong: ['D', 'B'],
      mine: ['D', 'D'],
    });
  });

  it('GC-47 tells all that is noted about a case', async () => {
    const { items } = (await worker.get('/reports/complaints?place=630', { 'Accept-Language': 'nb' })).body;
    expect(items).toEqual([
      {
        number: numbers['favour'],
        journalNumber: '2026/12',
        type: 'grading',
        typeText: 'sensur',
        course: 'MAT1000',
        courseName: 'Matematikk',
        version: '1',
        combination: 'S',
        time: { year: 2026, term: 'JUN' },
        realTime: { year: 2026, term: 'JUN' },
        place: { code: '630', name: 'Institutt for matematikk' },
        campus: 'TRONDHEIM',
        student: '100001',
        name: 'Stine Student',
        candidate: null,
        received: '2026-06-20',
        deadline: '2026-07-11',
        sent: '2026-06-22',
        committees: [3],
        originalGrade: 'D',
        protocolGrade: 'C',
        decision: 'in-favour',
        decisionText: 'til gunst',
        communicated: '2026-07-01',
        finished: true,
        note: null,
        responsible: 'Ny Person',
        withheld: false,
      },
    ]);
  });

  it('GC-12 shows the note on the decision', async () => {
    expect((await read()).items.find((one: any) => one.number === numbers['open']).note).toBe('=2+5');
  });

  it('GC-47 is ordered by place or course, by campus, or by assessment unit', async () => {
    expect(await named('course=FYS1100')).toEqual(['part', 'mine']);
    expect(await named('place=630')).toEqual(['favour']);
    expect(await named('campus=TRONDHEIM')).toEqual(['favour']);
    expect(await named('campus=GJØVIK')).toEqual([]);
    expect(await named('course=MAT1000&version=2&combination=M&from=2025-DES&to=2025-DES')).toEqual(['dismissed']);
  });

  it('GC-47 goes by the real time, both ends of the period in it', async () => {
    expect(await named('course=FYS1100&from=2026-OKT&to=2026-OKT')).toEqual(['part']);
    expect(await named('course=FYS1100&from=2026-NOV&to=2026-HØST')).toEqual(['mine']);
    expect(await named('from=2026-JUN&to=2026-JUN')).toEqual(['open', 'favour', 'explained', 'logged', 'wrong']);
    expect(await named('to=2025-DES')).toEqual(['dismissed']);
    expect(await named('from=2027-JAN')).toEqual([]);
    expect((await worker.get('/reports/complaints?from=2026-SOON')).status).toBe(422);
  });

  it('GC-48 is filtered by type, decision and whether it is finished, each alone and together', async () => {
    expect(await named('type=explanation')).toEqual(['explained']);
    expect(await named('type=formal-error')).toEqual(['dismissed']);
    for (const [decision, found] of [
      ['in-favour', ['favour']],
      ['against', []],
      ['unchanged', ['part', 'mine']],
      ['dismissed', ['dismissed']],
      ['withdrawn', []],
    ] as const)
      expect(await named(`decision=${decision}`)).toEqual(found);
    expect(await named('finished=yes')).toEqual(['favour', 'dismissed', 'explained', 'part', 'mine']);
    expect(await named('finished=no')).toEqual(['open', 'logged', 'wrong']);
    expect(await named('type=grading&decision=unchanged&finished=yes&to=2026-OKT')).toEqual(['part']);
  });

  it('GC-47 comes in pages that hold every case once', async () => {
    const all = (await read()).items.map((one: any) => one.number);
    const pages: string[] = [];
    for (let next: string | null = '0'; next !== null;) {
      const page: any = await read(`limit=3&after=${next}`);
      expect(page.items.length).toBeLessThanOrEqual(3);
      pages.push(...page.items.map((one: any) => one.number));
      next = page.next;
    }
    expect(pages).toEqual(all);
    expect(all).toHaveLength(8);
  });

  it('GC-13 keeps back what tells of the first assessment from who sits on the committee, row by row, and through no filter', async () => {
    const { items } = await read('', member);
    const mine = items.find((one: any) => one.number === numbers['mine']);
    expect(mine).toMatchObject({
      originalGrade: null,
      protocolGrade: null,
      decision: null,
      decisionText: '',
      note: null,
      name: null,
      withheld: true,
    });
    expect(items.filter((one: any) => one.withheld)).toHaveLength(1);
    expect(items.find((one: any) => one.number === numbers['part'])).toMatchObject({ originalGrade: 'D', decision: 'unchanged' });
    expect(await named('decision=unchanged', member)).toEqual(['part']);
    expect(JSON.stringify(mine)).not.toMatch(/UNCHANGED|"D"/);
    const text = (await member.get('/reports/complaints?format=csv&course=FYS1100', { 'Accept-Language': 'en' })).body as string;
    expect(text).not.toContain('UNCHANGED');
    const line = text.split('\r\n').find((one) => one.startsWith(numbers['mine'] ?? '?'));
    expect(line).toMatch(/,yes$/);
    expect(line).not.toMatch(/,D,|unchanged/i);
    const { items: counted } = (await member.get('/reports/complaints/distribution?type=grading')).body;
    expect(counted.find((one: any) => one.decision === 'unchanged').count).toBe(1);
    expect(JSON.stringify(items)).not.toMatch(/THE-REASONS|THE-EXPLANATION/);
  });

  it('GC-13 keeps who has read a first grade here, so that they cannot assess it anew', async () => {
    const reader = await newcomer(at, [{ role: 'auditor' }]);
    const seen = async () =>
      (await at.world.db.complaintDisclosure.findMany({ where: { personId: reader.id } })).map((one) => one.caseId).sort();
    expect(await seen()).toEqual([]);
    await read('course=FYS1100', reader);
    const all = await at.world.db.case.findMany({ where: { kind: 'complaint', scope: 'FYS1100' } });
    const open = all.filter((one) => one.closedAt === null);
    expect(await seen()).toEqual(all.map((one) => one.id).sort());
    await member.get('/reports/complaints');
    expect(
      (await at.world.db.complaintDisclosure.findMany({ where: { personId: member.id } })).map((one) => one.caseId),
    ).not.toContain(open[0]?.id);
  });

  it('GC-49 counts types and decisions in a period by the time of the course, with its code and name where asked', async () => {
    const { items, total } = (await worker.get('/reports/complaints/distribution', { 'Accept-Language': 'sv' })).body;
    expect(total).toBe(8);
    expect(items).toContainEqual({
      type: 'grading',
      typeText: 'ny bedömning',
      decision: 'unchanged',
      decisionText: 'oförändrat',
      course: null,
      courseName: null,
      count: 2,
    });
    expect(items).toContainEqual({
      type: 'grading',
      typeText: 'ny bedömning',
      decision: null,
      decisionText: 'inte avgjort',
      course: null,
      courseName: null,
      count: 3,
    });
    const byCourse = (await worker.get('/reports/complaints/distribution?courses=true&type=grading', { 'Accept-Language': 'nb' }))
      .body;
    expect(byCourse.items.map((one: any) => [one.decision, one.course, one.courseName, one.count])).toEqual(
      expect.arrayContaining([
        ['unchanged', 'FYS1100', expect.stringMatching(/Mekanikk|Matematikk/), 2],
        ['in-favour', 'MAT1000', 'Matematikk', 1],
      ]),
    );
    expect((await worker.get('/reports/complaints/distribution?from=2026-NOV&to=2026-HØST&course=FYS1100')).body.total).toBe(2);
    expect((await worker.get('/reports/complaints/distribution?type=explanation')).body.total).toBe(1);
  });

  it('GC-50 shows what is not finished, for whom it waits and how many days are left', async () => {
    const { items } = (await worker.get('/reports/complaints/unfinished', { 'Accept-Language': 'en' })).body;
    expect(items.map((one: any) => one.number)).toEqual([numbers['open'], numbers['logged'], numbers['wrong']]);
    expect(items[0]).toMatchObject({
      deadline: '2026-07-11',
      state: 'received',
      stateText: 'Received',
      waitingFor: 'case-worker',
      waitingForText: 'case worker',
      responsible: 'Ny Person',
    });
    const today = (
      await at.world.db.$queryRaw<
        { left: number }[]
      >`SELECT DATE '2026-07-11' - (now() AT TIME ZONE 'Europe/Stockholm')::date AS left`
    )[0]?.left;
    expect(items[0].daysLeft).toBe(today);
    expect(items[1].daysLeft).toBeNull();
    expect(JSON.stringify(items)).not.toMatch(/Stine|Student|100001|"D"/);
  });

  it('GC-47 comes as CSV that no spreadsheet takes for a formula, with semicolons and a byte order mark where asked', async () => {
    const answer = await worker.get<string>('/reports/complaints?format=csv&finished=no', { 'Accept-Language': 'nb' });
    expect([answer.status, answer.headers.get('Content-Type'), answer.headers.get('Content-Disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="FS579.001.csv"',
    ]);
    const [head, first, ...others] = answer.body.split('\r\n');
    expect(head).toMatch(/^Klagesak,Journalnummer,Klagetype,Emnekode,.*,Opprinnelig resultat,Resultat i protokollen,Vedtak,/);
    expect(first).toContain(",'=2+5,");
    expect(first).toContain(',"Stine Åse, ""Ø""",17,');
    expect(others).toHaveLength(3);
    const excel = await at.app.request('/reports/complaints?format=csv&separator=semicolon&mark=true', {
      headers: { Authorization: `Bearer ${worker.token}`, 'Accept-Language': 'sv' },
    });
    expect(
      Buffer.from(await excel.arrayBuffer())
        .subarray(0, 12)
        .toString('hex'),
    ).toBe(Buffer.from('\ufeffÄrende;D').toString('hex').slice(0, 24));
    for (const [path, heads] of [
      ['distribution?courses=true&', 'Type,Decision,Course code,Course name,Number'],
      [
        'unfinished?',
        'Case,Journal number,Type,Course code,Course name,Received,Deadline,Days left,State,Waiting for,Case worker',
      ],
    ] as const)
      expect(
        (await worker.get<string>(`/reports/complaints/${path}format=csv`, { 'Accept-Language': 'en' })).body.split('\r\n')[0],
      ).toBe(heads);
  });

  it('GC-47 is for case workers, the exam office and auditors; anybody else is refused, and that is traced like each reading', async () => {
    const others = await Promise.all(
      ['teacher', 'committee-member', 'operations', 'study-adviser'].map((role) => newcomer(at, [{ role }])),
    );
    for (const other of others)
      for (const [path, rule] of [
        ['', 'GC-47'],
        ['/distribution', 'GC-49'],
        ['/unfinished', 'GC-50'],
      ] as const)
        expect(await other.get(`/reports/complaints${path}`)).toMatchObject({
          status: 403,
          body: { rule, code: 'not-yours-to-open' },
        });
    for (const role of ['exam-office', 'auditor'])
      expect((await (await newcomer(at, [{ role }])).get('/reports/complaints?finished=no')).status).toBe(200);
    const entries = (await auditOf(at)).filter((entry) => entry.action === 'complaint.report');
    expect(entries.filter((entry) => entry.outcome === 'refused').map((entry) => entry.actor)).toEqual(
      expect.arrayContaining(others.map((other) => other.id)),
    );
    const last = entries.filter((entry) => entry.outcome === 'done').at(-1);
    expect(last.details).toEqual({ report: 'FS579.001', rows: 3 });
    expect(JSON.stringify(entries)).not.toMatch(/Stine|100001/);
  });

  it('GC-47 shows nothing of another institution', async () => {
    const { id, number } = await kept(at, worker.id, {
      data: { unit: { course: 'ELS1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } },
    });
    expect((await read('course=ELS1000')).items).toHaveLength(1);
    await at.world.db.$executeRaw`UPDATE cases SET institution = 'elsewhere' WHERE id = ${id}::uuid`;
    for (const path of ['', '/unfinished'])
      expect(JSON.stringify((await worker.get(`/reports/complaints${path}?limit=100`)).body)).not.toContain(`"${number}"`);
    expect((await worker.get('/reports/complaints/distribution?course=ELS1000')).body.total).toBe(0);
  });

  it('GC-17 tells what would happen, with the settings of the day of receipt, to anybody who is signed in', async () => {
    const { body, status } = await at
      .as('tove')
      .get('/simulations/complaint?received=2026-12-23&gradedOn=2026-12-10&protection=block', { 'Accept-Language': 'nb' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      received: '2026-12-23',
      late: false,
      lastDay: { on: '2026-12-31' },
      deadline: {
        on: '2027-01-13',
        ends: '2027-01-13T23:00:00.000Z',
        rule: 'GC-17',
        inWords: 'Regel: GC-17.\nRegnet fra klagen ble mottatt 2026-12-23: 3 uker.',
      },
      reminded: [{ role: 'case-worker', text: 'saksbehandler' }, { role: 'committee-member' }],
      protection: { choice: 'block', until: null },
      furtherAssessment: 'by-distance',
    });
    expect(body.protection.effects).toHaveLength(4);
    expect(body.stages.map((one: any) => one.stateText)).toEqual([
      'Skal bekreftes',
      'Mottatt',
      'Mottatt',
      'Hos klagekommisjonen, 2. gangs sensur',
    ]);
    expect((await at.as('tove').get('/simulations/complaint')).body.protection).toEqual({
      choice: 'neither',
      effects: [],
      until: null,
    });
    for (const bad of ['received=2026-02-30', 'type=x', 'scale=x', 'fields=x'])
      expect((await at.as('tove').get(`/simulations/complaint?${bad}`)).status).toBe(422);
    const far = ['received=9999-12-31', 'gradedOn=9999-12-31', 'explainedOn=9999-12-31', 'received=0001-01-01'].map((query) =>
      at.as('tove').get(`/simulations/complaint?${query}`),
    );
    expect((await Promise.all(far)).map((answer) => answer.status)).toEqual([422, 422, 422, 422]);
  });

  describe('and the protocol', () => {
    const textOf = async (who: Newcomer, path: string) => {
      const answer = await at.app.request(path, { headers: { Authorization: `Bearer ${who.token}` } });
      const { extractText, getDocumentProxy } = await import('unpdf');
      const pdf = await getDocumentProxy(new Uint8Array(await answer.arrayBuffer()));
      const { text } = await extractText(pdf, { mergePages: false });
      return text.map((page) => page.replace(/\s+/g, ' '));
    };
    const pair = async () =>
      [await newcomer(at, [{ role: 'committee-member' }]), await newcomer(at, [{ role: 'committee-member' }])] as const;

    it('GC-38 is printed from the case, in each round with its own committee, without first grade or decision; the second without a name', async () => {
      const [one, other] = await pair();
      const unit = { course: 'KJE1000', version: '1', combination: 'S', year: 2026, term: 'JUN' };
      const grading = { round: 2, grade: 'B', inProtocol: false } as const;
      const { number } = await kept(at, worker.id, {
        firstGrade: 'D',
        state: 'closed',
        closed: true,
        data: {
          unit,
          decision: 'in-favour',
          finished: true,
          sentOn: '2026-07-05',
          committees: { second: { number: 3, name: 'x' }, further: { number: 4, name: 'y' } },
        },
        student: { givenName: 'Áilu', surname: 'Sárá', candidate: '0017', number: '100555' },
        gradings: [grading, { round: 3, grade: 'C', inProtocol: true, by: one.id }],
        committees: [
          { round: 2, number: 3, members: [{ person: one.id, external: false }] },
          { round: 3, number: 4, members: [{ person: other.id, external: true }] },
        ],
      });
      const [newest] = await textOf(worker, `/complaints/${number}/protocol?language=nb`);
      for (const part of [
        '3. gangs sensur',
        'Kommisjon 4',
        'Áilu Sárá',
        '0017',
        'Karakter etter klage C',
        '2026-07-05',
        'Signert protokoll sendes',
        '2026-07-02 Karakteren registrert i FS',
      ])
        expect(newest).toContain(part);
      const [second] = await textOf(worker, `/complaints/${number}/protocol?round=2&language=nb`);
      for (const part of [
        '2. gangs sensur',
        'Kommisjon 3',
        'Karakter etter klage B',
        'Sendes IKKE til eksamenskontoret',
        'Sendt ny kommisjon –',
      ])
        expect(second).toContain(part);
      for (const not of ['Sárá', 'Karakter etter klage D', 'gunst']) expect(second).not.toContain(not);
    });

    it('GC-39 prints all candidates of a committee, each on a page of their own, but for those whose case has ended without a grade', async () => {
      const [one] = await pair();
      const committee = { round: 2, number: 5, id: randomUUID(), members: [{ person: one.id, external: false }] } as const;
      const made = [];
      for (const candidate of ['0021', '0022', '0023'])
        made.push(
          await kept(at, worker.id, {
            student: { candidate, number: `2${candidate}` },
            committees: [committee],
            ...(candidate === '0022' ? { state: 'withdrawn', closed: true, data: { decision: 'withdrawn' } } : {}),
          }),
        );
      const pages = await textOf(worker, `/complaints/${made[0]?.number}/protocol?candidates=all&language=en`);
      expect(pages.map((page) => /Candidate number (\d+)/.exec(page)?.[1])).toEqual(['0021', '0023']);
      expect(await textOf(worker, `/complaints/${made[0]?.number}/protocol`)).toHaveLength(1);
      expect((await auditOf(at, `complaint/${made[2]?.number}`)).map((entry) => entry.action)).toEqual([]);
      const office = await newcomer(at, [{ role: 'exam-office' }]);
      await textOf(office, `/complaints/${made[0]?.number}/protocol?candidates=all`);
      expect((await auditOf(at, `complaint/${made[2]?.number}`)).map((entry) => [entry.action, entry.actor])).toEqual([
        ['complaint.opened', office.id],
      ]);
    });

    it.each([
      ['GC-34 before there is a grade', {}, 'only if the grade enters the protocol'],
      ['GC-41 with the grade in the protocol', { entering: true }, 'The signed protocol is sent'],
      ['GC-34 with a grade that is logged only', { logged: true }, 'NOT to be sent'],
      ['GC-31 with a grade that was registered wrongly', { wrong: true }, 'registered WRONGLY'],
    ] as const)('%s says where the paper goes', async (_when, how: { entering?: true; logged?: true; wrong?: true }, said) => {
      const [one] = await pair();
      const made = await kept(at, worker.id, {
        committees: [{ round: 2, number: 6, members: [{ person: one.id, external: false }] }],
        gradings: how.entering || how.logged ? [{ round: 2, grade: 'C', inProtocol: how.entering === true }] : [],
        data: how.wrong ? { wrong: { by: worker.id, at: '2026-07-01T10:00:00Z' } } : {},
      });
      if (how.entering) {
        const grading = await at.world.db.complaintGrading.findFirstOrThrow({ where: { caseId: made.id } });
        await at.world.db
          .$executeRaw`UPDATE cases SET data = data || jsonb_build_object('entering', jsonb_build_object('grading', ${grading.id}::text, 'order', '')) WHERE id = ${made.id}::uuid`;
      }
      expect((await textOf(worker, `/complaints/${made.number}/protocol?language=en`))[0]).toContain(said);
    });

    it('GC-38 is refused without a committee, to who may not print it, and to who sits on the committee', async () => {
      expect(await worker.get(`/complaints/${numbers['open']}/protocol`)).toMatchObject({
        status: 409,
        body: { rule: 'GC-38', code: 'no-committee' },
      });
      const auditor = await newcomer(at, [{ role: 'auditor' }]);
      expect(await auditor.get(`/complaints/${numbers['open']}/protocol`)).toMatchObject({
        status: 403,
        body: { rule: 'GC-38', code: 'not-yours-to-give' },
      });
      const [sits] = [await newcomer(at, [{ role: 'case-worker' }, { role: 'committee-member' }])];
      const { number } = await kept(at, worker.id, {
        committees: [{ round: 2, number: 7, members: [{ person: sits.id, external: false }] }],
      });
      expect(await sits.get(`/complaints/${number}/protocol`)).toMatchObject({
        status: 403,
        body: { rule: 'GC-13', code: 'sits-on-the-committee' },
      });
      expect((await worker.get(`/complaints/${number}/protocol`)).status).toBe(200);
    });
  });

  it('GC-03 leaves out a case without its second yes, which may be about the wrong student, but as work that waits', async () => {
    const siri = at.as('siri');
    const unit = { course: 'HMS0001', version: '1', combination: 'H', year: 2026, term: 'HØST' };
    const reports = async () => {
      const of = async (path: string) => (await siri.get(`/reports/complaints${path}course=HMS0001`)).body;
      const [cases, counted, unfinished] = [await of('?'), await of('/distribution?'), await of('/unfinished?')];
      return [cases.items, unfinished.items].map((items: any[]) => items.map((one) => one.number)).concat(counted.total);
    };
    const complaint = await opened(at, { student: '100002', unit });
    expect(await reports()).toEqual([[], [complaint.number], 0]);
    await taken(complaint, 'siri', 'withdraw', { note: 'The wrong student' });
    expect(await reports()).toEqual([[], [], 0]);
    const { state, data } = await complaint.read();
    expect([state, data.neverConfirmed, data.finished, data.decision, data.communicated]).toEqual([
      'withdrawn',
      true,
      true,
      undefined,
      undefined,
    ]);
    const right = await confirmed(at, { student: '100003', unit });
    expect(await reports()).toEqual([[right.number], [right.number], 1]);
    await taken(right, 'siri', 'withdraw', {});
    expect(await reports()).toEqual([[right.number], [], 1]);
  });

  it('GC-47 holds 5000 rows as CSV and asks for less where there are more', async () => {
    const { id } = await kept(at, worker.id, {
      data: { unit: { course: 'BIG1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } },
    });
    await at.world.db.$executeRaw`
      WITH made AS (
        INSERT INTO cases (id, number, kind, institution, state, scope, data, created_by, created_at, changed_at)
        SELECT gen_random_uuid(), nextval('cases_number_seq'), kind, institution, state, scope, data, created_by, created_at, changed_at FROM cases, generate_series(1, 4999) WHERE id = ${id}::uuid RETURNING id),
      students AS (INSERT INTO complaint_students (case_id, institution, course, student_number) SELECT id, 'bth', 'BIG1000', row_number() OVER ()::text FROM made)
      INSERT INTO complaint_undisclosed (case_id, first_grade) SELECT id, 'E' FROM made`;
    const all = await worker.get<string>('/reports/complaints?format=csv&course=BIG1000');
    expect([all.status, all.body.split('\r\n').length]).toEqual([200, 5_002]);
    await kept(at, worker.id, { data: { unit: { course: 'BIG1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } } });
    const other = await newcomer(at, [{ role: 'case-worker' }]);
    for (const report of ['complaints', 'complaints/unfinished'])
      expect(await other.get(`/reports/${report}?format=csv&course=BIG1000`)).toMatchObject({
        status: 422,
        body: { code: 'report-too-large', details: { most: 5_000 } },
      });
    const traces = (await auditOf(at)).filter(({ actor }) => actor === other.id);
    expect(traces.map(({ action, outcome, rule, code }) => [action, outcome, rule, code])).toEqual([
      ['complaint.report', 'refused', 'GC-47', 'report-too-large'],
      ['complaint.report', 'refused', 'GC-50', 'report-too-large'],
    ]);
    expect(await at.world.db.complaintDisclosure.count({ where: { personId: other.id } })).toBe(0);
    expect((await worker.get('/reports/complaints/distribution?course=BIG1000')).body.total).toBe(5_001);
  });

  it('shows a committee member the deadline of what their committee has in their calendar, and not that of others', async () => {
    const sits = await newcomer(at, [{ role: 'committee-member' }]);
    const mine = await kept(at, worker.id, {
      state: 'with-committee',
      waitingFor: 'committee-member',
      dueOn: '2026-12-01',
      committees: [{ round: 2, number: 8, members: [{ person: sits.id, external: false }] }],
    });
    const other = await kept(at, worker.id, { state: 'with-committee', waitingFor: 'committee-member', dueOn: '2026-12-01' });
    const further = { state: 'with-further-committee', waitingFor: 'committee-member', dueOn: '2026-12-01' };
    const seats = [{ person: sits.id, external: false }];
    const passedOn = await kept(at, worker.id, { ...further, committees: [{ round: 2, number: 10, members: seats }] });
    const theirs = await kept(at, worker.id, { ...further, committees: [{ round: 3, number: 11, members: seats }] });
    const { address } = (await sits.post('/me/calendars', { role: 'committee-member' })).body;
    const text = await (await at.app.request(new URL(address).pathname)).text();
    expect(text).toContain(`Klagomål på betyg ${mine.number}`);
    expect(text).toContain(`Klagomål på betyg ${theirs.number}`);
    for (const { number } of [other, passedOn]) expect(text).not.toContain(`Klagomål på betyg ${number}`);
    expect(text).not.toMatch(/Stine|Student/);
  });

  it('shows nothing in the calendar of a role that reached the whole institution, once it is gone', async () => {
    const guest = await newcomer(at, [{ role: 'case-worker' }]);
    const { number } = await kept(at, worker.id, { state: 'received', waitingFor: 'case-worker', dueOn: '2026-12-01' });
    const { address } = (await guest.post('/me/calendars', { role: 'case-worker' })).body;
    const shown = async () =>
      (await (await at.app.request(new URL(address).pathname)).text()).includes(`Klagomål på betyg ${number}`);
    expect(await shown()).toBe(true);
    await changeStaff(at, guest.id, { roles: [{ role: 'teacher' }] });
    expect(await shown()).toBe(false);
  });
});
