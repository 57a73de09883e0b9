import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import { courses, institution, student } from '../sample.js';
import type { Simulator } from '../simulator.js';
import { uidOf, type Catalog } from './catalog.js';
import { invalid, lostLock } from './fault.js';

/** One result of one student on one module. `status` 1 draft, 2 ready; attested ones lie in a list of their own. */
export interface Result {
  readonly uid: string;
  readonly studyResultUid: string;
  readonly moduleInstanceUid: string;
  status: 1 | 2;
  gradeId: number;
  scaleId: number;
  date: string;
  notes: readonly { NoteringsdefinitionUID: string; Varde: string }[];
  title?: string;
  /** `SenasteResultatandring`: written once, compared as text. */
  lock: string;
}
export interface Obstacle {
  readonly studentUid: string;
  readonly moduleInstanceUid?: string;
  readonly at: 'skapa' | 'klarmarkera';
  readonly text: string;
  readonly blocking: boolean;
}
/** An event of the feed, with the result as it was at that moment. */
export interface Happening {
  readonly uid: string;
  readonly name: string;
  readonly at: string;
  readonly decision: string;
  readonly result: Pick<Result, 'uid' | 'studyResultUid' | 'moduleInstanceUid' | 'gradeId' | 'scaleId' | 'date'>;
}
export interface LadokStore {
  drafts: Result[];
  attested: Result[];
  obstacles: Obstacle[];
  discontinued: { studentUid: string; occasionUid: string; date: string }[];
  /** Milliseconds of the newest lock: every write gets a later one. */
  newestLock: number;
  /** What the event feed tells, oldest first. */
  events: Happening[];
}

export const emptyLadok = (): LadokStore => ({
  drafts: [],
  attested: [],
  obstacles: [],
  discontinued: [],
  newestLock: 0,
  events: [],
});

/** What the sample says was attested before the simulation began: it is always there, and no event tells of it. */
export const attestedBefore = (catalog: Catalog): Result[] =>
  courses.flatMap((course) =>
    course.modules.flatMap((module) =>
      (module.attested ?? []).map(([index, code, date]): Result => {
        const scale = catalog.scaleByCode(module.scale);
        return {
          uid: uidOf('attested', course.code, module.code, index),
          studyResultUid: catalog.studyResultUid(student(index), course),
          moduleInstanceUid: module.instanceUid,
          status: 2,
          gradeId: scale.grades.find((grade) => grade.code === code)?.id ?? 0,
          scaleId: scale.id,
          date,
          notes: [],
          lock: '2026-11-01T08:00:00.000',
        };
      }),
    ),
  );

type Body = Record<string, unknown>;
const text = (body: Body, name: string): string => {
  const value = body[name];
  if (typeof value !== 'string' || value === '')
    throw invalid('obligatoriskt_varde', `${name} saknas`, 'obligatoriskt_varde_saknas');
  return value;
};
const list = (body: Body, name: string): Body[] => {
  const value = body[name];
  if (!Array.isArray(value) || value.length === 0)
    throw invalid('obligatoriskt_varde', `${name} saknas`, 'obligatoriskt_varde_saknas');
  return value as Body[];
};
const number = (body: Body, name: string): number => {
  const value = body[name];
  if (!/^\d+$/.test(String(value))) throw invalid('heltal', `${name} är inte ett heltal`);
  return Number(value);
};

/**
 * What can be done to results. Every function checks everything first and changes only then: a refused call has changed nothing.
 */
export function resultsOf(sim: Simulator<LadokStore>, catalog: Catalog) {
  const { store } = sim;
  const before = attestedBefore(catalog);
  const newLock = () => {
    store.newestLock = Math.max(Date.now(), store.newestLock + 1);
    return DateTime.fromMillis(store.newestLock, { zone: institution.zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS");
  };
  const done = (effect: string, results: readonly Result[]) => {
    for (const { uid, studyResultUid, moduleInstanceUid } of results)
      sim.note({ effect, resultatUID: uid, studieresultatUID: studyResultUid, utbildningsinstansUID: moduleInstanceUid });
    sim.save();
    return results;
  };
  const draft = (uid: unknown) => {
    const found = store.drafts.find((d) => d.uid === uid);
    if (!found) throw invalid('resultat_saknas', 'Resultatet finns inte eller är redan attesterat');
    return found;
  };
  const content = (body: Body, moduleInstanceUid: string) => {
    const scale = catalog.scaleById(number(body, 'BetygsskalaID'));
    const known = catalog.moduleOf(moduleInstanceUid);
    if (!scale || known?.module.scale !== scale.code) throw invalid('betygsskala', 'Betygsskalan gäller inte för utbildningen');
    const gradeId = number(body, 'Betygsgrad');
    if (!scale.grades.some((g) => g.id === gradeId)) throw invalid('betygsgrad', 'Betyget finns inte i betygsskalan');
    const date = text(body, 'Examinationsdatum');
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || !DateTime.fromISO(date).isValid)
      throw invalid('datum', 'Examinationsdatum är inte ett datum');
    const notes = (body['Noteringar'] ?? []) as { NoteringsdefinitionUID: string; Varde: string }[];
    if (notes.some((n) => n.NoteringsdefinitionUID !== catalog.scoreDefinitionUid))
      throw invalid('notering', 'Noteringen är okänd');
    const title = (body['Projekttitel'] as { Titel?: string } | undefined)?.Titel;
    if (known.module.titleWanted && !title) throw invalid('projekttitel', 'Projekttitel saknas', 'obligatoriskt_varde_saknas');
    return { gradeId, scaleId: scale.id, date, notes, ...(title ? { title } : {}) };
  };
  const passes = (studyResultUid: string, moduleInstanceUid: string) =>
    [...before, ...store.attested].some(
      (r) =>
        r.studyResultUid === studyResultUid &&
        r.moduleInstanceUid === moduleInstanceUid &&
        catalog.scaleById(r.scaleId)?.grades.find((g) => g.id === r.gradeId)?.passing,
    );
  const obstaclesFor = (at: Obstacle['at'], studyResultUid: string, moduleInstanceUid: string) => {
    const studentUid = catalog.studyResult(studyResultUid)?.student.uid;
    const found = store.obstacles
      .filter(
        (o) => o.at === at && o.studentUid === studentUid && (o.moduleInstanceUid ?? moduleInstanceUid) === moduleInstanceUid,
      )
      .map((o) => ({ key: `resultat.domain.hinder.${at}`, text: o.text, blocking: o.blocking }));
    if (at !== 'skapa') return found;
    const mine = (r: Result) => r.studyResultUid === studyResultUid && r.moduleInstanceUid === moduleInstanceUid;
    if (store.drafts.some(mine))
      found.push({ key: 'resultat.domain.hinder.finns', text: 'Det finns redan ett resultat', blocking: true });
    const course = catalog.moduleOf(moduleInstanceUid)?.course;
    if (course?.instanceUid === moduleInstanceUid && !course.modules.every((m) => passes(studyResultUid, m.instanceUid)))
      found.push({ key: 'resultat.domain.hinder.moduler', text: 'Alla moduler är inte godkända', blocking: true });
    if (passes(studyResultUid, moduleInstanceUid))
      found.push({ key: 'resultat.domain.hinder.attesterat', text: 'Resultatet är redan attesterat', blocking: true });
    return found;
  };
  const unobstructed = (at: Obstacle['at'], studyResultUid: string, moduleInstanceUid: string) => {
    const stop = obstaclesFor(at, studyResultUid, moduleInstanceUid).find((o) => o.blocking);
    if (stop) throw invalid('hinder', stop.text, 'affarsregel');
  };
  /** Tells the feed; every event has a later instant. */
  const happened = (name: string, results: readonly Result[]) => {
    for (const { uid, studyResultUid, moduleInstanceUid, gradeId, scaleId, date } of results) {
      const at = new Date(Math.max(Date.now(), 1 + Date.parse(store.events.at(-1)?.at ?? '2026-01-01'))).toISOString();
      store.events.push({
        uid: randomUUID(),
        name,
        at,
        decision: randomUUID(),
        result: { uid, studyResultUid, moduleInstanceUid, gradeId, scaleId, date },
      });
    }
  };
  /** Somebody saves the same content once more: only the lock is new. */
  const touch = (uids: readonly unknown[]) => {
    for (const uid of uids) {
      const found = store.drafts.find((d) => d.uid === uid);
      if (found) found.lock = newLock();
    }
    sim.save();
  };

  return {
    obstaclesFor,
    draft,

    create(body: Body) {
      const asked = list(body, 'Resultat').map((one): Result => {
        const studyResultUid = text(one, 'StudieresultatUID');
        const moduleInstanceUid = text(one, 'UtbildningsinstansUID');
        const known = catalog.studyResult(studyResultUid);
        if (!known || catalog.moduleOf(moduleInstanceUid)?.course !== known.course)
          throw invalid('studieresultat', 'Studieresultatet finns inte för utbildningen');
        unobstructed('skapa', studyResultUid, moduleInstanceUid);
        return { uid: randomUUID(), studyResultUid, moduleInstanceUid, status: 1, lock: '', ...content(one, moduleInstanceUid) };
      });
      if (new Set(asked.map((r) => r.studyResultUid + r.moduleInstanceUid)).size < asked.length)
        throw invalid('dubblett', 'Samma student förekommer två gånger');
      const lock = newLock();
      for (const result of asked) store.drafts.push({ ...result, lock });
      return done('draft-created', store.drafts.slice(-asked.length));
    },

    update(body: Body, staleLock: boolean) {
      const rows = list(body, 'Resultat');
      if (staleLock) touch(rows.map((r) => r['ResultatUID']));
      const asked = rows.map((one) => {
        const found = draft(text(one, 'ResultatUID'));
        if (found.status !== 1) throw invalid('klarmarkerat', 'Resultatet är klarmarkerat');
        if (text(one, 'SenasteResultatandring') !== found.lock) throw lostLock();
        return { found, content: content(one, found.moduleInstanceUid) };
      });
      const lock = newLock();
      for (const { found, content: changed } of asked) Object.assign(found, changed, { lock });
      return done(
        'draft-updated',
        asked.map(({ found }) => found),
      );
    },

    markReady(body: Body, staleLock: boolean) {
      const uids = list(body, 'ResultatUIDer') as unknown[];
      const marking = (body['Klarmarkering'] ?? {}) as Body;
      text(marking, 'KlarmarkeradAvUID');
      const seen = text(marking, 'ResultatetsSenastSparad');
      if (staleLock) touch(uids);
      const asked = uids.map((uid) => {
        const found = draft(uid);
        if (found.status !== 1) throw invalid('klarmarkerat', 'Resultatet är redan klarmarkerat');
        if (found.lock !== seen) throw lostLock();
        unobstructed('klarmarkera', found.studyResultUid, found.moduleInstanceUid);
        return found;
      });
      const lock = newLock();
      for (const found of asked) Object.assign(found, { status: 2, lock });
      return done('marked-ready', asked);
    },

    attest(uids: readonly unknown[]) {
      const asked = uids.map((uid) => {
        const found = draft(uid);
        if (found.status !== 2) throw invalid('ej_klarmarkerat', 'Resultatet är inte klarmarkerat');
        return found;
      });
      store.drafts = store.drafts.filter((d) => !asked.includes(d));
      store.attested.push(...asked);
      const whole = (r: Result) => catalog.moduleOf(r.moduleInstanceUid)?.course.instanceUid === r.moduleInstanceUid;
      for (const one of asked)
        happened(whole(one) ? 'ResultatPaHelKursAttesteratEvent' : 'ResultatPaModulAttesteratEvent', [one]);
      return done('attested', asked);
    },

    annul(uids: readonly unknown[]) {
      const asked = uids.map((uid) => {
        const found = store.attested.find((one) => one.uid === uid);
        if (!found) throw invalid('resultat_saknas', 'Resultatet är inte attesterat');
        return found;
      });
      store.attested = store.attested.filter((one) => !asked.includes(one));
      happened('AttesteratResultatMakuleratEvent', asked);
      return done('annulled', asked);
    },

    editInGui(uid: unknown, grade: unknown) {
      const found = draft(uid);
      const known = catalog.scaleById(found.scaleId)?.grades.find((g) => String(g.id) === String(grade) || g.code === grade);
      if (grade !== undefined && !known) throw invalid('betygsgrad', 'Betyget finns inte i betygsskalan');
      Object.assign(found, { gradeId: known?.id ?? found.gradeId, lock: newLock() });
      return done('edited-in-gui', [found]);
    },
  };
}
