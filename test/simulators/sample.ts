import { frozen } from './frozen.js';

/** The synthetic world of the simulators. Nobody here exists; numbers come from the published ranges for test persons. */

export const institution = frozen({
  code: 'bth',
  larosateId: 99,
  name: 'Exempelhögskolan',
  zone: 'Europe/Stockholm',
  language: 'sv',
} as const);

export interface SampleRole {
  readonly role: string;
  readonly course?: string;
  readonly from: string;
  readonly to?: string;
}
export interface SampleStaff {
  readonly id: string;
  readonly login: string;
  readonly givenName: string;
  readonly surname: string;
  readonly personNumber: string;
  readonly email: string;
  readonly mobile?: string;
  readonly language: 'sv' | 'nb' | 'en';
  readonly roles: readonly SampleRole[];
}

const luhn = (nine: string) =>
  (10 -
    ([...nine].reduce((sum, d, i) => {
      const n = Number(d) * (i % 2 ? 1 : 2);
      return sum + (n > 9 ? n - 9 : n);
    }, 0) %
      10)) %
  10;

/** Twelve digits from the first eleven. */
export const withCheckDigit = (eleven: string): string => `${eleven}${luhn(eleven.slice(2))}`;

export const staff: readonly SampleStaff[] = frozen([
  {
    id: 'b0000000-0000-4000-8000-000000000001',
    login: 'tove',
    givenName: 'Tove',
    surname: 'Lärare',
    personNumber: withCheckDigit('19800101239'),
    email: 'tove@bth.example',
    mobile: '+46700000001',
    language: 'sv',
    roles: [{ role: 'teacher', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000002',
    login: 'eva',
    givenName: 'Eva',
    surname: 'Examinator',
    personNumber: withCheckDigit('19700101239'),
    email: 'eva@bth.example',
    mobile: '+46700000002',
    language: 'sv',
    roles: [
      { role: 'teacher', from: '2012-08-01' },
      { role: 'examiner', course: 'XX1000', from: '2012-08-01' },
      { role: 'examiner', course: 'ZZ3000', from: '2012-08-01' },
      { role: 'examiner', course: 'EX4000', from: '2012-08-01' },
    ],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000003',
    login: 'erik',
    givenName: 'Erik',
    surname: 'Annan',
    personNumber: withCheckDigit('19750202239'),
    email: 'erik@bth.example',
    mobile: '+46700000003',
    language: 'en',
    roles: [
      { role: 'teacher', from: '2012-08-01' },
      { role: 'examiner', course: 'YY2000', from: '2012-08-01' },
      { role: 'examiner', course: 'MAT1000', from: '2012-08-01' },
    ],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000004',
    login: 'karin',
    givenName: 'Karin',
    surname: 'Kansli',
    personNumber: withCheckDigit('19850303239'),
    email: 'utbildningsstod@bth.example',
    mobile: '+46700000004',
    language: 'sv',
    roles: [{ role: 'course-office', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000005',
    login: 'olle',
    givenName: 'Olle',
    surname: 'Drift',
    personNumber: withCheckDigit('19900404239'),
    email: 'drift@bth.example',
    language: 'sv',
    roles: [{ role: 'operations', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000006',
    login: 'rut',
    givenName: 'Rut',
    surname: 'Revisor',
    personNumber: withCheckDigit('19650505239'),
    email: 'rut@bth.example',
    language: 'sv',
    roles: [{ role: 'auditor', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000007',
    login: 'siri',
    givenName: 'Siri',
    surname: 'Sakvik',
    personNumber: withCheckDigit('19860606239'),
    email: 'siri@bth.example',
    language: 'nb',
    roles: [{ role: 'case-worker', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000008',
    login: 'egil',
    givenName: 'Egil',
    surname: 'Eksdal',
    personNumber: withCheckDigit('19870707239'),
    email: 'eksamenskontoret@bth.example',
    language: 'nb',
    roles: [{ role: 'exam-office', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-000000000009',
    login: 'mons',
    givenName: 'Mons',
    surname: 'Medhus',
    personNumber: withCheckDigit('19680808239'),
    email: 'mons@bth.example',
    language: 'nb',
    roles: [{ role: 'committee-member', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-00000000000a',
    login: 'marte',
    givenName: 'Marte',
    surname: 'Utvik',
    personNumber: withCheckDigit('19690909239'),
    email: 'marte@uni.example',
    language: 'nb',
    roles: [{ role: 'committee-member', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-00000000000b',
    login: 'nils',
    givenName: 'Nils',
    surname: 'Nesbø',
    personNumber: withCheckDigit('19661010239'),
    email: 'nils@bth.example',
    language: 'nb',
    roles: [{ role: 'committee-member', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-00000000000c',
    login: 'nora',
    givenName: 'Nora',
    surname: 'Utne',
    personNumber: withCheckDigit('19671111239'),
    email: 'nora@uni.example',
    language: 'nb',
    roles: [{ role: 'committee-member', from: '2012-08-01' }],
  },
  {
    id: 'b0000000-0000-4000-8000-00000000000d',
    login: 'stina',
    givenName: 'Stina',
    surname: 'Studvik',
    personNumber: withCheckDigit('19881212239'),
    email: 'stina@bth.example',
    language: 'nb',
    roles: [{ role: 'study-adviser', from: '2012-08-01' }],
  },
]);

/**
 * The two test persons of the exchange of results, with the numbers and names that FS's documentation gives them. `id` is what
 * they sign in as.
 */
export const exchangeStudents = [
  {
    id: 'e5000000-0000-4000-8000-000000000001',
    login: 'test1',
    number: '01536112185',
    givenName: 'Testperson1',
    surname: 'Resultatutveksling',
    birthDate: '1961-03-01',
    email: 'test1@student.bth.example',
    language: 'nb',
  },
  {
    id: 'e5000000-0000-4000-8000-000000000002',
    login: 'test2',
    number: '19588312510',
    givenName: 'Testperson2',
    surname: 'Resultatutveksling',
    birthDate: '1983-08-19',
    email: 'test2@student.bth.example',
    language: 'nb',
  },
] as const;

export interface SampleStudent {
  /** Ladok's student UID: the key of a person towards Ladok, the portal and the exam system. */
  readonly uid: string;
  readonly givenName: string;
  readonly surname: string;
  readonly personNumber: string;
  readonly email: string;
  readonly language: 'sv' | 'en';
}

const names: readonly [string, string][] = [
  ['Åsa', 'Öberg'],
  ['Anna', 'Andersson'],
  ['Björn', 'Åkesson'],
  ['Zlatan', 'Ärlig'],
  ['Ánne', 'Sárá'],
  ['Per', 'Zetterström'],
  ['Lena', 'Svensson-Østergaard'],
  ['Ibrahim', 'Çelik'],
  ['Maja', 'Lind'],
  ['Oskar', 'Ek'],
  ['Nour', 'Haddad'],
  ['Elsa', 'Wikström'],
  ['Hugo', 'Vång'],
  ['Ida', 'Norén'],
  ['Leo', 'Quist'],
  ['Alva', 'Dahl'],
  ['Wilma', 'Falk'],
  ['Nils', 'Gran'],
  ['Saga', 'Hjort'],
  ['Tor', 'Isaksson'],
  ['Ylva', 'Jonsson'],
  ['Axel', 'Kvist'],
  ['Freja', 'Lund'],
  ['Gustav', 'Moberg'],
  ['Klara', 'Nyman'],
  ['Liam', 'Olofsson'],
  ['Molly', 'Palm'],
  ['Noel', 'Rask'],
  ['Stina', 'Strand'],
  ['Viggo', 'Törn'],
];

/** A synthetic Swedish personal number, twelve digits, serial 238x. */
export const testPersonNumber = (index: number): string => {
  const day = String(1 + (index % 28)).padStart(2, '0');
  const month = String(1 + (Math.floor(index / 28) % 12)).padStart(2, '0');
  const nine = `${String(95 + Math.floor(index / 336) * -1).padStart(2, '0')}${month}${day}23${8 + (index % 2)}`;
  return withCheckDigit(`19${nine}`);
};

const hex = (n: number, width = 12) => n.toString(16).padStart(width, '0');

export const student = (index: number): SampleStudent => {
  const [givenName, surname] = names[index % names.length] as [string, string];
  return {
    uid: `e0000000-0000-4000-8000-${hex(index)}`,
    givenName,
    surname: index < names.length ? surname : `${surname} ${Math.floor(index / names.length)}`,
    personNumber: testPersonNumber(index),
    email: `student${index}@student.bth.example`,
    language: index % 5 === 3 ? 'en' : 'sv',
  };
};

// oxlint-disable-next-line import/no-mutable-exports -- `crowd` swaps it for a while, for whoever reads it then
export let students: readonly SampleStudent[] = frozen(Array.from({ length: 30 }, (_, index) => student(index)));

export interface SampleModule {
  readonly code: string;
  readonly instanceUid: string;
  readonly name: { readonly sv: string; readonly en: string };
  readonly credits: number;
  readonly scale: string;
  readonly titleWanted?: boolean;
  /** Its grade is the final one, by the syllabus. */
  readonly decides?: boolean;
  /** Attested before the simulation begins: index into `students`, grade, date. */
  readonly attested?: readonly (readonly [index: number, grade: string, date: string])[];
}
export interface SampleCourse {
  readonly code: string;
  readonly name: { readonly sv: string; readonly en: string };
  readonly credits: number;
  readonly scale: string;
  readonly courseUid: string;
  readonly instanceUid: string;
  readonly titleWanted?: boolean;
  readonly discontinued?: boolean;
  readonly modules: readonly SampleModule[];
  /**
   * Course occasions: one each term, with those registered on it (indexes into `students`). `term` as in Swedish practice: 20262
   * is autumn 2026.
   */
  readonly occasions: readonly {
    readonly code: string;
    readonly uid: string;
    readonly term: string;
    readonly from: string;
    readonly to: string;
    readonly registered: readonly number[];
  }[];
}

const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => i + from);

// oxlint-disable-next-line import/no-mutable-exports -- as above
export let courses: readonly SampleCourse[] = frozen([
  {
    code: 'XX1000',
    name: { sv: 'Exempelkurs', en: 'Example course' },
    credits: 7.5,
    scale: 'AF',
    courseUid: 'c0000000-0000-4000-8000-000000001000',
    instanceUid: 'c1000000-0000-4000-8000-000000001000',
    modules: [
      {
        code: 'TEN1',
        instanceUid: 'c2000000-0000-4000-8000-000000001001',
        name: { sv: 'Tentamen', en: 'Examination' },
        credits: 4.5,
        scale: 'AF',
      },
      {
        code: 'LAB1',
        instanceUid: 'c2000000-0000-4000-8000-000000001002',
        name: { sv: 'Laboration', en: 'Laboratory work' },
        credits: 3,
        scale: 'UG',
      },
    ],
    occasions: [
      {
        code: '50001',
        uid: 'c3000000-0000-4000-8000-000000001001',
        term: '20262',
        from: '2026-08-31',
        to: '2027-01-17',
        registered: upTo(12),
      },
      {
        code: '50002',
        uid: 'c3000000-0000-4000-8000-000000001002',
        term: '20261',
        from: '2026-01-19',
        to: '2026-06-07',
        registered: upTo(20, 12),
      },
    ],
  },
  {
    code: 'YY2000',
    name: { sv: 'Annan kurs', en: 'Another course' },
    credits: 6,
    scale: 'UV',
    courseUid: 'c0000000-0000-4000-8000-000000002000',
    instanceUid: 'c1000000-0000-4000-8000-000000002000',
    modules: [
      {
        code: 'INL1',
        instanceUid: 'c2000000-0000-4000-8000-000000002001',
        name: { sv: 'Inlämningsuppgift', en: 'Assignment' },
        credits: 6,
        scale: 'UV',
      },
    ],
    occasions: [
      {
        code: '60001',
        uid: 'c3000000-0000-4000-8000-000000002001',
        term: '20262',
        from: '2026-08-31',
        to: '2027-01-17',
        registered: upTo(30, 20),
      },
    ],
  },
  {
    code: 'ZZ3000',
    name: { sv: 'Helkurs', en: 'Whole course' },
    credits: 15,
    scale: 'AF',
    courseUid: 'c0000000-0000-4000-8000-000000003000',
    instanceUid: 'c1000000-0000-4000-8000-000000003000',
    modules: [
      {
        code: 'HEM1',
        instanceUid: 'c2000000-0000-4000-8000-000000003001',
        name: { sv: 'Hemtentamen', en: 'Take-home examination' },
        credits: 10,
        scale: 'AF',
        decides: true,
        attested: [
          [21, 'B', '2026-10-20'],
          [22, 'D', '2026-10-20'],
          [23, 'A', '2026-10-20'],
          [24, 'F', '2026-10-20'],
          [25, 'C', '2026-10-20'],
        ],
      },
      {
        code: 'SEM1',
        instanceUid: 'c2000000-0000-4000-8000-000000003002',
        name: { sv: 'Seminarier', en: 'Seminars' },
        credits: 5,
        scale: 'UG',
        attested: [
          [21, 'G', '2026-09-30'],
          [22, 'G', '2026-10-07'],
          [23, 'G', '2026-09-30'],
          [24, 'G', '2026-09-30'],
        ],
      },
    ],
    occasions: [
      {
        code: '70001',
        uid: 'c3000000-0000-4000-8000-000000003001',
        term: '20262',
        from: '2026-08-31',
        to: '2027-01-17',
        registered: upTo(27, 21),
      },
    ],
  },
  {
    code: 'EX4000',
    name: { sv: 'Examensarbete', en: 'Degree project' },
    credits: 15,
    scale: 'UG',
    courseUid: 'c0000000-0000-4000-8000-000000004000',
    instanceUid: 'c1000000-0000-4000-8000-000000004000',
    titleWanted: true,
    discontinued: true,
    modules: [
      {
        code: 'ARB1',
        instanceUid: 'c2000000-0000-4000-8000-000000004001',
        name: { sv: 'Arbete', en: 'Work' },
        credits: 15,
        scale: 'UG',
        titleWanted: true,
        attested: [
          [27, 'G', '2026-10-30'],
          [28, 'G', '2026-10-30'],
        ],
      },
    ],
    occasions: [
      {
        code: '80001',
        uid: 'c3000000-0000-4000-8000-000000004001',
        term: '20262',
        from: '2026-08-31',
        to: '2027-01-17',
        registered: upTo(30, 27),
      },
    ],
  },
]);

/**
 * Has as many students registered on XX1000 in the autumn of 2026, in every simulator that begins from now on, by another sample
 * in the place of this one. Answers what sends them away again: other files share this process.
 */
export function crowd(many: number): () => void {
  const [studentsBefore, coursesBefore] = [students, courses];
  const here = courses[0]?.occasions[0]?.registered ?? [];
  const more = upTo(students.length + Math.max(0, many - here.length), students.length);
  students = frozen([...students, ...more.map(student)]);
  courses = frozen(
    courses.map((course, place) =>
      place
        ? course
        : {
            ...course,
            occasions: course.occasions.map((occasion, first) =>
              first ? occasion : { ...occasion, registered: [...occasion.registered, ...more] },
            ),
          },
    ),
  );
  return () => {
    students = studentsBefore;
    courses = coursesBefore;
  };
}

export interface SampleExam {
  readonly uid: string;
  readonly name: { readonly sv: string; readonly en: string };
  readonly course: string;
  readonly moduleInstanceUid: string;
  readonly from: string;
  readonly to: string;
  readonly cancelled?: boolean;
  /** Indexes into `students`: those signed up, and those who could but have not. */
  readonly signedUp: readonly number[];
  readonly possible: readonly number[];
}

const anExam = (last: string, exam: Omit<SampleExam, 'uid' | 'course'>): SampleExam => ({
  uid: `a7000000-0000-4000-8000-00000000${last}`,
  course: 'XX1000',
  ...exam,
});
const [written, laboratory] = ['c2000000-0000-4000-8000-000000001001', 'c2000000-0000-4000-8000-000000001002'];

/**
 * Exams (aktivitetstillfällen): one day, a week at home, of another module, cancelled, far ahead. Student 25 is registered on
 * another course.
 */
export const exams: readonly SampleExam[] = frozen([
  anExam('1001', {
    name: { sv: 'Tentamen november', en: 'Exam November' },
    moduleInstanceUid: written,
    from: '2026-11-02',
    to: '2026-11-02',
    signedUp: [25, 14, 5, 2, 0],
    possible: [1, 7],
  }),
  anExam('1002', {
    name: { sv: 'Hemtentamen', en: 'Take-home exam' },
    moduleInstanceUid: written,
    from: '2026-10-05',
    to: '2026-10-09',
    signedUp: [1, 3],
    possible: [],
  }),
  anExam('1003', {
    name: { sv: 'Laboration', en: 'Laboratory work' },
    moduleInstanceUid: laboratory,
    from: '2026-10-20',
    to: '2026-10-20',
    signedUp: [4],
    possible: [],
  }),
  anExam('1004', {
    name: { sv: 'Inställd tentamen', en: 'Cancelled exam' },
    moduleInstanceUid: written,
    from: '2026-09-30',
    to: '2026-09-30',
    cancelled: true,
    signedUp: [6],
    possible: [],
  }),
  anExam('1005', {
    name: { sv: 'Omtentamen', en: 'Re-exam' },
    moduleInstanceUid: written,
    from: '2099-01-12',
    to: '2099-01-12',
    signedUp: [8, 9],
    possible: [],
  }),
]);

export interface SampleRoom {
  /** Key of the course room at the learning platform: course and occasion. */
  readonly key: string;
  readonly title: string;
  /** `key` is the one the student system gave at import, Ladok's uid; null for somebody added by hand in the platform. */
  readonly participants: readonly {
    readonly key: string | null;
    readonly givenName: string;
    readonly surname: string;
    readonly role: string;
  }[];
  /** Columns of the gradebook, with the grades in the platform's own words. */
  readonly columns: readonly {
    readonly id: number;
    readonly title: string;
    readonly grades: readonly { readonly person: string; readonly word: string | null; readonly score: number | null }[];
  }[];
}

const learner = (index: number) => {
  const { uid, givenName, surname } = student(index);
  return { key: uid, givenName, surname, role: '01' };
};
const instructor = ({ id, givenName, surname }: SampleStaff) => ({ key: id, givenName, surname, role: '02' });
const inWords = (first: number, ...words: readonly (string | null)[]) =>
  words.map((word, place) => ({ person: student(first + place).uid, word, score: place * 2.5 }));

/** A student of the course room whom Ladok has never heard of: no occasion, no student uid there. */
export const strangerIndex = 40;

/** Course rooms of the learning platform. Some words are no codes of the module's scale. */
export const rooms: readonly SampleRoom[] = frozen([
  {
    key: 'XX1000-50001',
    title: 'Exempelkurs HT26',
    participants: [
      ...upTo(10).map(learner),
      learner(strangerIndex),
      ...staff.slice(0, 1).map(instructor),
      { key: null, givenName: 'Gun', surname: 'Gäst', role: '04' },
    ],
    columns: [
      {
        id: 9,
        title: 'Tentamen',
        grades: [...inWords(0, 'A', 'B', 'C', 'Underkänd', 'Godkänd', 'E', null), ...inWords(strangerIndex, 'D')],
      },
      { id: 10, title: 'Laboration & rapport', grades: inWords(0, 'G', 'Godkänd', 'Ej godkänd') },
    ],
  },
  {
    key: 'YY2000-60001',
    title: 'Annan kurs HT26',
    participants: [...upTo(30, 20).map(learner), ...staff.slice(2, 3).map(instructor)],
    columns: [
      { id: 11, title: 'Inlämningsuppgift', grades: inWords(20, 'VG', 'G', 'Väl godkänd', 'Godkänd', 'U', 'Komplettering') },
    ],
  },
]);
