import {
  attestedAnswer,
  examRow,
  indexAnswer,
  modulesAnswer,
  noteDefinitionsAnswer,
  obstaclesAnswer,
  occasionRow,
  pageOf,
  participantRow,
  reportAnswer,
  scaleAnswer,
  signUpRow,
  studentAnswer,
  whoAnswer,
  writtenAnswer,
} from './ladok/answers.js';
import { caller, LADOK_PARALLEL } from './ladok/call.js';
import { eachAtMost } from './at-a-time.js';
import { pageOfFeed, type FeedPage } from './ladok/feed.js';
import { LadokRefused } from './ladok/refused.js';
import { PartnerRefused, PartnerUnavailable } from './outbound.js';
import type { Follow } from './progress.js';
import type {
  AttestedResult,
  CourseOccasion,
  DraftContent,
  Exam,
  GradeScale,
  LadokStudent,
  Obstacle,
  Participant,
  ReportRow,
} from './ladok/terms.js';

/** Where Ladok is and who we are there. */
export interface LadokOptions {
  /** `https://api.ladok.se`, or where a simulator listens. */
  readonly baseUrl: string;
  /** PEM: the client certificate is our identity. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for one call; 30 000 unless told. */
  readonly timeoutMs?: number;
  /** Rows per page in searches; 100 unless told. */
  readonly pageSize?: number;
  /**
   * The institution's note definition for exam scores. Unless told it is looked up by its code, by a path that is invented (X).
   */
  readonly scoreDefinitionUid?: string;
}

const query = (...pairs: readonly (readonly [string, string | number])[]) =>
  new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)])).toString();

const content = ({ gradeId, scaleId, date, notes, title }: DraftContent) => ({
  Betygsgrad: gradeId,
  BetygsskalaID: scaleId,
  Examinationsdatum: date,
  ...(notes?.length && { Noteringar: notes.map((n) => ({ NoteringsdefinitionUID: n.definitionUid, Varde: n.value })) }),
  ...(title && { Projekttitel: { Titel: title } }),
});

/**
 * Ladok3 REST in our words. Every method throws `PartnerUnavailable` (no answer, a proxy's answer, half an
 * answer), `LadokRefused` (Ladok's error object, 500 included) or `PartnerRefused` (somebody else's 4xx). Nothing is repeated
 * here.
 */
export function ladok(options: LadokOptions) {
  const { baseUrl, tls, headers, timeoutMs = 30_000, pageSize = 100 } = options;
  const { call, all, feed, close } = caller({ baseUrl, tls, timeoutMs }, headers);
  let scoreDefinition = options.scoreDefinitionUid;

  async function modulesOf(occasionUid: string) {
    try {
      return await call({ path: `kurstillfalle/${encodeURIComponent(occasionUid)}/moment`, schema: modulesAnswer });
    } catch (error) {
      const missing = error instanceof LadokRefused && error.group === 'obligatoriskt_varde_saknas';
      if (missing && error.detailCode === 'utbildningstillfalle') return undefined;
      throw error;
    }
  }

  return {
    /**
     * Course occasions with their modules: `GET kurstillfalle/filtrera`, then `GET kurstillfalle/{uid}/moment` for each.
     * One that does not exist any more by then is left out.
     */
    async courses({ courseCode }: { courseCode?: string } = {}): Promise<CourseOccasion[]> {
      const course = courseCode ? ([['kurskod', courseCode]] as const) : [];
      const order = [
        ['orderby', 'KURSKOD_ASC'],
        ['orderby', 'KURSTILLFALLESKOD_ASC'],
      ] as const;
      const found = await all((page) => {
        const filter = query(...course, ['page', page], ['limit', pageSize], ['sprakkod', 'sv'], ...order);
        return call({ path: `kurstillfalle/filtrera?${filter}`, schema: pageOf(occasionRow) });
      });
      const work = async (row: (typeof found)[number]): Promise<CourseOccasion[]> => {
        const one = await modulesOf(row.Uid);
        if (!one) return [];
        return [
          {
            courseCode: one.Utbildningskod,
            names: one.Benamning,
            courseUid: row.Utbildningsinstans?.UtbildningUID,
            courseInstanceUid: one.UtbildningsinstansUID,
            scaleId: one.Betygsskala,
            occasionUid: one.Uid,
            occasionCode: one.Kurstillfalleskod,
            from: row.Startdatum,
            to: row.Slutdatum,
            modules: one.IngaendeMoment ?? [],
            ...(one.KravPaProjekttitel && { titleWanted: true }),
            ...(row.Utbildningsinstans?.Nedlagd && { discontinued: true }),
          },
        ];
      };
      return (await eachAtMost({ items: found, atOnce: LADOK_PARALLEL, work })).flat();
    },

    /** One grade scale of this institution: `GET grunddata/betygsskala/{id}`. */
    gradeScale(id: number): Promise<GradeScale> {
      return call({ path: `grunddata/betygsskala/${id}`, schema: scaleAnswer });
    },

    /** Everybody on a course occasion, those who left included: `GET kurstillfallesdeltagare/filtrera`. */
    participants({ occasionUid, follow }: { occasionUid: string; follow?: Follow }): Promise<Participant[]> {
      const order = [
        ['orderby', 'EFTERNAMN_ASC'],
        ['orderby', 'FORNAMN_ASC'],
        ['orderby', 'PERSONNUMMER_ASC'],
      ] as const;
      return all((page) => {
        const filter = query(['kurstillfalleUID', occasionUid], ['page', page], ['limit', pageSize], ...order);
        return call({ path: `kurstillfallesdeltagare/filtrera?${filter}`, schema: pageOf(participantRow) });
      }, follow);
    },

    /**
     * Exams of a course that take place on a known day or days, the earliest first: `GET aktivitetstillfalle/filtrera?kurskod=`.
     * The name of the order is invented (X).
     */
    async exams({ courseCode }: { courseCode: string }): Promise<Exam[]> {
      const found = await all((page) => {
        const filter = query(['kurskod', courseCode], ['page', page], ['limit', pageSize], ['orderby', 'START_DATUM_ASC']);
        return call({ path: `aktivitetstillfalle/filtrera?${filter}`, schema: pageOf(examRow) });
      });
      return found.flatMap((exam) => exam ?? []);
    },

    /** Who is signed up for an exam: `GET aktivitetstillfallesmojlighet/filtrera?anmalda=true`. */
    async signedUp({ examUid, follow }: { examUid: string; follow?: Follow }): Promise<LadokStudent[]> {
      const order = [
        ['orderby', 'EFTERNAMN_ASC'],
        ['orderby', 'FORNAMN_ASC'],
        ['orderby', 'PERSONNUMMER_ASC'],
      ] as const;
      const found = await all((page) => {
        const filter = query(
          ['aktivitetstillfalleUID', examUid],
          ['anmalda', 'true'],
          ['page', page],
          ['limit', pageSize],
          ...order,
        );
        return call({ path: `aktivitetstillfallesmojlighet/filtrera?${filter}`, schema: pageOf(signUpRow) });
      }, follow);
      return found.flatMap((student) => student ?? []);
    },

    /** `GET /studentinformation/student/personnummer/{personnummer}` (B); undefined when Ladok knows nobody with that number. */
    async studentByPersonNumber(personNumber: string): Promise<LadokStudent | undefined> {
      const path = `student/personnummer/${encodeURIComponent(personNumber)}`;
      try {
        return await call({ service: 'studentinformation', path, schema: studentAnswer });
      } catch (error) {
        if (error instanceof LadokRefused && error.status === 404) return undefined;
        throw error;
      }
    },

    /**
     * The rows of a module or of a whole course, whatever their state, on the given course occasions (none given: all of them):
     * `PUT studieresultat/rapportera/utbildningsinstans/{uid}/sok`, which only reads.
     */
    async reportRows({
      moduleInstanceUid,
      occasionUids,
      follow,
    }: {
      moduleInstanceUid: string;
      occasionUids: readonly string[];
      follow?: Follow;
    }): Promise<ReportRow[]> {
      const rows = await all(
        (Page) =>
          call({
            method: 'PUT',
            path: `studieresultat/rapportera/utbildningsinstans/${encodeURIComponent(moduleInstanceUid)}/sok`,
            body: {
              Filtrering: ['OBEHANDLADE', 'UTKAST', 'KLARMARKERADE', 'ATTESTERADE'],
              KurstillfallenUID: occasionUids,
              OrderBy: ['PERSONNUMMER_ASC', 'ANONYMKOD_ASC'],
              Page,
              Limit: pageSize,
            },
            schema: pageOf(reportAnswer),
          }),
        follow,
      );
      return rows.map((row): ReportRow => {
        const entries = row.ResultatPaUtbildningar ?? [];
        const draft = entries.map((e) => e.Arbetsunderlag).find((d) => d?.moduleInstanceUid === moduleInstanceUid)?.result;
        const attested = entries
          .map((e) => e.SenastAttesteradeResultat)
          .find((a) => a?.UtbildningsinstansUID === moduleInstanceUid);
        return {
          studyResultUid: row.Uid,
          studentUid: row.Student.Uid,
          ...(row.Avbrott && { discontinued: row.Avbrott.Avbrottsdatum }),
          ...(draft && { draft }),
          ...(attested && {
            attested: { resultUid: attested.Uid, gradeId: attested.Betygsgrad, date: attested.Examinationsdatum },
          }),
        };
      });
    },

    /**
     * `POST studieresultat/skapa`. Not to be repeated without a look at `reportRows` first: a second draft for the same student
     * and module is refused.
     */
    async createDrafts(rows: readonly ({ studyResultUid: string; moduleInstanceUid: string } & DraftContent)[]): Promise<void> {
      const Resultat = rows.map((row) => ({
        StudieresultatUID: row.studyResultUid,
        UtbildningsinstansUID: row.moduleInstanceUid,
        ...content(row),
      }));
      await call({ method: 'POST', path: 'studieresultat/skapa', body: { Resultat }, schema: writtenAnswer });
    },

    /** `PUT studieresultat/uppdatera`; `lock` as it was read. `notes` replace the ones there are. */
    async updateDrafts(rows: readonly ({ resultUid: string; lock: string } & DraftContent)[]): Promise<void> {
      const Resultat = rows.map((row) => ({ ResultatUID: row.resultUid, ...content(row), SenasteResultatandring: row.lock }));
      await call({ method: 'PUT', path: 'studieresultat/uppdatera', body: { Resultat }, schema: writtenAnswer });
    },

    /**
     * `PUT studieresultat/klarmarkera`. There is one lock for all, so give only results that were saved together. `markedBy` and
     * `deciders` are uids of Ladok users; the deciders are those who shall attest.
     */
    async markReady({
      resultUids,
      lock,
      markedBy,
      deciders,
    }: {
      resultUids: readonly string[];
      lock: string;
      markedBy: string;
      deciders: readonly string[];
    }): Promise<void> {
      const Klarmarkering = { KlarmarkeradAvUID: markedBy, Beslutsfattare: deciders, ResultatetsSenastSparad: lock };
      const body = { Klarmarkering, ResultatUIDer: resultUids };
      await call({ method: 'PUT', path: 'studieresultat/klarmarkera', body, schema: writtenAnswer });
    },

    /**
     * What stops a mark-ready (with `resultUid`) or a create (with `moduleInstanceUid`): `GET studieresultat/{uid}/.../hinder`.
     */
    obstacles(asked: { studyResultUid: string } & ({ resultUid: string } | { moduleInstanceUid: string })): Promise<Obstacle[]> {
      const what =
        'resultUid' in asked
          ? `resultat/${encodeURIComponent(asked.resultUid)}/klarmarkera`
          : `utbildningsinstans/${encodeURIComponent(asked.moduleInstanceUid)}/resultat/skapa`;
      return call({ path: `studieresultat/${encodeURIComponent(asked.studyResultUid)}/${what}/hinder`, schema: obstaclesAnswer });
    },

    /**
     * A student's attested results, of one course when `courseUid` is given: `GET
     * studentresultat/attesterade/student/{uid}?kursUID=`.
     */
    attestedResults({ studentUid, courseUid }: { studentUid: string; courseUid?: string }): Promise<AttestedResult[]> {
      const filter = courseUid ? `?${query(['kursUID', courseUid])}` : '';
      return call({
        path: `studentresultat/attesterade/student/${encodeURIComponent(studentUid)}${filter}`,
        schema: attestedAnswer,
      });
    },

    /**
     * A page of the event feed by its id, `GET /handelser/feed/{id}`, or the newest one (`recent`); undefined when Ladok has no
     * such page any more.
     */
    async feedPage(id?: string): Promise<FeedPage | undefined> {
      try {
        const page = pageOfFeed(await feed(id ?? 'recent'));
        if (page && page.id === (id ?? page.id)) return page;
      } catch (error) {
        const gone = (error instanceof LadokRefused || error instanceof PartnerRefused) && [404, 410].includes(error.status);
        if (id && gone) return undefined;
        throw error;
      }
      throw new PartnerUnavailable('ladok', 'malformed');
    },

    /** The uid of the note definition that carries exam scores; an ordinary error when the institution has none. */
    async scoreDefinition(): Promise<string> {
      if (!scoreDefinition) {
        const found = await call({ path: 'grunddata/noteringsdefinition', schema: noteDefinitionsAnswer });
        scoreDefinition = found.Noteringsdefinition.find((d) => d.Kod === 'SKRIVNINGSPOANG')?.Uid;
      }
      if (!scoreDefinition) throw new Error('Ladok has no note definition for exam scores');
      return scoreDefinition;
    },

    /** Health: `GET service/index` and `GET /kataloginformation/anvandare/autentiserad`. Answers as whom Ladok sees us. */
    async probe(): Promise<{ user: string }> {
      await call({ path: 'service/index', schema: indexAnswer });
      const who = await call({ service: 'kataloginformation', path: 'anvandare/autentiserad', schema: whoAnswer });
      return { user: who.Anvandarnamn };
    },

    close,
  };
}

/** The adapter as others hold it. */
export type Ladok = ReturnType<typeof ladok>;
