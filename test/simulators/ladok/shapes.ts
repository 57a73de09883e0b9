import { courses, institution, type SampleExam, type SampleModule, type SampleStudent } from '../sample.js';
import { uidOf, wholeOf, type Catalog, type Occasion, type Scale } from './catalog.js';
import { attestedBefore, type LadokStore, type Result } from './results.js';

/** How the service writes things as JSON: ids now as number, now as text, and fields nobody asked for in every entity. */
export function shapesOf(catalog: Catalog, store: LadokStore, larosateId: number) {
  const before = attestedBefore(catalog);
  let written = 0;
  const id = (n: number) => (written++ % 2 ? String(n) : n);
  const extra = () => ({
    LarosateID: larosateId,
    SenastAndradAv: 'system@uni.example',
    FaltUtanBetydelse: { Nyckel: [1, null] },
    link: [],
  });

  const student = (one: SampleStudent) => ({
    Uid: one.uid,
    Fornamn: one.givenName,
    Efternamn: one.surname,
    Personnummer: one.personNumber,
    ...extra(),
  });
  const discontinued = (one: SampleStudent, occasionUid: string) => {
    const found = store.discontinued.find((d) => d.studentUid === one.uid && d.occasionUid === occasionUid);
    return found && { Avbrott: { Avbrottsdatum: found.date, ...extra() } };
  };
  const grade = (scaleId: number, gradeId: number) => catalog.scaleById(scaleId)?.grades.find((g) => g.id === gradeId);
  const result = (one: Result, status?: number) => {
    const known = grade(one.scaleId, one.gradeId);
    return {
      Uid: one.uid,
      ...(status && { ProcessStatus: status }),
      UtbildningsinstansUID: one.moduleInstanceUid,
      StudieresultatUID: one.studyResultUid,
      Betygsgrad: id(one.gradeId),
      BetygsskalaID: id(one.scaleId),
      Betygsgradsobjekt: { ID: id(one.gradeId), Kod: known?.code, GiltigSomSlutbetyg: known?.passing, ...extra() },
      Examinationsdatum: one.date,
      Noteringar: one.notes,
      ...(one.title && { Projekttitel: { Titel: one.title, ...extra() } }),
      SenasteResultatandring: one.lock,
      ...extra(),
    };
  };
  const module = (one: SampleModule) => ({
    Utbildningskod: one.code,
    Omfattning: one.credits,
    BetygsskalaID: id(catalog.scaleByCode(one.scale).id),
    KravPaProjekttitel: one.titleWanted ?? false,
    ...(one.decides && { BestammerSlutbetyg: true }),
    ResultatrapporteringMojlig: true,
    UtbildningsinstansUID: one.instanceUid,
    Benamning: one.name,
    ...extra(),
  });

  return {
    student,
    draft: (one: Result) => result(one, one.status),

    /**
     * The row of `kurstillfalle/filtrera`, as open clients read it (B); `Nedlagd` is invented (X), as is `BestammerSlutbetyg` of
     * a module; names come as a list here and as an object elsewhere.
     */
    occasion: ({ uid, code, from, to, course }: Occasion) => ({
      Uid: uid,
      TillfallesKod: code,
      Startdatum: from,
      Slutdatum: to,
      Utbildningsinstans: {
        Uid: course.instanceUid,
        UtbildningUID: course.courseUid,
        Utbildningskod: course.code,
        Versionsnummer: 1,
        Omfattning: course.credits,
        ...(course.discontinued && { Nedlagd: true }),
        BetygsskalaID: id(catalog.scaleByCode(course.scale).id),
        Benamning: Object.entries(course.name).map(([Sprakkod, Text]) => ({ Sprakkod, Text })),
        ...extra(),
      },
      ...extra(),
    }),
    modules: ({ uid, code, course }: Occasion) => ({
      Uid: uid,
      Utbildningskod: course.code,
      Versionsnummer: 1,
      Kurstillfalleskod: code,
      Benamning: course.name,
      Betygsskala: id(catalog.scaleByCode(course.scale).id),
      KravPaProjekttitel: course.titleWanted ?? false,
      ResultatrapporteringMojlig: true,
      UtbildningsinstansUID: course.instanceUid,
      IngaendeMoment: course.modules.map(module),
      ...extra(),
    }),
    scale: (one: Scale) => ({
      ID: id(one.id),
      Kod: one.code,
      Benamning: { sv: one.sv, en: one.en },
      Betygsgrad: one.grades.map((g) => ({ ID: id(g.id), Kod: g.code, GiltigSomSlutbetyg: g.passing, ...extra() })),
      ...extra(),
    }),
    /** Only `Student` and `Avbrott` are known from outside; the name `Registreringsperiod` is invented (X). */
    participant: (occasion: Occasion, one: SampleStudent) => ({
      Uid: uidOf('deltagare', occasion.uid, one.uid),
      KurstillfalleUID: occasion.uid,
      Student: student(one),
      Registreringsperiod: { Startdatum: occasion.from, Slutdatum: occasion.to, ...extra() },
      ...discontinued(one, occasion.uid),
      ...extra(),
    }),
    exam: (one: SampleExam) => {
      const course = courses.find(({ code }) => code === one.course);
      return {
        Uid: one.uid,
        AktivitetstillfallestypID: id(151_856),
        Benamningar: one.name,
        Aktiviteter: [{ KursinstansUID: course?.instanceUid, UtbildningsinstansUID: one.moduleInstanceUid, ...extra() }],
        KurstillfalleUIDer: course?.occasions.map(({ uid }) => uid),
        Datumperiod: { Startdatum: one.from, Slutdatum: one.to, ...extra() },
        Starttid: '09:00:00',
        Sluttid: '13:00:00',
        Anmalan: true,
        Installd: one.cancelled ?? false,
        Borttagen: false,
        AntalAnmalda: one.signedUp.length,
        ...extra(),
      };
    },
    /** Somebody who may sign up for an exam; with `Anmalan` one who has. */
    possibility: (exam: SampleExam, one: SampleStudent, signedUp: boolean) => ({
      Uid: uidOf('mojlighet', exam.uid, one.uid),
      AktivitetstillfalleUID: exam.uid,
      Student: student(one),
      StudentUID: one.uid,
      ...(signedUp && { Anmalan: { Anmalningstidpunkt: '2026-10-02T08:15:00', ...extra() } }),
      ...extra(),
    }),
    /** A row to report: all modules of the course the student has anything on, not only the one asked for. */
    reportRow: (occasion: Occasion, one: SampleStudent, asked: SampleModule, place: number) => {
      const { course } = occasion;
      const uid = catalog.studyResultUid(one, course);
      const entries = [...course.modules, wholeOf(course)].flatMap(({ instanceUid }) => {
        const mine = (r: Result) => r.studyResultUid === uid && r.moduleInstanceUid === instanceUid;
        const working = store.drafts.find(mine);
        const attested = [...before, ...store.attested].findLast(mine);
        if (!working && !attested) return [];
        return [
          {
            UtbildningUID: catalog.educationUid(instanceUid),
            HarTillgodoraknande: false,
            ...extra(),
            ...(working && { Arbetsunderlag: result(working, working.status) }),
            ...(attested && { SenastAttesteradeResultat: result(attested) }),
          },
        ];
      });
      return {
        Uid: uid,
        Student: student(one),
        ...discontinued(one, occasion.uid),
        Rapporteringskontext: {
          UtbildningUID: catalog.educationUid(asked.instanceUid),
          UtbildningsinstansUID: asked.instanceUid,
          BetygsskalaID: id(catalog.scaleByCode(asked.scale).id),
          KravPaProjekttitel: asked.titleWanted ?? false,
          KravPaHanvisningTillBeslutshandling: false,
          Anonymiseringskod: `${String(place + 1).padStart(4, '0')}-ABC`,
          ...extra(),
        },
        ...(entries.length > 0 && { ResultatPaUtbildningar: entries.reverse() }),
        ...extra(),
      };
    },
    /** Attested results by course (B); `UtbildningsinstansUID` and `ResultatUID` in the inner rows are invented (X). */
    attested: (studentUid: string, courseUid: string | undefined) => {
      const mine = [...before, ...store.attested].flatMap((r) => {
        const known = catalog.studyResult(r.studyResultUid);
        if (known?.student.uid !== studentUid || (courseUid && known.course.courseUid !== courseUid)) return [];
        return [{ r, course: known.course }];
      });
      return {
        StudentUID: studentUid,
        StudentresultatPerKurs: [...new Set(mine.map(({ course }) => course))].map((course) => ({
          KursUID: course.courseUid,
          Utbildningskod: course.code,
          Benamning: course.name,
          ...extra(),
          Studentresultat: mine
            .filter((m) => m.course === course)
            .map(({ r }) => ({
              ResultatUID: r.uid,
              UtbildningsinstansUID: r.moduleInstanceUid,
              BetygsgradID: id(r.gradeId),
              Utbildningskod: catalog.moduleOf(r.moduleInstanceUid)?.module.code,
              Betygsgradskod: grade(r.scaleId, r.gradeId)?.code,
              Examinationsdatum: r.date,
              LarosateNamn: institution.name,
              ...extra(),
            })),
        })),
        ...extra(),
      };
    },
  };
}
