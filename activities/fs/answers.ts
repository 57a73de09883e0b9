import { z } from 'zod';
import type { Scale } from '../../workflows/complaint/complaint.js';
import type { AssessmentUnit, FsComplaint, ProtocolEntry } from './terms.js';

const flag = z.enum(['J', 'N']).transform((letter) => letter === 'J');
const day = z.iso.date();
const number = z.int().positive().transform(String);

const unit = z
  .object({
    emnekode: z.string().min(1),
    versjonskode: z.string().min(1),
    vurdkombkode: z.string().min(1),
    arstall: z.int(),
    vurdtidkode: z.string().min(1),
  })
  .transform((u): AssessmentUnit => ({
    course: u.emnekode,
    version: u.versjonskode,
    combination: u.vurdkombkode,
    year: u.arstall,
    term: u.vurdtidkode,
  }));

/** What the kinds of scale are called in FS; all others carry their order as data, or have none. */
const kinds: Readonly<Record<string, Scale['kind']>> = { BOKSTAV: 'letters', BESTATT: 'passed-failed' };

const scale = z
  .object({
    kode: z.string().min(1),
    rekkefolge: flag,
    karakterer: z.array(z.object({ karakter: z.string().min(1), bestatt: flag })).min(1),
  })
  .transform((s) => ({
    kind: kinds[s.kode] ?? 'other',
    ordered: s.rekkefolge,
    grades: s.karakterer.map(({ karakter, bestatt }) => ({ grade: karakter, passing: bestatt })),
  }));

const diplomas = { PRODUSERT: 'produced', 'SKREVET UT': 'printed' } as const;

/** One entry of the assessment protocol; the names are invented (X). Its grade has to be one of its scale. */
export const entryAnswer = z
  .object({
    id: z.string().min(1),
    karakter: z.string().min(1),
    status: z.enum(['B', 'S']),
    karakterskala: scale,
    karakterdato: day,
    kandidatnummer: z.string().nullable(),
    sensorer: z.array(z.object({ ansattnr: z.string().min(1) })),
    toppenhet: unit.nullable(),
    vitnemal: z.enum(['PRODUSERT', 'SKREVET UT']).nullable(),
    sperretMotVisning: flag,
    endring: z.object({ endringsstatus: z.string(), eksternReferanse: z.string().nullable() }).nullable(),
    sted: z.object({ stedkode: z.string().min(1), navn: z.string().min(1) }).nullish(),
    campus: z.string().min(1).nullish(),
    reellTid: z.object({ arstall: z.int(), vurdtidkode: z.string().min(1) }).nullish(),
  })
  .refine((e) => e.karakterskala.grades.some(({ grade }) => grade === e.karakter))
  .transform((e): Omit<ProtocolEntry, 'etag'> => ({
    id: e.id,
    grade: e.karakter,
    passed: e.status === 'B',
    scale: e.karakterskala,
    gradedOn: e.karakterdato,
    candidate: e.kandidatnummer,
    examiners: e.sensorer.map(({ ansattnr }) => ansattnr),
    top: e.toppenhet,
    diploma: e.vitnemal && diplomas[e.vitnemal],
    blocked: e.sperretMotVisning,
    changedBy: e.endring?.eksternReferanse ?? null,
    ...(e.sted && { place: { code: e.sted.stedkode, name: e.sted.navn } }),
    ...(e.campus && { campus: e.campus }),
    ...(e.reellTid && { realTime: { year: e.reellTid.arstall, term: e.reellTid.vurdtidkode } }),
  }));

const complaint = z
  .object({
    id: z.string().min(1),
    eksternReferanse: z.string().nullish(),
    mottattDato: day,
    fristDato: day.nullable(),
    sendtNyKommisjonDato: day.nullish(),
    kommisjonsnr: z.int().nullish(),
    vedtak: z.enum(['TIL GUNST', 'TIL UGUNST', 'UENDRET', 'AVVIST', 'TRUKKET']).nullable(),
    vedtakFormidletDato: day.nullish(),
    ferdigbehandlet: flag,
    journalnr: z.string().nullable(),
    saksbehandler: z.string().nullish(),
  })
  .transform((k): FsComplaint => ({
    id: k.id,
    reference: k.eksternReferanse ?? null,
    received: k.mottattDato,
    deadline: k.fristDato,
    sentToCommittee: k.sendtNyKommisjonDato ?? null,
    committee: k.kommisjonsnr ?? null,
    decision: k.vedtak,
    communicated: k.vedtakFormidletDato ?? null,
    finished: k.ferdigbehandlet,
    journalNumber: k.journalnr,
    caseWorker: k.saksbehandler ?? null,
  }));
/** A complaint in FS (klagesak). */
export const complaintAnswer = complaint;
/** Complaints that a search found. */
export const complaintsAnswer = z.object({ items: z.array(complaint) });

/** Committees of a unit. */
export const committeesAnswer = z.object({
  items: z.array(z.object({ kommisjonsnr: z.int().positive(), eksternReferanse: z.string().nullish() })),
});
/** The number under which FS keeps a committee (GC-15). */
export const committeeAnswer = z.object({ kommisjonsnr: z.int().positive() });

/** A note that postpones a diploma (GC-45). */
export const postponementAnswer = z.object({ dato: day, merknad: z.string() });

const outcome = z.object({ karakter: z.string().nullable(), status: z.enum(['B', 'S']).nullable() });
/** What a calculation of the top grade found (FS571.001), or wrote. */
export const calculationAnswer = z
  .object({ oppdatert: flag, resultater: z.array(z.object({ vurderingsenhet: unit, for: outcome, etter: outcome })).min(1) })
  .transform((c) => ({
    written: c.oppdatert,
    units: c.resultater.map((r) => ({ unit: r.vurderingsenhet, before: r.for.karakter, after: r.etter.karakter })),
  }));

const inLanguages = z.object({ nb: z.string().nullish(), nn: z.string().nullish(), en: z.string().nullish() });
const connection = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node) });

/** `emner`, as public clients ask for it. */
export const coursesAnswer = z.object({
  emner: connection(z.object({ kode: z.string(), versjonskode: z.string(), navnAlleSprak: inLanguages })),
});

/** `personer`: the fields by public clients (B), the filter invented (X). */
export const personsAnswer = z.object({
  personer: connection(
    z.object({
      personlopenummer: z.union([number, z.string()]),
      navn: z.object({ fornavn: z.string(), etternavn: z.string() }),
      privatEpost: z.string().nullish(),
      maalform: z.string().nullish(),
      fodselsnummer: z.string().nullish(),
    }),
  ),
});
