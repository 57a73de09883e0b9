import { createHash } from 'node:crypto';
import type { ComplaintData, Scale } from '../../workflows/complaint/complaint.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { takesThePlaceOf } from '../../workflows/exchange/source.js';
import { termOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { asDate, civilOrNull, Prisma, type Transaction } from '../../prisma/client.js';
import { holdNumbers } from '../students.js';

/** A result of our own as our protocols hold it (RX-13, RX-15). Days are YYYY-MM-DD; what it has not is null. */
export interface ProtocolEntry {
  readonly kind: 'assessment' | 'qualification';
  /** The key of the qualification it belongs to (RX-14). */
  readonly partOf: string | null;
  readonly category: 'qualification' | 'course' | 'module' | 'thesis' | 'other';
  readonly code: string;
  readonly nameNb: string;
  /** `sv` where `nameNb` is in Swedish: the register's own name. */
  readonly nameLanguage?: 'sv' | null;
  readonly nameEn: string;
  readonly thesisTitle: string | null;
  /** As people write it: `2026 VÅR`. */
  readonly term: string | null;
  readonly credits: string | null;
  readonly result: string | null;
  readonly gradingScheme: string | null;
  readonly passed: boolean;
  readonly passedOn: CivilDate | null;
  /** Of a qualification: the day of its diploma (RX-27). */
  readonly diplomaOn: CivilDate | null;
  readonly withdrawnOn: CivilDate | null;
  readonly description: string | null;
}

/** Where an entry comes from. */
export type CameFrom = 'result-list' | 'complaint' | 'entered';

/** An entry as it is kept. `key` is its name in the exchange: the same as long as it is about the same thing. */
export type Kept = ProtocolEntry & {
  readonly key: string;
  readonly personNumber: string;
  readonly cameFrom: string;
  readonly changedAt: Instant;
};

type Row = Prisma.ProtocolResultGetPayload<object>;

/** A row of the protocols as the rules and people read it. */
export const keptOf = ({ id: _id, institution: _institution, givenName: _givenName, surname: _surname, ...row }: Row): Kept => ({
  ...row,
  kind: row.kind as Kept['kind'],
  category: row.category as Kept['category'],
  nameLanguage: row.nameLanguage as 'sv' | null,
  passedOn: civilOrNull(row.passedOn),
  diplomaOn: civilOrNull(row.diplomaOn),
  withdrawnOn: civilOrNull(row.withdrawnOn),
  changedAt: row.changedAt.toISOString(),
});

const fields = [
  'kind',
  'partOf',
  'category',
  'code',
  'nameNb',
  'nameLanguage',
  'nameEn',
  'thesisTitle',
  'term',
  'credits',
  'result',
  'gradingScheme',
  'passed',
  'passedOn',
  'diplomaOn',
  'withdrawnOn',
  'description',
] as const;
const day = (date: CivilDate | null) => (date === null ? null : asDate(date));
const columnsOf = (entry: ProtocolEntry) => ({
  ...(Object.fromEntries(fields.map((field) => [field, entry[field]])) as unknown as ProtocolEntry),
  passedOn: day(entry.passedOn),
  diplomaOn: day(entry.diplomaOn),
  withdrawnOn: day(entry.withdrawnOn),
});

/** The fields in which two states of an entry differ, by name. */
export const differing = (before: ProtocolEntry, after: ProtocolEntry): string[] =>
  fields.filter((field) => before[field] !== after[field]);

/** The numbers that people have today, and keep for this transaction, where one given is one they had before (RX-29). */
async function numbersToday(
  tx: Transaction,
  institution: string,
  numbers: readonly string[],
): Promise<(number: string) => string> {
  await holdNumbers(tx, { institution, numbers });
  const rows = await tx.$queryRaw<{ former: string; today: string }[]>`
    SELECT f.number AS former, p.person_number AS today FROM former_numbers f JOIN persons p ON p.id = f.person_id
    WHERE p.institution = ${institution} AND f.number = ANY (${[...numbers]}) ORDER BY f.replaced_at`;
  const today = new Map(rows.map((row) => [row.former, row.today]));
  return (number) => today.get(number) ?? number;
}

/**
 * Reads entries by their keys and locks them, always in the same order, against whoever changes them; `hand-over` lets others
 * hand them over as well.
 */
export async function lockEntries(
  tx: Transaction,
  institution: string,
  which: Prisma.Sql,
  how: 'change' | 'hand-over',
): Promise<Kept[]> {
  const lock = how === 'change' ? Prisma.sql`FOR UPDATE` : Prisma.sql`FOR SHARE`;
  const ids = await tx.$queryRaw<
    { id: string }[]
  >`SELECT id FROM protocol_results WHERE institution = ${institution} AND ${which} ORDER BY key ${lock}`;
  return (await tx.protocolResult.findMany({ where: { id: { in: ids.map(({ id }) => id) } }, orderBy: { key: 'asc' } })).map(
    keptOf,
  );
}

/**
 * Promises to tell every institution that was handed some entries, which are locked, that they changed (BE-07): in this
 * transaction, under the number under which each was handed over, with the database's moment, as documents have theirs: whichever
 * had the entry locked first is the older one.
 */
export async function promiseOnward(tx: Transaction, institution: string, keys: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO onward_notices (institution, partner, person_number, key, changed_at)
    SELECT DISTINCT ON (d.partner, k.key) d.institution, d.partner, d.person_number, k.key, clock_timestamp()
    FROM unnest(${[...keys]}::text[]) AS k (key) JOIN disclosures d ON d.institution = ${institution} AND d.keys @> ARRAY[k.key]
    ORDER BY d.partner, k.key, d.seq DESC
    ON CONFLICT DO NOTHING`;
}

/**
 * Changes an entry that is locked, and promises to tell it to every institution that was handed it (BE-07). Answers the fields that changed; nothing happens where none did.
 */
export async function changeEntry(
  tx: Transaction,
  ask: { institution: string; before: Kept; after: ProtocolEntry; cameFrom: CameFrom; at: Instant },
): Promise<string[]> {
  const { institution, before, after, at } = ask;
  const changed = differing(before, after);
  if (changed.length === 0) return changed;
  await tx.protocolResult.update({
    where: { institution_key: { institution, key: before.key } },
    data: { ...columnsOf(after), cameFrom: ask.cameFrom, changedAt: at },
  });
  await promiseOnward(tx, institution, [before.key]);
  return changed;
}

/** Writes new entries into the protocols. */
export async function addEntries(
  tx: Transaction,
  ask: {
    institution: string;
    cameFrom: CameFrom;
    at: Instant;
    entries: readonly {
      readonly personNumber: string;
      readonly givenName?: string | null;
      readonly surname?: string | null;
      readonly key: string;
      readonly entry: ProtocolEntry;
    }[];
  },
): Promise<void> {
  const { institution, cameFrom, at, entries } = ask;
  await tx.protocolResult.createMany({
    data: entries.map(({ entry, ...one }) => ({ institution, ...one, ...columnsOf(entry), cameFrom, changedAt: at })),
  });
}

/** A key that stays the same and tells nobody who it is about. */
const keyOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** `2026 VÅR`: the term a day lies in, as Norwegian protocols write it. */
const termIn = (date: CivilDate): string => `${date.slice(0, 4)} ${termOf(date).endsWith('2') ? 'HØST' : 'VÅR'}`;

/** What a scale says for people: its code, and which of its grades pass. */
const schemeOf = (code: string, grades: readonly { readonly code: string; readonly passing: boolean }[]): string => {
  const named = (passing: boolean) =>
    grades
      .filter((grade) => grade.passing === passing)
      .map((grade) => grade.code)
      .join(', ');
  return `${code}: ${named(true)} / ${named(false)}`;
};

/**
 * RX-13: the results of a list that has arrived, for whoever asks us. A row that the register refused or decided otherwise is
 * none. One student on one course and module is one entry: a later result takes its place unless it is failed or worse.
 */
export async function listInProtocol(
  tx: Transaction,
  list: { readonly id: string; readonly institution: string; readonly data: ListData },
  at: Instant,
): Promise<void> {
  const {
    institution,
    data: { course, module, scale, title },
  } = list;
  const rows = await tx.$queryRaw<
    { student: string; number: string; given_name: string; surname: string; grade: string; on: Date | null }[]
  >`
    SELECT r.student_uid AS student, r.person_number AS number, r.given_name, r.surname, r.grade, r.examination_date AS "on" FROM result_rows r
    LEFT JOIN row_transfers t USING (case_id, student_uid)
    WHERE r.case_id = ${list.id}::uuid AND r.grade IS NOT NULL AND t.state IS DISTINCT FROM 'refused' AND t.state IS DISTINCT FROM 'differs' ORDER BY r.student_uid`;
  const kept = await tx.gradeScale.findUnique({ where: { institution_id: { institution, id: scale.id } } });
  const grades = (kept?.grades ?? []) as unknown as readonly { readonly code: string; readonly passing: boolean }[];
  const sized = module
    ? await tx.courseModule.findUnique({
        where: { institution_courseCode_moduleCode: { institution, courseCode: course.code, moduleCode: module.code } },
      })
    : await tx.course.findUnique({ where: { institution_code: { institution, code: course.code } } });
  const today = await numbersToday(
    tx,
    institution,
    rows.map(({ number }) => number),
  );
  const found = rows.map((row) => {
    const on = civilOrNull(row.on);
    const entry: ProtocolEntry = {
      kind: 'assessment',
      partOf: null,
      category: title ? 'thesis' : module ? 'module' : 'course',
      code: module ? `${course.code} ${module.code}` : course.code,
      nameNb: module ? `${course.nameSv}: ${module.nameSv}` : course.nameSv,
      nameLanguage: 'sv',
      nameEn: module ? `${course.nameEn}: ${module.nameEn}` : course.nameEn,
      thesisTitle: title ?? null,
      term: on && termIn(on),
      credits: sized?.credits ?? null,
      result: row.grade,
      gradingScheme: schemeOf(scale.code, grades),
      passed: grades.some((grade) => grade.code === row.grade && grade.passing),
      passedOn: on,
      diplomaOn: null,
      withdrawnOn: null,
      description: null,
    };
    return {
      key: keyOf(institution, row.student, course.code, module?.code ?? ''),
      personNumber: today(row.number),
      givenName: row.given_name,
      surname: row.surname,
      entry,
    };
  });
  const standing = await lockEntries(tx, institution, Prisma.sql`key = ANY (${found.map(({ key }) => key)})`, 'change');
  await addEntries(tx, {
    institution,
    cameFrom: 'result-list',
    at,
    entries: found.filter(({ key }) => !standing.some((one) => one.key === key)),
  });
  for (const before of standing) {
    const { entry } = found.find(({ key }) => key === before.key) as (typeof found)[number];
    if (takesThePlaceOf({ ...before, withdrawn: before.withdrawnOn !== null }, { ...entry, withdrawn: false }))
      await changeEntry(tx, { institution, before, after: { ...entry, partOf: before.partOf }, cameFrom: 'result-list', at });
  }
}

/** The grade of a course that a complaint changed: over which other one, and how that sitting was assessed. */
export interface ChangedGrade {
  readonly course: string;
  readonly grade: string;
  readonly replaces: string | null;
  readonly scale: Scale;
  readonly gradedOn: CivilDate;
}

/** Of the entries about a course the one that a changed grade is about: what stands, with its old grade, of its day, of its term. */
function closest(entries: readonly Kept[], { replaces, gradedOn }: ChangedGrade, key: string): Kept | undefined {
  const fits = (one: Kept) =>
    [one.withdrawnOn === null, one.result === replaces, one.passedOn === gradedOn, one.term === termIn(gradedOn), one.key === key]
      .map(Number)
      .join('');
  return entries.toSorted((one, other) => fits(other).localeCompare(fits(one)))[0];
}

/**
 * RX-13: the grade of a course that a complaint changed, in place of the very one that it was before. Where another sitting stands
 * there it takes that one's place unless it is failed or worse, as any later result does. What was withdrawn by hand stands again.
 */
export async function complaintInProtocol(
  tx: Transaction,
  complaint: { readonly id: string; readonly institution: string; readonly data: ComplaintData },
  changed: ChangedGrade,
  at: Instant,
): Promise<void> {
  const {
    institution,
    data: { entry },
  } = complaint;
  const { course, grade, replaces, scale, gradedOn } = changed;
  const { personNumber, studentNumber, givenName, surname } = await tx.complaintStudent.findUniqueOrThrow({
    where: { caseId: complaint.id },
  });
  if (personNumber === null || !entry) return;
  const number = (await numbersToday(tx, institution, [personNumber]))(personNumber);
  const key = keyOf(institution, studentNumber, course);
  const standing = await lockEntries(
    tx,
    institution,
    Prisma.sql`(key = ${key} OR (person_number = ${number} AND kind = 'assessment' AND code = ${course} AND withdrawn_on IS NULL))`,
    'change',
  );
  const result = { result: grade, passed: scale.grades.some((one) => one.grade === grade && one.passing), withdrawnOn: null };
  const sitting = {
    ...result,
    term: termIn(gradedOn),
    passedOn: gradedOn,
    gradingScheme: schemeOf(
      scale.kind,
      scale.grades.map(({ grade: code, passing }) => ({ code, passing })),
    ),
  };
  const before = closest(standing, changed, key);
  if (!before)
    return addEntries(tx, {
      institution,
      cameFrom: 'complaint',
      at,
      entries: [
        {
          personNumber: number,
          givenName,
          surname,
          key,
          entry: {
            kind: 'assessment',
            partOf: null,
            category: 'course',
            code: course,
            nameNb: entry.courseNameNb,
            nameEn: entry.courseNameEn,
            thesisTitle: null,
            credits: null,
            diplomaOn: null,
            description: null,
            ...sitting,
          },
        },
      ],
    });
  const same = before.result === replaces;
  if (same || takesThePlaceOf({ ...before, withdrawn: before.withdrawnOn !== null }, { ...sitting, withdrawn: false }))
    await changeEntry(tx, { institution, before, after: { ...before, ...(same ? result : sitting) }, cameFrom: 'complaint', at });
}
