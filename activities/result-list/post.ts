import { actsFor } from '../../workflows/process.js';
import type { LetterName, ListData } from '../../workflows/result-list/list.js';
import type { Database } from '../../prisma/client.js';
import { NotSent, Refused } from '../delivery.js';
import { namesOf } from '../case/people.js';
import { watched } from '../health.js';
import { languageOf } from '../language.js';
import { PartnerRefused, PartnerUnavailable } from '../outbound.js';
import { employed, type Addressee, type Letters } from '../post.js';
import type { StudentPortal } from '../student-portal.js';
import { readFrozen } from './frozen.js';
import { actingOf, letters, workOf, type About } from './letters.js';
import { collected } from './not-registered.js';

/** Writes the letters of result lists, and shows a student's result in the portal as well (RL-47, RL-48). */
export function listLetters(deps: { db: Database; portal: StudentPortal; publicUrl: string }): Letters {
  const { db } = deps;

  const asked = <Answer>(work: () => Promise<Answer>): Promise<Answer> =>
    watched(db, 'portal', work).catch((cause: unknown) => {
      if (cause instanceof PartnerUnavailable) throw new NotSent('portal-unavailable');
      if (cause instanceof PartnerRefused) throw new NotSent('portal-refused');
      throw cause;
    });

  async function student(uid: string): Promise<Addressee> {
    const contact = await asked(() => deps.portal.contact(uid));
    if (!contact) throw new Refused('no-contact');
    return { email: contact.email, language: languageOf(contact.language) };
  }

  /** Before the letter, which says that the result can be seen there: while the portal refuses it, the letter does not go either. */
  async function shown({ row, list }: About, uid: string, caseId: string): Promise<void> {
    if (!row) return;
    await asked(() =>
      deps.portal.publish({
        key: `${caseId}-${uid}`,
        studentUid: uid,
        courseCode: list.course.code,
        moduleCode: list.module?.code ?? null,
        grade: row.grade,
        examinationDate: row.examinationDate,
        publishedAt: list.arrived?.at ?? '',
      }),
    );
  }

  return async ({ subject, letter, to, payload }) => {
    const list = subject.data as ListData;
    if (!(stillTrue[letter as LetterName]?.(subject.state, list) ?? true)) return undefined;
    const forStudent = letter === 'grade';
    const addressee = forStudent ? await student(to) : await employed(db, to);
    const base: About = {
      number: subject.number,
      list,
      link: `${deps.publicUrl}/result-lists/${subject.number}`,
      due: subject.due?.on,
    };
    const about = {
      ...base,
      ...(forStudent ? await resultOf(db, subject.id, list, to) : {}),
      ...(await acting(db, { subject, letter: letter as LetterName, to, payload })),
      ...(letter === 'not-registered' ? { collected: await collected(db, subject) } : {}),
    };
    if (forStudent) await shown(about, to, subject.id);
    const {
      subject: heading,
      text: [first = '', ...rest],
    } = letters[letter as LetterName](about)[addressee.language];
    return {
      to: addressee,
      subject: heading,
      text: [first, ...workOf(about, addressee.language), ...rest, ...actingOf(about, addressee.language)],
    };
  };
}

/** Letters that are true for a while only: one that is late is not sent when nobody needs it any more. */
const stillTrue: Readonly<Partial<Record<LetterName, (state: string, list: ListData) => boolean>>> = {
  'sent-to-examiner': (state) => state === 'with-examiner',
  reminder: (state) => state === 'with-examiner',
  returned: (_state, { returned }) => returned !== undefined,
  'signing-back': (state) => state === 'draft' || state === 'with-examiner',
};

/** RL-36: who acted for whom, in a letter about what was done, and to whoever acts for the examiner. */
async function acting(
  db: Database,
  { subject: { scope, data }, letter, to, payload }: Parameters<Letters>[0] & { readonly letter: LetterName },
): Promise<Pick<About, 'by' | 'readerFor'>> {
  const { signed, returned } = data as ListData;
  const corrected = payload as unknown as { readonly by: string; readonly for?: string };
  const who = ({ signed, returned, corrected } as Partial<Record<LetterName, typeof corrected>>)[letter];
  if (who?.for) return { by: { who, names: await namesOf(db, [who.by, who.for]) } };
  if (letter !== 'sent-to-examiner' && letter !== 'reminder' && letter !== 'signing-back') return {};
  const held = await db.role.findMany({ where: { personId: to, role: 'examiner', course: scope } });
  const whom = actsFor(held.map(({ forPerson }) => ({ role: 'examiner', ...(forPerson ? { for: forPerson } : {}) })));
  return whom ? { readerFor: (await namesOf(db, [whom]))[whom] ?? whom } : {};
}

/** A student's own row, as it was signed. */
async function resultOf(db: Database, caseId: string, list: ListData, student: string): Promise<Pick<About, 'row'>> {
  const kept = list.signed && (await readFrozen(db, caseId, list.signed.version));
  const row = kept?.frozen.rows.find((one) => one.row.student === student)?.row;
  if (!row?.grade) throw new Refused('not-on-the-signed-list');
  return { row: { grade: row.grade, examinationDate: row.examinationDate ?? '', score: row.score } };
}
