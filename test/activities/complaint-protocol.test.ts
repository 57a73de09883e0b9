import { describe, expect, it } from '../spec.js';
import { getDocumentProxy } from 'unpdf';
import { renderProtocol, type CandidatePage, type Protocol } from '../../activities/complaint/protocol.js';

interface StructureNode {
  readonly role?: string;
  readonly children?: readonly StructureNode[];
}

const page = (other: Partial<CandidatePage> = {}): CandidatePage => ({
  number: '4711',
  journalNumber: '2026/1234',
  unit: { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' },
  courseNameNb: 'Matematikk',
  courseNameEn: 'Mathematics',
  scale: { kind: 'letters', ordered: true, grades: [...'ABCDEF'].map((grade) => ({ grade, passing: grade !== 'F' })) },
  candidate: '10017',
  studentNumber: '100001',
  student: { givenName: 'Stine', surname: 'Student' },
  received: '2026-03-09',
  sent: '2026-03-12',
  round: 2,
  committee: {
    number: 3,
    name: 'Klagekommisjon 2. gangs sensur',
    members: [
      { givenName: 'Kari', surname: 'Nordmann', external: false },
      { givenName: 'Ole', surname: 'Olsen', external: true },
    ],
  },
  result: { grade: 'C', passed: true, on: '2026-03-24' },
  caseWorker: { givenName: 'Solveig', surname: 'Saksbehandler' },
  sending: 'to-be-sent',
  ...other,
});
const protocol = (pages: readonly CandidatePage[], other: Partial<Protocol> = {}): Protocol => ({
  institution: 'Eksempeluniversitetet',
  pages,
  language: 'nb',
  at: '2026-03-24T10:00:00.000Z',
  ...other,
});
const roles = (node: StructureNode): string[] => [...(node.role ? [node.role] : []), ...(node.children ?? []).flatMap(roles)];

async function read(input: Protocol) {
  const pdf = await getDocumentProxy(new Uint8Array(await renderProtocol(input)));
  const pages: { text: string; lowest: number; roles: string[] }[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const one = await pdf.getPage(number);
    const items = (await one.getTextContent()).items.flatMap((item) =>
      'str' in item && item.str.trim() !== '' ? [{ text: item.str, y: Number(item.transform[5]) }] : [],
    );
    pages.push({
      text: items
        .map(({ text }) => text)
        .join(' ')
        .replace(/\s+/g, ' '),
      lowest: Math.min(...items.map(({ y }) => y)),
      roles: roles((await one.getStructTree()) as StructureNode),
    });
  }
  return { pages, metadata: await pdf.getMetadata() };
}
const textOf = async (input: Protocol) => (await read(input)).pages.map(({ text }) => text).join('\n');

describe('the assessment protocol', () => {
  it.each([
    [
      'nb',
      'Vurderingsprotokoll',
      'Klagesaker: J',
      'MAT1000 Matematikk',
      'Kommisjon 3, Klagekommisjon 2. gangs sensur',
      '2. gangs sensur',
      'Underskrift, Ole Olsen (ekstern)',
      'Side 1 av 1',
    ],
    [
      'sv',
      'Bedömningsprotokoll',
      'Klagomål: ja',
      'MAT1000 Matematikk',
      'Kommission 3, Klagekommisjon 2. gangs sensur',
      'Andra bedömningen',
      'Underskrift, Ole Olsen (extern)',
      'Sida 1 av 1',
    ],
    [
      'en',
      'Assessment protocol',
      'Complaints: yes',
      'MAT1000 Mathematics',
      'Committee 3, Klagekommisjon 2. gangs sensur',
      'Second grading',
      'Signature, Ole Olsen (external)',
      'Page 1 of 1',
    ],
  ] as const)('GC-38 says in %s what is assessed, for complaints, and by which committee', async (language, ...said) => {
    const { pages, metadata } = await read(protocol([page()], { language }));
    expect(pages).toHaveLength(1);
    for (const part of [
      ...said,
      'FS566.001',
      'Eksempeluniversitetet',
      '10017',
      '100001',
      '4711',
      '2026/1234',
      'Stine Student',
      '2026 JUN',
      '2026-03-09',
      '2026-03-12',
      'A, B, C, D, E, F',
      'KLAGE',
      'Kari Nordmann',
    ])
      expect(pages[0]?.text).toContain(part);
    expect(metadata.info).toMatchObject({ Title: `FS566.001 ${said[0]}`, Language: language, CreationDate: 'D:20260324100000Z' });
  });

  it('GC-38 prints the number of a letter that it cannot draw, for the student, the committee and who signs', async () => {
    const committee = {
      number: 3,
      name: 'K\u202elage \u{1d400}',
      members: [{ givenName: '\u05d0', surname: 'Nordmann', external: false }],
    };
    const text = await textOf(protocol([page({ student: { givenName: '\u4e2d', surname: 'Student' }, committee })]));
    expect(text).not.toMatch(/[\0\u202e]/);
    for (const said of ['[U+4E2D] Student', 'Kommisjon 3, Klage [U+1D400]', 'Underskrift, [U+05D0] Nordmann'])
      expect(text).toContain(said);
  });

  it('GC-39 gives each candidate a page of their own, and nobody stands on the page of another', async () => {
    const candidates = ['10017', '10018', '10019'].map((candidate, index) =>
      page({ candidate, number: String(4711 + index), student: { givenName: `Nummer${index}`, surname: 'Student' } }),
    );
    const { pages } = await read(protocol(candidates));
    expect(pages).toHaveLength(3);
    pages.forEach(({ text }, index) => {
      for (const other of [0, 1, 2])
        expect({ index, other, there: text.includes(`Nummer${other}`) }).toEqual({ index, other, there: index === other });
      expect(text).toContain('Side 1 av 1');
    });
  });

  it('GC-40 has a line to sign for each examiner, and one for the case worker with the day of registration', async () => {
    const text = await textOf(protocol([page()]));
    expect(text.split('Underskrift, ').length - 1).toBe(3);
    expect(text.split('Sted og dato').length - 1).toBe(2);
    expect(text).toMatch(/Saksbehandler 2026-03-24 Karakteren registrert i FS Underskrift, Solveig Saksbehandler/);
    expect(text).toMatch(/Karakter etter klage C Bestått \(B\/S\) B/);
  });

  it('GC-40 leaves grade, mark and day for a hand where nothing is registered', async () => {
    const text = await textOf(protocol([page({ result: null, sending: 'when-in-protocol' })]));
    expect(text).toMatch(/Karakter etter klage Bestått \(B\/S\) Endringsstatus KLAGE/);
    expect(text).toMatch(/Saksbehandler Karakteren registrert i FS/);
  });

  it('GC-33 says of a grade that stands in the log alone that it is logged, and of one on its way no day', async () => {
    const logged = await Promise.all(
      (['sv', 'nb', 'en'] as const).map((language) => textOf(protocol([page({ sending: 'not-to-be-sent' })], { language }))),
    );
    expect(
      logged.map(
        (text) =>
          /2026-03-24 (Betyget loggfört, inte infört i protokollet|Karakteren loggført, ikke protokollført|Grade logged, not in the protocol) /.test(
            text,
          ) && !/registrer(t|at) i FS|registered in FS/.test(text),
      ),
    ).toEqual([true, true, true]);
    expect(await textOf(protocol([page({ result: { grade: 'C', passed: true, on: null } })]))).toMatch(
      /Karakter etter klage C .*Saksbehandler Karakteren registrert i FS/,
    );
  });

  it('GC-20 marks a grade that does not pass with S', async () => {
    expect(await textOf(protocol([page({ result: { grade: 'F', passed: false, on: '2026-03-24' } })]))).toMatch(
      /Karakter etter klage F Bestått \(B\/S\) S/,
    );
  });

  it.each([
    ['to-be-sent', 'Signert protokoll sendes til eksamenskontoret'],
    ['not-to-be-sent', 'Sendes IKKE til eksamenskontoret'],
    ['when-in-protocol', 'bare hvis karakteren protokollføres'],
    ['registered-wrongly', 'karakteren er registrert FEIL i FS'],
  ] as const)('GC-34 says whether it goes to the exam office: %s', async (sending, said) => {
    const text = await textOf(protocol([page({ sending })]));
    expect(text).toContain(said);
    expect(text.split('eksamenskontoret').length - 1).toBe(1);
  });

  it('GC-35 names the third grading', async () => {
    expect(await textOf(protocol([page({ round: 3 })]))).toContain('3. gangs sensur (ytterligere vurdering)');
  });

  it('GC-38 names the student where there is a name to tell, and else a dash', async () => {
    expect(await textOf(protocol([page({ student: null })]))).toMatch(/Student – .*Studentnummer 100001/);
  });

  it('has the student number for a candidate without one of their own', async () => {
    expect(await textOf(protocol([page({ candidate: null, studentNumber: '100042' })]))).toMatch(
      /Studentnummer 100042 .*Kandidatnummer –/,
    );
  });

  it('prints long names and Sami letters whole, and nothing over the foot of the page', async () => {
    const student = {
      givenName: 'Áilu-Niillas Čáhppe Đuoddar',
      surname: 'Ŋuohtti-Šielbma Ŧeatnu af Ugglas-Gyllenstierna Žuoŋŋo',
    };
    const members = Array.from({ length: 10 }, (_, index) => ({
      givenName: `Ánte ${index} Bierna`,
      surname: 'Guttorm-Somby Jåma-Kappfjell Østerås-Ævarsdóttir Nguyễn Thị'.repeat(2),
      external: index % 2 === 0,
    }));
    const { pages } = await read(protocol([page({ student, committee: { number: 3, name: 'Klagekommisjon', members } })]));
    const letters = pages
      .map(({ text }) => text)
      .join(' ')
      .replace(/\s/g, '');
    for (const name of [
      `${student.givenName}${student.surname}`,
      ...members.map(({ givenName, surname }) => `${givenName}${surname}`),
    ])
      expect(letters).toContain(name.replace(/\s/g, ''));
    expect(pages.length).toBe(2);
    for (const { lowest, text } of pages) {
      expect(lowest).toBeGreaterThan(30);
      expect(text).toContain('FS566.001 Vurderingsprotokoll, klagesak 4711');
    }
    expect(pages[1]?.text).toContain('Side 2 av 2');
  });

  it('is tagged for screen readers, and the same for the same data', async () => {
    const { pages } = await read(protocol([page()]));
    expect(pages[0]?.roles).toEqual(expect.arrayContaining(['Document', 'H1', 'H2', 'P']));
    const [first, again, other] = [
      await renderProtocol(protocol([page()])),
      await renderProtocol(protocol([page()])),
      await renderProtocol(protocol([page({ round: 3 })])),
    ];
    expect(first.equals(again)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });
});
