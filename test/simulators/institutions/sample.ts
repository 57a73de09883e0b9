/**
 * A result as a simulated institution keeps it. `key` stays the same when the grade changes; `partOf` is the key of the
 * qualification it belongs to.
 */
export interface KeptResult {
  key: string;
  partOf?: string;
  type: 'Degree Programme' | 'Course' | 'Module' | 'Class';
  code: string;
  nb: string;
  en?: string;
  /** `2026 VÅR` or `2025 HØST`. */
  term?: string;
  date?: string;
  status: 'passed' | 'failed' | 'in-progress';
  grade?: string;
  scale?: 'no-af' | 'no-bs';
  credits?: string;
  thesisTitle?: string;
  description?: string;
  /**
   * Of a qualification: the day on which the diploma is handed out; null or not before today and the qualification is held back.
   */
  diplomaOn?: string | null;
}

export interface KeptPerson {
  number: string;
  givenNames: string;
  familyName: string;
  birthDate: string;
  results: KeptResult[];
}

export interface SampleInstitution {
  /** SCHAC code. */
  readonly code: string;
  readonly number: string;
  readonly nb: string;
  readonly en: string;
  readonly persons: readonly KeptPerson[];
}

const places = [
  'Alta',
  'Bodø',
  'Drøbak',
  'Egersund',
  'Fauske',
  'Gjøvik',
  'Halden',
  'Inderøy',
  'Jessheim',
  'Kautokeino',
  'Larvik',
  'Mandal',
  'Namsos',
  'Odda',
  'Porsgrunn',
  'Røros',
  'Sandnes',
  'Tana',
  'Ulsteinvik',
  'Vadsø',
  'Ytre Sula',
  'Ærøya',
  'Ørsta',
  'Ålesund',
  'Arendal',
  'Brønnøysund',
  'Dokka',
  'Elverum',
  'Finnsnes',
  'Grimstad',
  'Hamar',
  'Ibestad',
  'Jørpeland',
  'Kragerø',
  'Lillehammer',
  'Mosjøen',
  'Narvik',
  'Orkanger',
  'Pasvik',
  'Rena',
  'Stord',
  'Tynset',
  'Unjárga',
  'Volda',
  'Øystese',
  'Årdal',
  'Ås',
  'Čáhput',
];

/** What may stand in a host name. */
const plain = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .normalize('NFD')
    .replaceAll(/[^a-z]/g, '');

const course = (key: string, code: string, nb: string, en: string, more: Partial<KeptResult> = {}): KeptResult => ({
  key,
  type: 'Course',
  code,
  nb,
  en,
  status: 'passed',
  scale: 'no-af',
  credits: '7.5',
  ...more,
});

/** The document's two test persons (RX-31), with its results; the names of the persons are the document's. */
const testPersons: Readonly<Record<'one' | 'two', Omit<KeptPerson, 'results'>>> = {
  one: { number: '01536112185', givenNames: 'Testperson1', familyName: 'Resultatutveksling', birthDate: '1961-03-01' },
  two: { number: '19588312510', givenNames: 'Testperson2', familyName: 'Resultatutveksling', birthDate: '1983-08-19' },
};

/** Synthetic persons: the numbers are of Tenor's kind, month + 80. */
const synthetic = {
  nora: { number: '01819000049', givenNames: 'Nora', familyName: 'Eksempel', birthDate: '1990-01-01' },
  aslaug: { number: '01819000200', givenNames: 'Áslaug Čuovža', familyName: 'Ørsæter-Åsen', birthDate: '1990-01-01' },
  jon: { number: '01819000391', givenNames: 'Jón', familyName: 'Øvrebø', birthDate: '1990-01-01' },
  dmitri: { number: '41819000113', givenNames: 'Dmitri', familyName: 'Dufnes', birthDate: '1990-01-01' },
  ola: { number: '01859000270', givenNames: 'Ola', familyName: 'Grad', birthDate: '1990-05-01' },
} as const;

/** Nora's bachelor's degree with its courses, one of them a thesis, beside what nobody may be told: failed, and not yet done. */
const northern = (): KeptResult[] => [
  {
    key: 'g-bac-1',
    type: 'Degree Programme',
    code: 'BAC-NORD',
    nb: 'Bachelor i nordområdestudier',
    en: 'Bachelor of Northern Studies',
    term: '2020 VÅR',
    date: '2020-06-15',
    status: 'passed',
    credits: '180',
    diplomaOn: '2020-06-20',
  },
  course('e-mat-1', 'MAT1000', 'Matematikk 1', 'Mathematics 1', {
    partOf: 'g-bac-1',
    term: '2018 VÅR',
    date: '2018-06-03',
    grade: 'B',
    description: 'Tall, funksjoner og følger.\n\nSkriftlig eksamen på fire timer.',
  }),
  course('e-sam-1', 'SAM1000', 'Davvisámegiella – nordsamisk', 'Northern Sámi', {
    partOf: 'g-bac-1',
    term: '2018 HØST',
    date: '2018-12-10',
    grade: 'A',
    credits: '15',
  }),
  course('e-opp-1', 'BOPPG', 'Bacheloroppgave', 'Bachelor thesis', {
    partOf: 'g-bac-1',
    term: '2020 VÅR',
    date: '2020-06-01',
    grade: 'C',
    credits: '20',
    thesisTitle: 'Čáhci, bivdu ja "lappekodisillen" < 1751',
  }),
  course('e-kje-1', 'KJE1000', 'Kjemi', 'Chemistry', { term: '2019 HØST', date: '2019-12-12', grade: 'F', status: 'failed' }),
  {
    key: 'e-fys-1',
    type: 'Course',
    code: 'FYS1000',
    nb: 'Fysikk',
    en: 'Physics',
    term: '2026 HØST',
    status: 'in-progress',
    scale: 'no-af',
    credits: '10',
  },
];

const passFail = (key: string, code: string, nb: string, en: string): KeptResult =>
  course(key, code, nb, en, { term: '2021 HØST', date: '2021-12-01', grade: 'B', scale: 'no-bs', credits: '5' });

const fixed: Readonly<Record<string, readonly KeptPerson[]>> = {
  Alta: [
    { ...synthetic.nora, results: northern() },
    {
      ...synthetic.ola,
      results: [
        {
          key: 'g-mas-1',
          type: 'Degree Programme',
          code: 'MAS-HIST',
          nb: 'Master i historie',
          en: 'Master of History',
          term: '2026 VÅR',
          date: '2026-06-15',
          status: 'passed',
          credits: '120',
          diplomaOn: null,
        },
        course('e-his-1', 'HIS5000', 'Historisk metode', 'Historical method', {
          partOf: 'g-mas-1',
          term: '2025 HØST',
          date: '2025-12-05',
          grade: 'B',
          credits: '10',
        }),
      ],
    },
  ],
  Bodø: [
    { ...synthetic.nora, results: [passFail('e-hms-1', 'HMS100', 'Helse, miljø og sikkerhet', 'Health and safety')] },
    {
      ...synthetic.aslaug,
      results: [
        course('e-fsk-1', 'FSK2000', 'Fiskebåtlære', 'Fishing boats', { term: '2022 VÅR', date: '2022-06-10', grade: 'D' }),
      ],
    },
  ],
  Gjøvik: [
    {
      ...synthetic.jon,
      results: [
        course('e-tre-1', 'TRE1000', 'Trær og skog', 'Trees and forests', { term: '2023 HØST', date: '2023-12-14', grade: 'E' }),
      ],
    },
  ],
  Hamar: [
    {
      ...synthetic.nora,
      results: [
        {
          key: 'e-mod-1',
          type: 'Module',
          code: 'PED1001',
          nb: 'Pedagogikk, del 1',
          term: '2022 HØST',
          date: '2022-12-01',
          status: 'passed',
          grade: 'C',
          scale: 'no-af',
          credits: '2.5',
        },
      ],
    },
  ],
  Narvik: [
    {
      ...synthetic.dmitri,
      results: [course('e-is-1', 'IS1000', 'Isteknikk', 'Ice engineering', { term: '2024 VÅR', date: '2024-06-02', grade: 'A' })],
    },
  ],
  Tynset: [
    {
      ...synthetic.jon,
      results: [
        course('e-mel-1', 'MEL1000', 'Melkeproduksjon', 'Dairy farming', {
          term: '2025 VÅR',
          date: '2025-05-30',
          grade: 'F',
          status: 'failed',
        }),
      ],
    },
  ],
};

/** Fifty institutions: the two of the document (RX-31), and 48 that do not exist. */
export const sampleInstitutions: readonly SampleInstitution[] = [
  {
    code: 'hint.example',
    number: '214',
    nb: 'Høgskolen i Nord-Trøndelag (HiNT)',
    en: 'Nord-Trøndelag University College (HiNT)',
    persons: [
      {
        ...testPersons.two,
        results: [
          course('214-res-oal', 'RES-OAL', 'Resultatutveksling, OAL', 'Exchange of results, OAL', {
            term: '2013 HØST',
            date: '2013-12-05',
            grade: 'B',
          }),
        ],
      },
    ],
  },
  {
    code: 'hisf.example',
    number: '216',
    nb: 'Høgskulen i Sogn og Fjordane (HiSF)',
    en: 'Sogn og Fjordane University College (HiSF)',
    persons: [
      {
        ...testPersons.one,
        results: [
          course('216-res-100', 'RES-100', 'Resultatutveksling', 'Exchange of results', {
            term: '2014 VÅR',
            date: '2014-05-28',
            grade: 'C',
          }),
        ],
      },
    ],
  },
  ...places.map((place, at) => ({
    code: `${plain(place)}.example`,
    number: String(301 + at),
    nb: `Høgskolen i ${place}`,
    en: `${place} University College`,
    persons: fixed[place] ?? [],
  })),
];
