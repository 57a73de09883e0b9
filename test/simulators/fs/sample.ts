import { frozen } from '../frozen.js';
import { staff } from '../sample.js';

/** The synthetic world of FS: nobody here exists. */
export const fsInstitution = '9901';

export interface FsUnit {
  readonly emnekode: string;
  readonly versjonskode: string;
  readonly vurdkombkode: string;
  readonly arstall: number;
  readonly vurdtidkode: string;
}
export interface FsPerson {
  readonly personlopenummer: number;
  readonly fornavn: string;
  readonly etternavn: string;
  readonly epost: string;
  readonly maalform: 'BOKMÅL' | 'ENGELSK';
  readonly fodselsnummer: string;
}

const names: readonly [string, string][] = [
  ['Kari', 'Eksempel'],
  ['Ola', 'Prøve'],
  ['Ingrid', 'Ørnes'],
  ['Lars', 'Åsheim'],
  ['Áilu', 'Sárá'],
  ['Noor', 'Testesen'],
  ['Sindre', 'Døme'],
  ['Maren', 'Øvrebø'],
  ['Jonas', 'Modell'],
  ['Thea', 'Utkast'],
  ['Emil', 'Skisse'],
  ['Vilde', 'Figur'],
];

const sum = (digits: string, weights: readonly number[]) =>
  (11 - (weights.reduce((all, weight, place) => all + weight * Number(digits[place]), 0) % 11)) % 11;
/** A synthetic national number: the month is 80 too high, so that nobody can have it. */
const syntheticNumber = (index: number): string => {
  const day = `${String(1 + index).padStart(2, '0')}8199`;
  for (let individual = 500; ; individual += 1) {
    const nine = `${day}${individual}`;
    const first = sum(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
    const second = sum(`${nine}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    if (first < 10 && second < 10) return `${nine}${first}${second}`;
  }
};

export const fsPersons: readonly FsPerson[] = frozen(
  names.map(([fornavn, etternavn], index) => ({
    personlopenummer: 100_001 + index,
    fornavn,
    etternavn,
    epost: `student${100_001 + index}@student.uni.example`,
    maalform: index === 3 ? 'ENGELSK' : 'BOKMÅL',
    fodselsnummer: syntheticNumber(index),
  })),
);

export const fsCourses = frozen([
  {
    kode: 'MAT1000',
    versjonskode: '1',
    navnAlleSprak: { nb: 'Innføring i matematikk', nn: 'Innføring i matematikk', en: 'Introduction to mathematics' },
  },
  {
    kode: 'HMS0001',
    versjonskode: '1',
    navnAlleSprak: { nb: 'Helse, miljø og sikkerhet', nn: null, en: 'Health, safety and environment' },
  },
  { kode: 'FYS1100', versjonskode: '1', navnAlleSprak: { nb: 'Mekanikk', nn: 'Mekanikk', en: 'Mechanics' } },
  { kode: 'SPR2000', versjonskode: '2', navnAlleSprak: { nb: 'Muntlig framføring', nn: null, en: null } },
  { kode: 'MUS3000', versjonskode: '1', navnAlleSprak: { nb: 'Utøvende musikk', nn: null, en: 'Performance' } },
] as const);

export interface FsScaleSample {
  readonly kode: string;
  readonly rekkefolge: 'J' | 'N';
  readonly karakterer: readonly { readonly karakter: string; readonly bestatt: 'J' | 'N' }[];
}
const scaleOf = (kode: string, rekkefolge: 'J' | 'N', ...grades: readonly string[]): FsScaleSample => ({
  kode,
  rekkefolge,
  karakterer: grades.map((grade, place) => ({ karakter: grade, bestatt: place === grades.length - 1 ? 'N' : 'J' })),
});
/** The best first and the one that fails last. */
export const fsScales = frozen({
  letters: scaleOf('BOKSTAV', 'J', 'A', 'B', 'C', 'D', 'E', 'F'),
  passed: scaleOf('BESTATT', 'J', 'B', 'S'),
  /** Another scale, with its order. */
  words: scaleOf('SPRÅK', 'J', 'Utmerket', 'Meget godt', 'Godt', 'Stryk'),
  /** And one without. */
  characters: scaleOf('UTØVENDE', 'N', 'Moden', 'Formsikker', 'Stryk'),
} as const);

export interface FsEntry {
  readonly id: string;
  readonly personlopenummer: number;
  readonly vurderingsenhet: FsUnit;
  readonly karakter: string;
  readonly status: 'B' | 'S';
  readonly karakterskala: FsScaleSample;
  readonly karakterdato: string;
  readonly kandidatnummer: string | null;
  readonly sensorer: readonly { readonly ansattnr: string }[];
  readonly toppenhet: FsUnit | null;
  readonly vitnemal: 'PRODUSERT' | 'SKREVET UT' | null;
  readonly sperretMotVisning: 'J' | 'N';
  readonly endring: {
    readonly endringsstatus: string;
    readonly endretAv: string;
    readonly endretDato: string;
    readonly eksternReferanse: string | null;
  } | null;
  readonly sted?: { readonly stedkode: string; readonly navn: string };
  readonly campus?: string;
  readonly reellTid?: { readonly arstall: number; readonly vurdtidkode: string };
  readonly versjon: number;
}

export const fsUnit = (emnekode: string, vurdkombkode: string, vurdtidkode: string, versjonskode = '1'): FsUnit => ({
  emnekode,
  versjonskode,
  vurdkombkode,
  arstall: 2026,
  vurdtidkode,
});
const examiners = staff.filter(({ login }) => login === 'eva' || login === 'erik').map(({ id }) => ({ ansattnr: id }));

let made = 0;
const entry = (
  index: number,
  unit: FsUnit,
  scale: FsScaleSample,
  grade: string,
  date: string,
  more: Partial<FsEntry> = {},
): FsEntry => ({
  id: `p-${(made += 1)}`,
  personlopenummer: 100_001 + index,
  vurderingsenhet: unit,
  karakter: grade,
  status: scale.karakterer.find(({ karakter }) => karakter === grade)?.bestatt === 'J' ? 'B' : 'S',
  karakterskala: scale,
  karakterdato: date,
  kandidatnummer: String(1 + index).padStart(4, '0'),
  sensorer: examiners,
  toppenhet: null,
  vitnemal: null,
  sperretMotVisning: 'N',
  endring: null,
  versjon: 1,
  ...more,
});

const offered = { sted: { stedkode: '631520', navn: 'Institutt for fysikk' }, campus: 'GLØSHAUGEN' };
const physics = {
  top: fsUnit('FYS1100', 'T', 'HØST'),
  written: fsUnit('FYS1100', 'S', 'HØST'),
  project: fsUnit('FYS1100', 'P', 'HØST'),
};
const letters = 'CBADEFCDBACE';
const june = fsUnit('MAT1000', 'S', 'JUN');
const autumn = fsUnit('MAT1000', 'S', 'HØST');

/**
 * The protocol. MAT1000 in letters, in June and in autumn: number 100004 has a printed diploma, 100005 one that is produced.
 * HMS0001 passed or failed. FYS1100 has two parts and their top. SPR2000 has a scale with an order of its own, MUS3000 one
 * without.
 */
export const fsProtocol: readonly FsEntry[] = frozen([
  ...[...letters].map((grade, index) =>
    entry(index, june, fsScales.letters, grade, '2026-06-12', index === 3 ? { vitnemal: 'SKREVET UT' } : {}),
  ),
  ...[...letters].map((grade, index) =>
    entry(
      index,
      autumn,
      fsScales.letters,
      grade,
      '2026-11-16',
      index === 3 ? { vitnemal: 'SKREVET UT' } : index === 4 ? { vitnemal: 'PRODUSERT' } : {},
    ),
  ),
  ...['B', 'S', 'S', 'B'].map((grade, index) =>
    entry(index, fsUnit('HMS0001', 'H', 'HØST'), fsScales.passed, grade, '2026-11-18'),
  ),
  ...[
    ['C', 'D', 'C'],
    ['B', 'B', 'B'],
    ['F', 'C', 'F'],
  ].flatMap(([written, project, top], index) => [
    entry(index, physics.written, fsScales.letters, written!, '2026-11-17', { toppenhet: physics.top }),
    entry(index, physics.project, fsScales.letters, project!, '2026-11-10', {
      toppenhet: physics.top,
      ...offered,
      reellTid: { arstall: 2026, vurdtidkode: 'NOV' },
    }),
    entry(index, physics.top, fsScales.letters, top!, '2026-11-17'),
  ]),
  ...['Godt', 'Utmerket', 'Stryk'].map((grade, index) =>
    entry(index, fsUnit('SPR2000', 'M', 'HØST', '2'), fsScales.words, grade, '2026-11-13'),
  ),
  ...['Formsikker', 'Moden'].map((grade, index) =>
    entry(index, fsUnit('MUS3000', 'U', 'HØST'), fsScales.characters, grade, '2026-11-12'),
  ),
]);
