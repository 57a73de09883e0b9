import type { ComplaintData, ComplaintDecision, OrderBody, OrderName } from '../../workflows/complaint/complaint.js';
import type { ComplaintType } from '../../workflows/complaint/deadline.js';
import { definition } from '../../workflows/complaint/definition.js';
import type { OrderReason } from '../../workflows/order-reasons.js';
import type { CaseView, Language } from '../../workflows/process.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import type { Database } from '../../prisma/client.js';
import { ArchiveDiffers, type Archive } from '../archive.js';
import { NotSent, Refused } from '../delivery.js';
import { ProtocolChanged, type Fs } from '../fs.js';
import { FsStale } from '../fs/call.js';
import {
  sameUnit,
  type ProtocolEntry,
  type ComplaintFacts,
  type ComplaintType as FsType,
  type Decision as FsDecision,
} from '../fs/terms.js';
import { watched } from '../health.js';
import type { CarryOut, Ended, Ordered, Orders, Write } from '../orders.js';
import { PartnerRefused } from '../outbound.js';
import { archiveText, caseTitle, documentTitle } from './archive-text.js';
import { appointmentOf, committeeForFs, keepNumber } from './committees.js';
import { gradeToEnter, initialsFor, keepJournalNumber, keepProtocol, keepRecalculation, resultOf, trialOf } from './effects.js';
import { blockedByOthers, blockUnderWay } from './same-result.js';

type Subject = CaseView<ComplaintData>;
type Complaint<Name extends OrderName> = Omit<Ordered, 'subject' | 'body'> & {
  readonly subject: Subject;
  readonly body: OrderBody[Name];
};

const inFs: readonly OrderName[] = ['read-protocol', 'keep-in-fs', 'block', 'postpone-diploma', 'enter-grade', 'recalculate'];
const inArchive: readonly OrderName[] = ['archive'];
/** Each says the whole of how it shall be: of several only the newest is carried out, so that an old one cannot undo a newer. */
const whole: readonly OrderName[] = ['keep-in-fs', 'block', 'postpone-diploma'];

const fsTypes: Readonly<Record<ComplaintType, FsType>> = {
  grading: 'SENSUR',
  explanation: 'BEGRUNNELSE',
  'formal-error': 'FORMELL FEIL',
};
/** An explanation that was given is finished without a decision. */
const fsDecisions: Readonly<Record<ComplaintDecision, FsDecision | null>> = {
  'in-favour': 'TIL GUNST',
  against: 'TIL UGUNST',
  unchanged: 'UENDRET',
  dismissed: 'AVVIST',
  withdrawn: 'TRUKKET',
  explained: null,
};

const isOver = ({ state }: CaseView): boolean => (definition.final as readonly string[]).includes(state);

/** A no that stays a no however often it is asked; wrong credentials and the like may be put right. */
const saysNo = (cause: unknown): cause is PartnerRefused =>
  cause instanceof PartnerRefused && [400, 404, 409, 413, 422].includes(cause.status);

/** Our name for a complaint towards FS and the archive: finds it again there, and holds no person. */
const referenceOf = ({ kind, number }: Subject): string => `${kind}/${number}`;

/** What FS keeps of a complaint, as the case is now. The deadline of one that is decided stays as it was. */
function factsOf({ data, due }: Subject): Omit<ComplaintFacts, 'deadline' | 'committee'> & { readonly deadline?: string } {
  return {
    received: data.received,
    ...(due ? { deadline: due.on } : {}),
    sentToCommittee: data.sentOn ?? null,
    decision: data.decision ? fsDecisions[data.decision] : null,
    communicated: data.communicated ?? null,
    finished: data.finished,
    journalNumber: data.journalNumber ?? null,
    caseWorker: data.initials || null,
  };
}

/**
 * Carries out what was ordered for a complaint, in FS and in the archive. Nobody sits and waits: what is down is asked again for
 * three days. What was refused for good asks for attention, and a person who has mended it sends it again; where the story waits
 * for the answer the order ends as failed instead, with a reason. Two orders of a case never run at the same time in the same
 * system.
 */
export function complaintOrders(deps: { db: Database; fs: Fs; archive: Archive }): Orders<OrderName> {
  const { db, fs, archive } = deps;

  /**
   * Begins, unless another of this case, or another block of the same result, is under way in the same system: of several that
   * meet one goes on, and the rest come again. Answers whether this one is out of date.
   */
  async function begin({ id, subject }: Ordered, group: readonly OrderName[]): Promise<boolean> {
    const seen = await db.$transaction(async (tx) => {
      const { name } = await tx.order.findUniqueOrThrow({ where: { id }, select: { name: true } });
      const elsewhere = name === 'block' && (await blockUnderWay(tx, subject as Subject));
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`orders ${subject.id} ${group.join()}`}, 0))::text`;
      const rows = await tx.$queryRaw<{ running: boolean; newer: boolean }[]>`
        SELECT EXISTS (SELECT 1 FROM orders o JOIN outbox p ON p.case_id = o.case_id AND p.channel = 'order' AND p.payload->>'order' = o.id::text
                       WHERE o.case_id = mine.case_id AND o.id <> mine.id AND o.state = 'open' AND o.name = ANY (${[...group]}::text[])
                         AND p.state = 'claimed' AND o.began_at IS NOT NULL) AS running,
               mine.name = ANY (${[...whole]}::text[]) AND
               EXISTS (SELECT 1 FROM orders o WHERE o.case_id = mine.case_id AND o.name = mine.name AND o.seq > mine.seq) AS newer
        FROM orders mine WHERE mine.id = ${id}::uuid`;
      const running = elsewhere || rows[0]?.running;
      await tx.order.update({ where: { id }, data: { beganAt: running ? null : new Date() } });
      return { running, newer: rows[0]?.newer };
    });
    if (seen.running) throw new NotSent('another-under-way' satisfies OrderReason);
    return seen.newer ?? false;
  }

  const patient = <Name extends OrderName>(
    system: 'fs' | 'archive',
    work: (ordered: Complaint<Name>) => Promise<Ended | Write>,
  ): CarryOut =>
    Object.assign(
      async (given: Ordered): Promise<Ended | Write> => {
        if (await begin(given, system === 'fs' ? inFs : inArchive)) return { done: { outOfDate: true } };
        try {
          return await work(given as Complaint<Name>);
        } catch (cause) {
          if (cause instanceof FsStale) throw new NotSent('changed-meanwhile' satisfies OrderReason);
          if (saysNo(cause)) throw new Refused(`refused-by-${system}` satisfies OrderReason);
          if (cause instanceof ProtocolChanged) throw new Refused('protocol-changed' satisfies OrderReason);
          if (cause instanceof ArchiveDiffers) throw new Refused('archive-differs' satisfies OrderReason);
          throw cause;
        }
      },
      { patient: true as const },
    );

  /** Somebody waits for the answer of FS, and has a command to go on with: a no ends it. */
  const awaited = <Name extends OrderName>(work: (ordered: Complaint<Name>) => Promise<Ended | Write>): CarryOut =>
    patient<Name>('fs', async (given) => {
      try {
        return await work(given);
      } catch (cause) {
        if (saysNo(cause)) return { failed: 'refused-by-fs' };
        throw cause;
      }
    });

  const asked = <T>(call: () => Promise<T>) => watched(db, 'fs', call);
  const event = (name: OrderName, details: Readonly<Record<string, string | number | boolean | null>> = {}) => ({
    action: `complaint.${name}`,
    details,
  });

  /** Nothing of it is read, or kept, for a case that was withdrawn meanwhile. */
  const readProtocol = awaited<'read-protocol'>(async ({ subject }) => {
    if (isOver(subject)) return { done: { outOfDate: true } };
    const key = await resultOf(db, subject);
    const { unit, student } = key;
    const entry = await asked(() => fs.protocolEntry(key));
    const person = entry && (await asked(() => fs.student(student)));
    if (!entry || !person) return { failed: 'no-such-result' };
    const name = (await asked(() => fs.course(unit))) ?? { nb: unit.course, en: unit.course };
    const { grade, examiners, candidate, scale, gradedOn, top, diploma, blocked, place, campus, realTime } = entry;
    return async (tx, now) => {
      if (isOver(now)) return { done: { outOfDate: true } };
      await keepProtocol(tx, now as Subject, {
        entry: {
          courseNameNb: name.nb,
          courseNameEn: name.en,
          scale,
          gradedOn,
          top,
          diploma,
          blocked,
          ...(place && { place }),
          ...(campus && { campus }),
          ...(realTime && { realTime }),
        },
        grade,
        candidate,
        student: person,
        examiners,
      });
      return { done: {} };
    };
  });

  const keepInFs = patient<'keep-in-fs'>('fs', async ({ subject, orderedBy }) => {
    const key = await resultOf(db, subject);
    const appointed = await appointmentOf(db, subject.id);
    const committee = appointed && (await committeeForFs(db, subject, appointed.committeeId));
    const number = committee ? await asked(() => fs.keepCommittee(committee)) : null;
    const facts = { ...factsOf(subject), committee: number };
    const { id } = await asked(() =>
      fs.registerComplaint({
        ...key,
        reference: referenceOf(subject),
        type: fsTypes[subject.data.type],
        deadline: null,
        ...facts,
      }),
    );
    await asked(() => fs.changeComplaint({ id, facts }));
    return async (tx, now) => {
      const before =
        appointed && number !== null ? await keepNumber(tx, now as Subject, { ...appointed, number, orderedBy }) : undefined;
      return { done: {}, event: event('keep-in-fs', before === undefined ? {} : { committee: number, committeeBefore: before }) };
    };
  });

  /**
   * GC-42: a result stays blocked as long as one open complaint about it needs that, whatever was ordered before that one chose
   * it.
   */
  const block = patient<'block'>('fs', async ({ subject, body }) => {
    const key = await resultOf(db, subject);
    const { blockedByOthers: needed } = await db.$transaction((tx) => blockedByOthers(tx, subject));
    const blocked = body.blocked || needed;
    await asked(() => fs.block({ ...key, blocked }));
    return { done: {}, event: event('block', { blocked }) };
  });

  const postponeDiploma = patient<'postpone-diploma'>('fs', async ({ subject, body: { until } }) => {
    const { student } = await resultOf(db, subject);
    await asked(() =>
      fs.postponeDiploma({ student, reference: referenceOf(subject), until, note: `Klage på karakter, sak ${subject.number}` }),
    );
    return { done: {}, event: event('postpone-diploma', { until }) };
  });

  const enterGrade = awaited<'enter-grade'>(async ({ subject, body: { grading }, zone }) => {
    const entering = await gradeToEnter(db, subject, { grading, zone });
    let how: 'entered' | 'found';
    try {
      how = await asked(() => fs.enterGrade(entering));
    } catch (cause) {
      if (cause instanceof ProtocolChanged) return { failed: 'protocol-changed' };
      throw cause;
    }
    return { done: {}, event: event('enter-grade', { grading, ...(how === 'found' ? { foundInProtocol: true } : {}) }) };
  });

  const recalculate = awaited<'recalculate'>(async ({ id, subject, orderedBy, body: { trial, grading, after }, zone }) => {
    const { student } = await resultOf(db, subject);
    const unit = subject.data.entry?.top;
    if (!unit) return { failed: 'no-top-grade' };
    const shown = after ? await trialOf(db, after) : undefined;
    const expects = shown?.find((one) => sameUnit(one.unit, unit))?.after ?? null;
    const by = await initialsFor(db, subject, orderedBy);
    let units = shown ?? [];
    let standing: ProtocolEntry | undefined;
    try {
      if (trial) units = await asked(() => fs.trial({ unit, student }));
      else {
        await asked(() =>
          fs.recalculate({ unit, student, expects, by, on: dayOf(new Date().toISOString(), zone), reference: id }),
        );
        standing = await asked(() => fs.protocolEntry({ unit, student }));
      }
    } catch (cause) {
      if (cause instanceof ProtocolChanged) return { failed: 'trial-differs' };
      throw cause;
    }
    return async (tx, now) => {
      await keepRecalculation(tx, now as Subject, { order: id, trial, grading, units, top: standing });
      return {
        done: { changes: units.filter(({ before, after: later }) => before !== later).length },
        event: event('recalculate', { trial }),
      };
    };
  });

  const toArchive = patient<'archive'>('archive', async ({ subject, body: { document }, orderedBy }) => {
    const { number, data } = subject;
    const [institution, person, student, hidden, grading] = await Promise.all([
      db.institution.findUniqueOrThrow({ where: { code: subject.institution } }),
      db.person.findUnique({ where: { id: data.responsible } }),
      db.complaintStudent.findUniqueOrThrow({ where: { caseId: subject.id } }),
      db.complaintUndisclosed.findUniqueOrThrow({ where: { caseId: subject.id } }),
      db.complaintGrading.findFirst({
        where: { caseId: subject.id, inProtocolAt: { not: null } },
        orderBy: { inProtocolAt: 'desc' },
      }),
    ]);
    const language = institution.language as Language;
    const name = [student.givenName, student.surname].filter(Boolean).join(' ');
    const text = archiveText(
      document,
      {
        number,
        data,
        student: { number: student.studentNumber, name, personNumber: student.personNumber },
        reasons: hidden.reasons,
        explanation: hidden.explanation,
        firstGrade: hidden.firstGrade,
        finalGrade: grading?.grade ?? null,
      },
      language,
    );
    const reference = referenceOf(subject);
    const opened = await watched(db, 'archive', () =>
      archive.openCase({
        reference,
        title: caseTitle(number, data, language),
        responsible: person ? `${person.givenName} ${person.surname}` : institution.name,
        unit: institution.name,
      }),
    );
    await watched(db, 'archive', () =>
      archive.addDocument({
        caseReference: reference,
        reference: `${reference}/${document}`,
        title: documentTitle(document, number, data, language),
        direction: document === 'complaint' ? 'incoming' : 'outgoing',
        mimeType: 'text/plain; charset=utf-8',
        bytes: Buffer.from(text, 'utf8'),
      }),
    );
    return async (tx, now) => {
      await keepJournalNumber(tx, now as Subject, { journalNumber: opened.number, orderedBy });
      return { done: { journalNumber: opened.number }, event: event('archive', { document }) };
    };
  });

  return {
    'read-protocol': readProtocol,
    'keep-in-fs': keepInFs,
    archive: toArchive,
    block,
    'postpone-diploma': postponeDiploma,
    'enter-grade': enterGrade,
    recalculate,
  };
}
