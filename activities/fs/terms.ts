import type { AssessmentUnit, Scale } from '../../workflows/complaint/complaint.js';

export type { AssessmentUnit };

/** Whether two names are those of the same unit. */
export const sameUnit = (one: AssessmentUnit, other: AssessmentUnit): boolean =>
  one.course === other.course &&
  one.version === other.version &&
  one.combination === other.combination &&
  one.year === other.year &&
  one.term === other.term;

/** One student's result in one unit. `student` is FS's number of the person (`personlopenummer`), digits as text. */
export interface ResultKey {
  readonly unit: AssessmentUnit;
  readonly student: string;
}

/** What the assessment protocol holds about one result. */
export interface ProtocolEntry {
  readonly id: string;
  /** Changes whenever the entry does. */
  readonly etag: string;
  readonly grade: string;
  /** The mark B or S, which FS sets by the grade (GC-20). */
  readonly passed: boolean;
  readonly scale: Scale;
  /** Date of the grade, YYYY-MM-DD. */
  readonly gradedOn: string;
  /** Those who set it, by their ids in the staff register. */
  readonly examiners: readonly string[];
  readonly candidate: string | null;
  /** The unit that this part grade is summed into (GC-26). */
  readonly top: AssessmentUnit | null;
  /** A diploma that this grade is part of (GC-05, GC-44). */
  readonly diploma: 'produced' | 'printed' | null;
  /** "Sperr mot visning på karakterutskrift". */
  readonly blocked: boolean;
  /** Our reference of the newest change, null when it was not ours. */
  readonly changedBy: string | null;
  /**
   * Who offers the course ("sted"), where, and when it really was assessed where that is another time than the unit's (GC-47).
   */
  readonly place?: { readonly code: string; readonly name: string };
  readonly campus?: string;
  readonly realTime?: { readonly year: number; readonly term: string };
}

/** What is complained about, in the words of FS. */
export type ComplaintType = 'SENSUR' | 'BEGRUNNELSE' | 'FORMELL FEIL';
/** How a complaint ended, in the words of FS. */
export type Decision = 'TIL GUNST' | 'TIL UGUNST' | 'UENDRET' | 'AVVIST' | 'TRUKKET';

/** What FS keeps of a complaint, in the words of its window "Begrunnelse og klage". Dates YYYY-MM-DD. */
export interface ComplaintFacts {
  /** "Klage mottatt" (GC-08). */
  readonly received: string;
  /** "Sensurfrist" (GC-17). */
  readonly deadline: string | null;
  /** "Sendt ny kommisjon" (GC-16). */
  readonly sentToCommittee: string | null;
  /** Number of the committee (GC-15). */
  readonly committee: number | null;
  readonly decision: Decision | null;
  /** "Vedtak formidlet" (GC-22). */
  readonly communicated: string | null;
  /** "Ferdigbehandlet" (GC-11, GC-21). */
  readonly finished: boolean;
  /** Of the archive's case (GC-10). */
  readonly journalNumber: string | null;
  /** FS initials (GC-09). */
  readonly caseWorker: string | null;
}

/**
 * A committee that assesses anew ("Kommisjon med sensorer", Klagekommisjon J) (GC-13..15). `members` by their ids in the staff
 * register.
 */
export interface Committee {
  readonly unit: AssessmentUnit;
  /** Ours: finds it again whatever number it has there. */
  readonly reference: string;
  readonly number: number;
  readonly name: string;
  readonly members: readonly string[];
}

/** A complaint as FS keeps it, with its number there. */
export interface FsComplaint extends ComplaintFacts {
  readonly id: string;
  /** Ours: finds the complaint again, since FS has no idempotency key. */
  readonly reference: string | null;
}

/** A unit whose grade a calculation changes, or would (GC-26..28). Null: no grade. */
export interface Recalculated {
  readonly unit: AssessmentUnit;
  readonly before: string | null;
  readonly after: string | null;
}
