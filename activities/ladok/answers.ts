import { z } from 'zod';
import type {
  AttestedResult,
  DraftResult,
  Exam,
  GradeScale,
  LadokStudent,
  Module,
  Names,
  Obstacle,
  Participant,
} from './terms.js';

/** Ids of code values come as number in one call and as text in another. */
const id = z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]);
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const date = z.string().regex(/^\d{4}-\d\d-\d\d$/);

const nameList = z
  .array(z.object({ Sprakkod: z.string(), Text: z.string() }))
  .transform((all): Record<string, unknown> => Object.fromEntries(all.map((name) => [name.Sprakkod, name.Text])));
const names = z.union([z.record(z.string(), z.unknown()), nameList]).transform(({ sv, en }): Names => {
  const swedish = typeof sv === 'string' ? sv : '';
  return { sv: swedish, en: typeof en === 'string' ? en : swedish };
});

/** The error object of every refusal that comes from the service itself. */
export const errorAnswer = z.object({
  Felkategori: z.string(),
  Felgrupp: maybe(z.string()),
  Detaljkod: maybe(z.string()),
  Meddelande: maybe(z.string()),
});

/** A page of a search: the rows and how many there are in all. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z
    .object({ TotaltAntalPoster: z.number().int(), Resultat: maybe(z.array(row)) })
    .transform((page) => ({ total: page.TotaltAntalPoster, rows: page.Resultat ?? [] }));

/** `GET kurstillfalle/filtrera`, one row (B; `Nedlagd` is invented, X). */
export const occasionRow = z.object({
  Uid: z.string(),
  Startdatum: maybe(date),
  Slutdatum: maybe(date),
  Utbildningsinstans: maybe(z.object({ UtbildningUID: maybe(z.string()), Nedlagd: maybe(z.boolean()) })),
});

const moduleAnswer = z
  .object({
    Utbildningskod: z.string(),
    Omfattning: z.coerce.number(),
    BetygsskalaID: id,
    UtbildningsinstansUID: z.string(),
    Benamning: names,
    KravPaProjekttitel: maybe(z.boolean()),
    BestammerSlutbetyg: maybe(z.boolean()),
  })
  .transform((m): Module => ({
    code: m.Utbildningskod,
    instanceUid: m.UtbildningsinstansUID,
    names: m.Benamning,
    credits: m.Omfattning,
    scaleId: m.BetygsskalaID,
    ...(m.KravPaProjekttitel && { titleWanted: true }),
    ...(m.BestammerSlutbetyg && { decides: true }),
  }));

/** `GET kurstillfalle/{uid}/moment` (A; `BestammerSlutbetyg` of a module is invented, X). */
export const modulesAnswer = z.object({
  Uid: z.string(),
  Utbildningskod: z.string(),
  Kurstillfalleskod: z.string(),
  Benamning: names,
  UtbildningsinstansUID: z.string(),
  Betygsskala: id,
  KravPaProjekttitel: maybe(z.boolean()),
  IngaendeMoment: maybe(z.array(moduleAnswer)),
});

const gradeAnswer = z
  .object({ ID: id, Kod: z.string(), GiltigSomSlutbetyg: z.boolean() })
  .transform((g) => ({ id: g.ID, code: g.Kod, passing: g.GiltigSomSlutbetyg }));

/** `GET grunddata/betygsskala/{id}`; the newer twin says `Betygsgrader` (A). */
export const scaleAnswer = z
  .object({
    ID: id,
    Kod: z.string(),
    Benamning: names,
    Betygsgrad: maybe(z.array(gradeAnswer)),
    Betygsgrader: maybe(z.array(gradeAnswer)),
  })
  .refine((s) => s.Betygsgrad ?? s.Betygsgrader)
  .transform((s): GradeScale => ({ id: s.ID, code: s.Kod, names: s.Benamning, grades: s.Betygsgrad ?? s.Betygsgrader ?? [] }));

/** A student, wherever one stands. */
export const studentAnswer = z
  .object({ Uid: z.string(), Fornamn: z.string(), Efternamn: z.string(), Personnummer: z.string() })
  .transform((s): LadokStudent => ({
    studentUid: s.Uid,
    givenName: s.Fornamn,
    surname: s.Efternamn,
    personNumber: s.Personnummer.replace(/[-+\s]/g, ''),
  }));

const discontinuation = maybe(z.object({ Avbrottsdatum: date }));

/** `GET kurstillfallesdeltagare/filtrera`, one row; the name of the period is invented (X). */
export const participantRow = z
  .object({
    Student: studentAnswer,
    Avbrott: discontinuation,
    Registreringsperiod: maybe(z.object({ Startdatum: maybe(date), Slutdatum: maybe(date) })),
  })
  .transform((p): Participant => ({
    ...p.Student,
    from: p.Registreringsperiod?.Startdatum,
    to: p.Registreringsperiod?.Slutdatum,
    ...(p.Avbrott && { discontinued: p.Avbrott.Avbrottsdatum }),
  }));

/** `GET aktivitetstillfalle/filtrera`, one row (A); undefined for one that is cancelled, removed or without a date. */
export const examRow = z
  .object({
    Uid: z.string(),
    Benamningar: names,
    Aktiviteter: maybe(z.array(z.object({ UtbildningsinstansUID: maybe(z.string()) }))),
    Datumperiod: maybe(z.object({ Startdatum: date, Slutdatum: date })),
    Installd: maybe(z.boolean()),
    Borttagen: maybe(z.boolean()),
  })
  .transform((e): Exam | undefined =>
    e.Installd || e.Borttagen || !e.Datumperiod
      ? undefined
      : {
          examUid: e.Uid,
          names: e.Benamningar,
          from: e.Datumperiod.Startdatum,
          to: e.Datumperiod.Slutdatum,
          moduleInstanceUids: (e.Aktiviteter ?? []).flatMap((a) => a.UtbildningsinstansUID ?? []),
        },
  );

/** `GET aktivitetstillfallesmojlighet/filtrera`, one row (A); undefined for who could sign up and has not. */
export const signUpRow = z
  .object({ Student: studentAnswer, Anmalan: maybe(z.looseObject({})) })
  .transform((s): LadokStudent | undefined => (s.Anmalan ? s.Student : undefined));

const noteAnswer = z
  .object({ NoteringsdefinitionUID: z.string(), Varde: z.coerce.string() })
  .transform((n) => ({ definitionUid: n.NoteringsdefinitionUID, value: n.Varde }));
const resultFields = {
  Uid: z.string(),
  UtbildningsinstansUID: z.string(),
  Betygsgrad: maybe(id),
  Examinationsdatum: maybe(date),
};

/** `Arbetsunderlag`: a draft (1) or what is marked ready (2) (A). */
const draftAnswer = z
  .object({
    ...resultFields,
    ProcessStatus: id.pipe(z.union([z.literal(1), z.literal(2)])),
    SenasteResultatandring: z.string(),
    Noteringar: maybe(z.array(noteAnswer)),
    Projekttitel: maybe(z.object({ Titel: z.string() })),
  })
  .transform((d) => {
    const result: DraftResult = {
      resultUid: d.Uid,
      status: d.ProcessStatus === 1 ? 'draft' : 'ready',
      gradeId: d.Betygsgrad,
      date: d.Examinationsdatum,
      lock: d.SenasteResultatandring,
      ...(d.Noteringar && { notes: d.Noteringar }),
      ...(d.Projekttitel && { title: d.Projekttitel.Titel }),
    };
    return { moduleInstanceUid: d.UtbildningsinstansUID, result };
  });

const onEducation = z.object({ Arbetsunderlag: maybe(draftAnswer), SenastAttesteradeResultat: maybe(z.object(resultFields)) });

/** `PUT studieresultat/rapportera/.../sok`, one row (A). */
export const reportAnswer = z.object({
  Uid: z.string(),
  Student: z.object({ Uid: z.string() }),
  Avbrott: discontinuation,
  ResultatPaUtbildningar: maybe(z.array(onEducation)),
});

/**
 * What `skapa`, `uppdatera` and `klarmarkera` answer (`ResultatLista`): only that it is one. What became of the rows is read, not
 * believed.
 */
export const writtenAnswer = z.object({ Resultat: maybe(z.array(z.object({ Uid: z.string() }))) });

/** `.../hinder` (A). */
export const obstaclesAnswer = z
  .object({ Hinder: maybe(z.array(z.object({ I18nNyckel: z.string(), Stoppande: z.boolean(), Text: maybe(names) }))) })
  .transform((o) =>
    (o.Hinder ?? []).map((h): Obstacle => ({ key: h.I18nNyckel, blocking: h.Stoppande, text: h.Text?.sv ?? '' })),
  );

const attestedRow = z.object({
  Utbildningskod: maybe(z.string()),
  Betygsgradskod: maybe(z.string()),
  Examinationsdatum: maybe(date),
  UtbildningsinstansUID: maybe(z.string()),
  ResultatUID: maybe(z.string()),
});

/**
 * `GET studentresultat/attesterade/student/{uid}` (B; the uids in the inner rows X). Rows without a grade are credited studies
 * and left out.
 */
export const attestedAnswer = z
  .object({
    StudentresultatPerKurs: maybe(z.array(z.object({ KursUID: z.string(), Studentresultat: maybe(z.array(attestedRow)) }))),
  })
  .transform((answer) => {
    const rows: AttestedResult[] = [];
    for (const course of answer.StudentresultatPerKurs ?? [])
      for (const row of course.Studentresultat ?? []) {
        if (!row.Betygsgradskod || !row.Examinationsdatum) continue;
        rows.push({
          courseUid: course.KursUID,
          moduleCode: row.Utbildningskod,
          moduleInstanceUid: row.UtbildningsinstansUID,
          resultUid: row.ResultatUID,
          gradeCode: row.Betygsgradskod,
          date: row.Examinationsdatum,
        });
      }
    return rows;
  });

/** X: `GET grunddata/noteringsdefinition`. */
export const noteDefinitionsAnswer = z.object({ Noteringsdefinition: z.array(z.object({ Uid: z.string(), Kod: z.string() })) });

/** `GET /kataloginformation/anvandare/autentiserad` (A). */
export const whoAnswer = z.object({ Anvandarnamn: z.string() });

/** `GET service/index`: nothing in it is used. */
export const indexAnswer = z.looseObject({});
