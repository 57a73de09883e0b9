import { STUDENT, type ComplaintData, type LetterName } from '../../workflows/complaint/complaint.js';
import { handledBy } from '../../workflows/complaint/deadline.js';
import type { CaseView } from '../../workflows/process.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import type { Database } from '../../prisma/client.js';
import { Refused } from '../delivery.js';
import { languageOf } from '../language.js';
import { employed, type Addressee, type Letters } from '../post.js';
import { settingOn } from '../settings.js';
import { letters, type About } from './letters.js';
import { undisclosedOf } from './sight.js';

const laws = { grading: 'complaint', explanation: 'explanation', 'formal-error': 'formal-error' } as const;

/** Writes the letters of complaints. Students are reached where FS says. */
export function complaintLetters(deps: { db: Database; publicUrl: string }): Letters {
  const { db } = deps;

  async function student(caseId: string): Promise<Addressee> {
    const kept = await db.complaintStudent.findUniqueOrThrow({ where: { caseId } });
    if (!kept.email) throw new Refused('no-contact');
    return { email: kept.email, language: languageOf(kept.language ?? 'nb') };
  }

  /** What belongs to one letter alone. */
  async function own(name: LetterName, { id, data }: CaseView<ComplaintData>): Promise<Partial<About>> {
    if (name === 'explanation-given') return { explanation: (await undisclosedOf(db, id)).explanation ?? '' };
    return data.dismissed?.reason === undefined ? {} : { reason: data.dismissed.reason };
  }

  return async ({ subject, letter, to, payload }) => {
    const complaint = subject as CaseView<ComplaintData>;
    const name = letter as LetterName;
    if (!(await stillTrue(db, { complaint, name, to }))) return undefined;
    const grading =
      name === 'result' ? await db.complaintGrading.findUniqueOrThrow({ where: { id: String(payload['grading']) } }) : undefined;
    // A wrong grade that was reported before the notice went: the right one comes with a notice of its own.
    if (grading?.deletedAt) return undefined;
    const addressee = to === STUDENT ? await student(subject.id) : await employed(db, to);
    const { institution } = subject;
    const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution } });
    const about: About = {
      number: subject.number,
      complaint: complaint.data,
      link: `${deps.publicUrl}/complaints/${subject.number}`,
      due: subject.due?.on ?? handledBy(complaint.data.type, complaint.data.received, zone).on,
      help: await settingOn(db, { institution, name: 'complaint-help', on: dayOf(new Date().toISOString(), zone) }),
      law: (await settingOn(db, { institution, name: 'complaint-law', on: complaint.data.received }))[laws[complaint.data.type]],
      ...(grading ? { grade: grading.grade } : {}),
      ...(await own(name, complaint)),
    };
    return { to: addressee, ...letters[name](about)[addressee.language] };
  };
}

/** The round whose committee has a case, also while it rests; undefined where none has it. */
const roundWith = (state: string): number | undefined => ({ 'with-committee': 2, 'with-further-committee': 3 })[state];

/**
 * Whether a letter that is late tells what still is so: who was asked for something, or released from it, before the case went on
 * is told no more, or two letters in the wrong order would say the contrary.
 */
async function stillTrue(
  db: Database,
  { complaint, name, to }: { complaint: CaseView<ComplaintData>; name: LetterName; to: string },
): Promise<boolean> {
  const state = (complaint.state === 'halted' && complaint.data.halted?.from) || complaint.state;
  switch (name) {
    case 'reminder':
      return complaint.due !== null;
    case 'explanation-asked':
      return state === 'explaining';
    case 'to-check':
    case 'to-correct':
    case 'to-lift':
      return state === name;
    case 'appointed':
    case 'released': {
      const round = roundWith(state);
      const sits =
        round !== undefined &&
        (
          await db.$queryRaw<object[]>`
          SELECT FROM complaint_appointments a JOIN complaint_members m ON m.committee_id = a.committee_id
          WHERE a.case_id = ${complaint.id}::uuid AND a.round = ${round} AND a.replaced_at IS NULL AND m.person_id = ${to}::uuid`
        ).length > 0;
      return sits === (name === 'appointed');
    }
    default:
      return true;
  }
}
