import type { Language } from '../../workflows/process.js';
import type { LetterName, ListData } from '../../workflows/result-list/rules.js';
import type { Database } from '../../prisma/client.js';
import { readCase } from '../case/case-row.js';
import { NotSent, Refused, Unknown, type Way } from '../delivery.js';
import { watched } from '../health.js';
import { MailDeferred, MailRefused, MailUncertain, messageIdOf, type Mailer } from '../mail.js';
import { PartnerRefused, PartnerUnavailable } from '../outbound.js';
import type { StudentPortal } from '../student-portal.js';
import { readFrozen } from './frozen.js';
import { letters, type About } from './letters.js';

interface Addressee { readonly email: string; readonly language: Language }

const languages: readonly string[] = ['sv', 'nb', 'en'];
const languageOf = (text: string): Language => (languages.includes(text) ? (text as Language) : 'en');

/** Posts the letters of result lists: finds the address at the last moment, and shows a student's result in the portal as well (RL-47, RL-48). */
export function createPost(deps: { db: Database; mailer: Mailer; portal: StudentPortal; publicUrl: string; mailHost: string }): Way {
  const { db } = deps;

  async function student(uid: string): Promise<Addressee> {
    try {
      const contact = await watched(db, 'portal', () => deps.portal.contact(uid));
      if (!contact) throw new Refused('no-contact');
      return { email: contact.email, language: languageOf(contact.language) };
    } catch (cause) {
      if (cause instanceof PartnerUnavailable) throw new NotSent('portal-unavailable');
      throw cause;
    }
  }

  async function employed(id: string): Promise<Addressee> {
    const person = await db.person.findUnique({ where: { id } });
    if (!person) throw new Refused('no-such-person');
    return { email: person.email, language: languageOf(person.language) };
  }

  async function shown(about: About, uid: string, caseId: string): Promise<void> {
    if (!about.row) return;
    try {
      await watched(db, 'portal', () => deps.portal.publish({
        key: `${caseId}-${uid}`, studentUid: uid, courseCode: about.list.course.code, moduleCode: about.list.module.code,
        grade: about.row?.grade ?? '', examinationDate: about.row?.examinationDate ?? '', publishedAt: about.list.arrived?.at ?? '',
      }));
    } catch (cause) {
      if (cause instanceof PartnerUnavailable) throw new NotSent('portal-unavailable');
      if (!(cause instanceof PartnerRefused)) throw cause;
    }
  }

  return async ({ caseId, key, payload }) => {
    const { letter, to } = payload as { letter: LetterName; to: string };
    const found = await readCase(db, { id: caseId });
    if (!found) throw new Refused('no-such-case');
    const list = found.subject.data as ListData;
    const forStudent = letter === 'grade';
    const addressee = forStudent ? await student(to) : await employed(to);
    const base: About = { number: found.subject.number, list, link: `${deps.publicUrl}/result-lists/${found.subject.number}` };
    const about = forStudent ? { ...base, ...(await resultOf(db, caseId, list, to)) } : base;
    if (forStudent) await shown(about, to, caseId);
    const words = letters[letter](about)[addressee.language];
    try {
      await watched(db, 'mail', () => deps.mailer.send({
        to: addressee.email, subject: words.subject, text: `${words.text.join('\n\n')}\n`, language: addressee.language,
        messageId: messageIdOf({ kind: letter, object: key, version: list.signed?.version ?? found.subject.version, recipient: to, host: deps.mailHost }),
      }));
    } catch (cause) {
      if (cause instanceof MailUncertain) throw new Unknown('mail');
      if (cause instanceof MailRefused) throw new Refused('mail-refused');
      if (cause instanceof MailDeferred) throw new NotSent('mail-deferred');
      throw cause;
    }
  };
}

/** A student's own row, as it was signed. */
async function resultOf(db: Database, caseId: string, list: ListData, student: string): Promise<Pick<About, 'row'>> {
  const kept = list.signed && (await readFrozen(db, caseId, list.signed.version));
  const row = kept?.frozen.rows.find((one) => one.row.student === student)?.row;
  if (!row?.grade) throw new Refused('not-on-the-signed-list');
  return { row: { grade: row.grade, examinationDate: row.examinationDate ?? '', score: row.score } };
}
