import { z } from 'zod';
import {
  calculationAnswer,
  committeeAnswer,
  committeesAnswer,
  complaintAnswer,
  complaintsAnswer,
  coursesAnswer,
  entryAnswer,
  personsAnswer,
  postponementAnswer,
} from './fs/answers.js';
import { caller } from './fs/call.js';
import {
  sameUnit,
  type AssessmentUnit,
  type Committee,
  type ComplaintFacts,
  type ComplaintType,
  type FsComplaint,
  type ProtocolEntry,
  type Recalculated,
  type ResultKey,
} from './fs/terms.js';
import { PartnerUnavailable } from './outbound.js';

/** Where FS is and who we are there: an API user of one institution. */
export interface FsOptions {
  /** `https://api.fellesstudentsystem.no`, or where a simulator listens. */
  readonly baseUrl: string;
  readonly user: string;
  readonly password: string;
  /** `eierInstitusjonsnummer`, digits. */
  readonly institution: string;
  /** Milliseconds for one call; 30 000 unless told. */
  readonly timeoutMs?: number;
}

/** The protocol holds another grade than the one the decision was made about: somebody changed it, and a person has to look. */
export class ProtocolChanged extends Error {
  override readonly name = 'ProtocolChanged';
  constructor() {
    super('the protocol holds another grade than expected');
  }
}

/** Somebody as FS knows them; `email` and `language` where it does. */
export interface FsStudent {
  readonly givenName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly language: 'nb' | 'en';
  /** Eleven digits (fødselsnummer). */
  readonly personNumber: string | null;
}

const COURSES =
  'query($f:EmnerFilter!){emner(filter:$f,first:100){pageInfo{endCursor hasNextPage} nodes{kode versjonskode navnAlleSprak{nb nn en}}}}';
const PERSONS =
  'query($f:PersonerFilter!){personer(filter:$f,first:2){nodes{personlopenummer navn{fornavn etternavn} privatEpost maalform fodselsnummer}}}';

const letter = (yes: boolean) => (yes ? 'J' : 'N');
const unitBody = (unit: AssessmentUnit) => ({
  emnekode: unit.course,
  versjonskode: unit.version,
  vurdkombkode: unit.combination,
  arstall: unit.year,
  vurdtidkode: unit.term,
});
/** Composite keys stand comma joined in the path. */
const joined = (...parts: readonly (string | number)[]) => encodeURIComponent(parts.join(','));
const entryPath = ({ unit, student }: ResultKey) =>
  `protokoll/${joined(unit.course, unit.version, unit.combination, unit.year, unit.term, student)}`;
const personBody = (student: string) => ({ personlopenummer: Number(student) });

const names: Readonly<Record<keyof ComplaintFacts, string>> = {
  received: 'mottattDato',
  deadline: 'fristDato',
  sentToCommittee: 'sendtNyKommisjonDato',
  committee: 'kommisjonsnr',
  decision: 'vedtak',
  communicated: 'vedtakFormidletDato',
  finished: 'ferdigbehandlet',
  journalNumber: 'journalnr',
  caseWorker: 'saksbehandler',
};
const factsBody = (facts: Partial<ComplaintFacts>) =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      names[name as keyof ComplaintFacts],
      typeof value === 'boolean' ? letter(value) : value,
    ]),
  );

/**
 * FS in our words. Names of courses and people come by GraphQL, whose transport is public; protocol, complaints,
 * postponed diplomas and calculation have no public schema, so that they speak a neutral REST which is invented.
 * Every write looks first whether it was done already, and may be repeated after an unknown outcome. All throw
 * `PartnerUnavailable`, or `PartnerRefused` for a no; writes besides `FsStale` (412: nothing written, look again) and
 * `ProtocolChanged`.
 */
export function fs({ baseUrl, user, password, institution, timeoutMs = 30_000 }: FsOptions) {
  const { rest, found, graphql, close } = caller({ baseUrl, user, password, timeoutMs });

  async function protocolEntry(key: ResultKey): Promise<ProtocolEntry | undefined> {
    const entry = await found({ path: entryPath(key), schema: entryAnswer });
    return entry && { ...entry.value, etag: entry.etag };
  }

  async function present(key: ResultKey): Promise<ProtocolEntry> {
    const entry = await protocolEntry(key);
    if (!entry) throw new ProtocolChanged();
    return entry;
  }

  const change = (key: ResultKey, { etag }: ProtocolEntry, body: object) =>
    rest({ method: 'PATCH', path: entryPath(key), ifMatch: etag, body, schema: entryAnswer });

  /** The complaint with our reference, if FS has it; of several the one that came first. */
  async function complaint(reference: string): Promise<FsComplaint | undefined> {
    const query = new URLSearchParams({ eksternReferanse: reference }).toString();
    const { items } = (await rest({ path: `klager?${query}`, schema: complaintsAnswer })).value;
    if (items.some((one) => one.reference !== reference)) throw new PartnerUnavailable('fs', 'malformed');
    return items[0];
  }

  async function calculation(
    { unit, student }: ResultKey,
    write?: { readonly by: string; readonly on: string; readonly reference: string },
  ) {
    const changed = {
      endringsstatus: 'KLAGE',
      ...(write && { endretAv: write.by, endretDato: write.on, eksternReferanse: write.reference }),
    };
    const body = {
      person: personBody(student),
      vurderingsenhet: unitBody(unit),
      oppdaterDatabase: letter(Boolean(write)),
      ...changed,
    };
    return (await rest({ method: 'POST', path: 'resultatberegninger', body, schema: calculationAnswer })).value;
  }

  return {
    /** What the protocol holds about a result, or undefined when it holds none (GC-02). */
    protocolEntry,

    /** What a course is called, or undefined when this institution has none of that code and version: `emner`. */
    async course({
      course,
      version,
    }: Pick<AssessmentUnit, 'course' | 'version'>): Promise<{ nb: string; en: string } | undefined> {
      const answer = await graphql(COURSES, { f: { eierInstitusjonsnummer: institution, emnekoder: [course] } }, coursesAnswer);
      const name = answer.emner.nodes.find((one) => one.kode === course && one.versjonskode === version)?.navnAlleSprak;
      const nb = name?.nb ?? name?.nn ?? name?.en;
      return nb ? { nb, en: name?.en ?? nb } : undefined;
    },

    /** Who a student is, or undefined when FS knows nobody with this number: `personer`. */
    async student(number: string): Promise<FsStudent | undefined> {
      const answer = await graphql(
        PERSONS,
        { f: { eierInstitusjonsnummer: institution, personlopenumre: [number] } },
        personsAnswer,
      );
      const person = answer.personer.nodes.find((one) => one.personlopenummer === number);
      if (!person) return undefined;
      const { navn, privatEpost, maalform, fodselsnummer } = person;
      return {
        givenName: navn.fornavn,
        surname: navn.etternavn,
        email: privatEpost ?? null,
        language: maalform === 'ENGELSK' ? 'en' : 'nb',
        personNumber: fodselsnummer ?? null,
      };
    },

    /**
     * Has a committee for complaints in FS, and answers the number that it has there: that of the one with our reference, or else
     * the number it has here, or where another committee of the unit has that, one above all of them and above `highest`, the
     * highest of ours (GC-13..15). `FsStale` when the number was taken meanwhile.
     */
    async keepCommittee({
      unit,
      reference,
      number,
      name,
      members,
      highest,
    }: Committee & { readonly highest: number }): Promise<number> {
      const query = new URLSearchParams({ ...unitBody(unit), arstall: String(unit.year) }).toString();
      const { items } = (await rest({ path: `kommisjoner?${query}`, schema: committeesAnswer })).value;
      const ours = items.find((one) => one.eksternReferanse === reference);
      if (ours) return ours.kommisjonsnr;
      const taken = items.map((one) => one.kommisjonsnr);
      const free = taken.includes(number) ? Math.max(highest, ...taken) + 1 : number;
      const body = {
        navn: name,
        klagekommisjon: letter(true),
        sensorer: members.map((ansattnr) => ({ ansattnr })),
        eksternReferanse: reference,
      };
      const path = `kommisjoner/${joined(unit.course, unit.version, unit.combination, unit.year, unit.term, free)}`;
      return (await rest({ method: 'PUT', path, onlyNew: true, body, schema: committeeAnswer })).value.kommisjonsnr;
    },

    /** The complaint with our reference, or undefined. */
    complaint,

    /** Registers a complaint, unless there is one with our reference, which is then given back as it stands (GC-03, GC-04). */
    async registerComplaint({
      reference,
      type,
      unit,
      student,
      ...facts
    }: ResultKey & ComplaintFacts & { readonly reference: string; readonly type: ComplaintType }): Promise<FsComplaint> {
      const before = await complaint(reference);
      if (before) return before;
      const body = {
        klagetype: type,
        person: personBody(student),
        vurderingsenhet: unitBody(unit),
        eksternReferanse: reference,
        ...factsBody(facts),
      };
      return (await rest({ method: 'POST', path: 'klager', body, schema: complaintAnswer })).value;
    },

    /** Changes what FS keeps of a complaint; nothing is sent when it stands so already. */
    async changeComplaint({ id, facts }: { readonly id: string; readonly facts: Partial<ComplaintFacts> }): Promise<FsComplaint> {
      const path = `klager/${encodeURIComponent(id)}`;
      const { value: before, etag } = await rest({ path, schema: complaintAnswer });
      const different = Object.entries(facts).filter(([name, value]) => before[name as keyof ComplaintFacts] !== value);
      if (different.length === 0) return before;
      return (
        await rest({
          method: 'PATCH',
          path,
          ifMatch: etag,
          body: factsBody(Object.fromEntries(different)),
          schema: complaintAnswer,
        })
      ).value;
    },

    /**
     * Enters a grade into the protocol with change status KLAGE, also an unchanged one (GC-18, GC-19); FS sets the pass mark
     * (GC-20). `expects` is the grade the protocol has to hold before; `reference` names this entering for ever: found in the
     * protocol with the grade, nothing is done. Nor is it where somebody else put just that grade in by hand, which is answered
     * as `found` (GC-31). `by` are the FS initials of whoever registered it, `on` the day.
     */
    async enterGrade({
      grade,
      expects,
      reference,
      by,
      on,
      ...key
    }: ResultKey & {
      readonly grade: string;
      readonly expects: string;
      readonly reference: string;
      readonly by: string;
      readonly on: string;
    }): Promise<'entered' | 'found'> {
      const entry = await present(key);
      const ours = entry.changedBy === reference;
      if (ours && entry.grade === grade) return 'entered';
      if (!ours && entry.grade === grade && grade !== expects) return 'found';
      if (ours || entry.grade !== expects) throw new ProtocolChanged();
      await change(key, entry, {
        karakter: grade,
        endring: { endringsstatus: 'KLAGE', endretAv: by, endretDato: on, eksternReferanse: reference },
      });
      return 'entered';
    },

    /** Sets or lifts "Sperr mot visning på karakterutskrift" (GC-29, GC-41..43). */
    async block({ blocked, ...key }: ResultKey & { readonly blocked: boolean }): Promise<void> {
      const entry = await present(key);
      if (entry.blocked !== blocked) await change(key, entry, { sperretMotVisning: letter(blocked) });
    },

    /**
     * Postpones the student's diploma to a date, or takes that back with null (GC-45: student note VTM-UTSETTELSE). One note for
     * each `reference`: two complaints of one student leave each other's alone. Safe to repeat.
     */
    async postponeDiploma({
      student,
      reference,
      until,
      note,
    }: {
      readonly student: string;
      readonly reference: string;
      readonly until: string | null;
      readonly note: string;
    }): Promise<void> {
      const path = `personer/${joined(student)}/merknader/VTM-UTSETTELSE/${encodeURIComponent(reference)}`;
      const before = (await found({ path, schema: postponementAnswer }))?.value;
      if (until === null) return before && void (await found({ method: 'DELETE', path, schema: z.unknown() }));
      if (before?.dato === until && before.merknad === note) return;
      await rest({ method: 'PUT', path, body: { dato: until, merknad: note }, schema: postponementAnswer });
    },

    /** The trial of FS571.001: what a new calculation of the top would change, and nothing is written (GC-28). */
    trial: async (top: ResultKey): Promise<readonly Recalculated[]> => (await calculation(top)).units,

    /**
     * Calculates the top anew and writes it, with change status KLAGE (GC-26, GC-27). `expects` is what the trial showed for the
     * top: when it is something else by now, nothing is written. When the top stands so already, neither.
     */
    async recalculate({
      expects,
      by,
      on,
      reference,
      ...top
    }: ResultKey & {
      readonly expects: string | null;
      readonly by: string;
      readonly on: string;
      readonly reference: string;
    }): Promise<readonly Recalculated[]> {
      const { units } = await calculation(top);
      const own = units.find(({ unit }) => sameUnit(unit, top.unit));
      if (own?.after !== expects) throw new ProtocolChanged();
      if (units.every(({ before, after }) => before === after)) return units;
      const written = await calculation(top, { by, on, reference });
      if (!written.written) throw new PartnerUnavailable('fs', 'malformed');
      return written.units;
    },

    /** Answers when FS does and knows our credentials. */
    probe: async () => void (await graphql('query{__typename}', {}, z.object({}))),
    close,
  };
}
/** FS as Registrar uses it. */
export type Fs = ReturnType<typeof fs>;
