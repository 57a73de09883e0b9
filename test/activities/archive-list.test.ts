import { beforeAll, describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { getDocumentProxy } from 'unpdf';
import { paginate, renderArchiveList, type ArchiveList } from '../../activities/result-list/archive-list.js';
import { countsPerGrade } from '../../activities/result-list/archive-list/closing.js';
import { wallClock } from '../../workflows/rules/civil-time.js';
import { courses, institution, student } from '../simulators/sample.js';

type Row = ArchiveList['rows'][number];
interface Item {
  readonly text: string;
  readonly x: number;
  readonly end: number;
  readonly y: number;
}
interface StructureNode {
  readonly role?: string;
  readonly children?: readonly StructureNode[];
}

const [course] = courses;
const grades = ['A', 'B', 'C', 'D', 'E', 'FX', 'F'];

const row = (index: number, other: Partial<Row> = {}): Row => {
  const { personNumber, surname, givenName } = student(index);
  return {
    personNumber,
    surname,
    givenName,
    grade: grades[index % grades.length] ?? 'A',
    examinationDate: `2026-10-${String(1 + (index % 28)).padStart(2, '0')}`,
    score: index % 3 === 0 ? null : `${index % 50},5`,
    ...other,
  };
};

const list = (rows: readonly Row[], other: Partial<ArchiveList> = {}): ArchiveList => ({
  number: '4711',
  kind: 'T33',
  institution: institution.name,
  course: { code: course?.code ?? '', nameSv: course?.name.sv ?? '', nameEn: course?.name.en ?? '' },
  module: { code: 'TEN1', nameSv: 'Tentamen', nameEn: 'Examination' },
  scale: 'AF',
  rows,
  signature: { by: 'Eva Examinator', method: 'bankid', at: '2026-11-12T13:03:22.000Z' },
  zone: 'Europe/Stockholm',
  hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  controlNumber: '6031417928',
  language: 'sv',
  ...other,
});

const rows = (count: number) => Array.from({ length: count }, (_, index) => row(index));

async function read(bytes: Buffer) {
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const pages: Item[][] = [];
  const structures: StructureNode[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    pages.push(
      items.flatMap((item) => {
        if (!('str' in item) || item.str.trim() === '') return [];
        const [x, y] = [Number(item.transform[4]), Number(item.transform[5])];
        return [{ text: item.str, x, end: x + item.width, y }];
      }),
    );
    structures.push((await page.getStructTree()) as StructureNode);
  }
  const texts = pages.map((items) => items.map(({ text }) => text).join(' '));
  return { pages, texts, all: texts.join(' '), structures, metadata: await pdf.getMetadata(), marked: await pdf.getMarkInfo() };
}

const rendered = async (input: ArchiveList) => read(await renderArchiveList(input));
const times = (text: string, part: string) => text.split(part).length - 1;
const roles = (node: StructureNode): string[] => [...(node.role ? [node.role] : []), ...(node.children ?? []).flatMap(roles)];

describe('the archive list', () => {
  it.each([
    ['sv', 'T34, slutbetyg på hel kurs', 'Provmoment hel kurs', 'Examensarbetets titel Om “prov”'],
    ['nb', 'T34, sluttkarakter på hele emnet', 'Del av emnet hele emnet', 'Oppgavens tittel Om “prov”'],
    ['en', 'T34, final grades of a whole course', 'Module whole course', 'Title of the degree project Om “prov”'],
  ] as const)(
    'RL-29 of a whole course says so instead of a module, with the title of a degree project, in %s',
    async (language, kind, whole, title) => {
      const { module: _none, ...wholeList } = list(rows(60), { kind: 'T34', title: 'Om “prov”', language });
      const { all, texts } = await rendered(wholeList);
      for (const text of [kind, whole, title]) expect(all).toContain(text);
      expect(texts[1]).toContain(whole.split(' ').slice(-2).join(' '));
      expect((await rendered(list(rows(2), { language }))).all).not.toContain(title.slice(0, 12));
    },
  );

  it.each([
    [
      'sv',
      'Arkivlista',
      'T33, resultat på provmoment',
      'XX1000 Exempelkurs',
      'TEN1 Tentamen',
      'Examinator',
      'Sida 1 av 1',
      'SMS-kod',
    ],
    [
      'nb',
      'Arkivliste',
      'T33, resultat på del av emne',
      'XX1000 Exempelkurs',
      'TEN1 Tentamen',
      'Sensor',
      'Side 1 av 1',
      'SMS-kode',
    ],
    [
      'en',
      'Archive list',
      'T33, results of one module',
      'XX1000 Example course',
      'TEN1 Examination',
      'Examiner',
      'Page 1 of 1',
      'SMS code',
    ],
  ] as const)('RL-44 says in %s whose list it is, what was signed, by whom, how and when', async (language, ...said) => {
    const signature = { by: 'Eva Examinator', method: 'sms', at: '2026-11-12T13:03:22.000Z' } as const;
    const { all } = await rendered(list([row(1)], { language, signature }));
    const spaced = all.replaceAll(/\s+/g, ' ');
    const always = [institution.name, '4711', 'AF', list([]).hash, '2026-11-12 14:03:22', 'Europe/Stockholm (UTC+01:00)'];
    for (const part of [...said, ...always]) expect(spaced).toContain(part);
    expect(times(spaced, 'Eva Examinator')).toBe(2);
  });

  it('RL-08 keeps surname and first name in columns of their own, beside number, grade, date and score', async () => {
    const name = { surname: 'Öberg', givenName: 'Åsa' };
    const result = { grade: 'B', examinationDate: '2026-10-02', score: '37,5' };
    const { pages } = await rendered(list([{ personNumber: '199501022386', ...name, ...result }]));
    const line = pages[0]?.find(({ text }) => text === '19950102-2386')?.y;
    const cells = pages[0]?.filter(({ y }) => y === line).map(({ text }) => text);
    expect(cells).toEqual(['19950102-2386', 'Öberg', 'Åsa', 'B', '2026-10-02', '37,5']);
  });

  it('RL-44 counts the grades, best first, and all of them', async () => {
    const given = ['G', 'U', 'VG', 'G', 'Bestått', 'G'].map((grade, index) => row(index, { grade }));
    expect(countsPerGrade(given)).toEqual([
      ['VG', 1],
      ['G', 3],
      ['U', 1],
      ['Bestått', 1],
    ]);
    expect((await rendered(list(given))).all.replaceAll(/\s+/g, ' ')).toContain('VG 1 G 3 U 1 Bestått 1 Totalt 6');
  });

  it('RL-17 puts scores under each other by their decimal sign', async () => {
    const { pages } = await rendered(list(['100', '7,5', '37.25', null].map((score, index) => row(index, { score }))));
    const score = (text: string) => pages[0]?.find((item) => item.text === text);
    const digit = (score('100')?.end ?? 0) - (score('100')?.x ?? 0);
    expect(score('7,5')?.x).toBeCloseTo((score('100')?.end ?? 0) - digit / 3, 1);
    expect(score('37.25')?.x).toBeCloseTo((score('100')?.end ?? 0) - (2 * digit) / 3, 1);
    expect(pages[0]?.filter(({ text }) => text === '–')).toHaveLength(1);
  });

  it('prints letters of the Nordic and Sami languages and of names from elsewhere', async () => {
    const surname = 'åäöøæÅÄÖØÆ áčđŋšŧž ÁČĐŊŠŦŽ ǩǥǯ';
    const { all } = await rendered(list([row(0, { surname, givenName: 'C\u0327elik Łódź Nguyễn Thị' })]));
    const letters = all.replaceAll(/\s+/g, '');
    expect(letters).toContain(surname.replaceAll(' ', ''));
    expect(letters).toContain('ÇelikŁódźNguyễnThị');
  });

  it('RL-44 prints the number of a letter that it cannot draw, and leaves out what turns the direction of text', async () => {
    const { all } = await rendered(list([row(0, { surname: '\u05d0\u05d1', givenName: 'A\u202eb\u2066c\u{1d400}\tD' })]));
    expect(all).not.toMatch(/[\0\u202e\u2066]/);
    expect(all.replaceAll(/\s+/g, '')).toContain('[U+05D0][U+05D1]Abc[U+1D400]D');
  });

  it('gives the same bytes for the same data and other bytes for other data', async () => {
    const first = await renderArchiveList(list(rows(40)));
    expect((await renderArchiveList(list(rows(40)))).equals(first)).toBe(true);
    expect((await renderArchiveList(list([...rows(39), row(39, { grade: 'U' })]))).equals(first)).toBe(false);
    expect((await read(first)).metadata.info).toMatchObject({ CreationDate: 'D:20261112130322Z' });
  });

  it('is tagged: language, title, one table whose head cells are marked, rows with their own head', async () => {
    const { structures, metadata, marked } = await rendered(list(rows(60), { language: 'nb' }));
    expect(marked?.Marked).toBe(true);
    expect(metadata.info).toMatchObject({ Title: 'Arkivliste 4711', Language: 'nb' });
    const found = structures.flatMap(roles);
    expect(found.filter((role) => role === 'THead')).toHaveLength(1);
    expect(found.filter((role) => role === 'H1')).toHaveLength(1);
    expect(found.filter((role) => role === 'TD')).toHaveLength(60 * 5 + grades.length + 1);
    expect(found.filter((role) => role === 'TH')).toHaveLength(6 + 60 + 2 + grades.length + 1);
  });

  it.each([
    ['2026-11-12T13:03:22.000Z', 'Europe/Stockholm', '2026-11-12 14:03:22\nEurope/Stockholm (UTC+01:00)'],
    ['2026-07-12T22:30:00.000Z', 'Europe/Oslo', '2026-07-13 00:30:00\nEurope/Oslo (UTC+02:00)'],
    ['2026-10-25T01:30:00.000Z', 'Europe/Stockholm', '2026-10-25 02:30:00\nEurope/Stockholm (UTC+01:00)'],
    ['2026-10-25T00:30:00.000Z', 'Europe/Stockholm', '2026-10-25 02:30:00\nEurope/Stockholm (UTC+02:00)'],
  ])('shows %s in %s on the local clock', (at, zone, shown) => expect(wallClock(at, zone)).toBe(shown));
});

describe('a list of a thousand students with long names', () => {
  const long = {
    surname: 'Wolfeschlegelsteinhausenbergerdorff-Löwenstein Sluttnamn',
    givenName: 'Maximiliana Elisabeth Margareta',
  };
  const given = Array.from({ length: 1_000 }, (_, index) => row(index, index % 4 === 0 ? long : {}));
  let document: Awaited<ReturnType<typeof rendered>>;

  beforeAll(async () => {
    const bytes = await renderArchiveList(list(given));
    document = await read(bytes);
  });

  it('RL-09 has every student once, in the order given', () => {
    const numbers = document.pages
      .flat()
      .filter(({ text }) => /^\d{8}-\d{4}$/.test(text))
      .map(({ text }) => text.replace('-', ''));
    expect(numbers).toEqual(given.map(({ personNumber }) => personNumber));
  });

  it('repeats list number, head row and page number on every page', () => {
    const heads = ['Personnummer', 'Efternamn', 'Förnamn', 'Betyg', 'Examinationsdatum', 'Skrivningspoäng'];
    expect(document.pages.length).toBeGreaterThan(20);
    document.texts.forEach((text, index) => {
      expect(text).toContain('Resultatlista 4711');
      expect(text).toContain(`Sida ${index + 1} av ${document.pages.length}`);
      for (const head of heads) expect(text).toContain(head);
    });
  });

  it('RL-45 shows the control number once, on the last page, below the signature', () => {
    expect(times(document.all, '6031 4179 28')).toBe(1);
    expect(times(document.all.replaceAll(/\s/g, ''), '6031417928')).toBe(1);
    expect(JSON.stringify(document.metadata)).not.toMatch(/6031.?4179.?28/);
    const last = document.pages.at(-1) ?? [];
    const number = last.find(({ text }) => text === '6031 4179 28');
    const signer = last.find(({ text }) => text === 'Eva Examinator');
    expect((signer?.y ?? 0) - (number?.y ?? 0)).toBeGreaterThan(0);
    expect((signer?.y ?? 0) - (number?.y ?? 0)).toBeLessThan(120);
  });

  it('RL-58 has a place to sign by hand below the rest where the electronic signature is not enough, and none where it is', async () => {
    const texts = {
      sv: '3 rader har examinationsdatum före',
      nb: '3 rader har eksamensdato før',
      en: '3 rows were examined before',
    } as const;
    for (const language of ['sv', 'nb', 'en'] as const) {
      const { pages, all } = await rendered(list(rows(40), { language, signedByHand: 3 }));
      expect(all).toContain(texts[language]);
      const items = pages.at(-1) ?? [];
      const place = items.find(({ text }) => text.includes(', Eva Examinator'));
      expect(Math.min(...items.filter(({ y }) => y > 60).map(({ y }) => y))).toBe(place?.y);
    }
    expect((await rendered(list(rows(40)))).all).not.toMatch(/underskrivas|skrivas under|, Eva Examinator/);
  });

  it('never lets one column run into the next, nor anything off the page', () => {
    const collisions = document.pages.flatMap((items) =>
      items.flatMap((item) =>
        items.filter((other) => Math.abs(other.y - item.y) < 4 && other.x > item.x && other.x < item.end + 2),
      ),
    );
    expect(collisions).toEqual([]);
    for (const { end } of document.pages.flat()) expect(end).toBeLessThanOrEqual(548.1);
    for (const { x, y } of document.pages.flat()) expect([x >= 55, y >= 30, y <= 812]).toEqual([true, true, true]);
  });

  it('never splits a row over two pages', () => {
    for (const text of document.texts) expect(times(text, 'Sluttnamn')).toBe(times(text, 'Wolfeschlegel'));
  });
});

describe('the division into pages', () => {
  const given = fc.record({
    heights: fc.array(fc.integer({ min: 15, max: 90 }), { minLength: 1, maxLength: 300 }),
    first: fc.integer({ min: 300, max: 560 }),
    next: fc.integer({ min: 600, max: 700 }),
    end: fc.integer({ min: 120, max: 280 }),
  });

  it('puts every row on one page, in order, within the room there is, and the end below the last row', () => {
    fc.assert(
      fc.property(given, ({ heights, first, next, end }) => {
        const pages = paginate({ heights, first, next, end });
        expect(pages.flatMap(({ from, to }) => heights.slice(from, to))).toEqual(heights);
        pages.forEach(({ from, to }, index) => {
          const filled =
            heights.slice(from, to).reduce((sum, height) => sum + height, 0) + (index === pages.length - 1 ? end : 0);
          expect(filled).toBeLessThanOrEqual(index === 0 ? first : next);
        });
      }),
    );
  });

  it('leaves no signature on a page without results', () => {
    fc.assert(
      fc.property(given, (sizes) => {
        fc.pre(sizes.heights.length > 1);
        const last = paginate(sizes).at(-1);
        expect((last?.to ?? 0) - (last?.from ?? 0)).toBeGreaterThan(0);
      }),
    );
  });
});
