/** A name in both languages; `en` is the Swedish one where Ladok has no English. */
export interface Names {
  readonly sv: string;
  readonly en: string;
}

/** A module of a course, as reported on (`IngaendeMoment`). */
export interface Module {
  readonly code: string;
  readonly instanceUid: string;
  readonly names: Names;
  /** Higher education credits. */
  readonly credits: number;
  readonly scaleId: number;
  /** Results need a title (`KravPaProjekttitel`). */
  readonly titleWanted?: boolean;
  /** Its grade is the final grade of the course, by the syllabus. */
  readonly decides?: boolean;
}

/** One course occasion (`Kurstillfalle`) with the modules of its course instance. Dates `YYYY-MM-DD`. */
export interface CourseOccasion {
  readonly courseCode: string;
  readonly names: Names;
  readonly courseUid?: string;
  readonly courseInstanceUid: string;
  readonly scaleId: number;
  readonly titleWanted?: boolean;
  /** No longer given (nedlagd). */
  readonly discontinued?: boolean;
  readonly occasionUid: string;
  readonly occasionCode: string;
  readonly from?: string;
  readonly to?: string;
  readonly modules: readonly Module[];
}

/** A grade scale of this institution (`Betygsskala`); ids differ between institutions, codes do not. */
export interface GradeScale {
  readonly id: number;
  readonly code: string;
  readonly names: Names;
  /** `passing` = `GiltigSomSlutbetyg`. */
  readonly grades: readonly { readonly id: number; readonly code: string; readonly passing: boolean }[];
}

/** A student. */
export interface LadokStudent {
  readonly studentUid: string;
  readonly givenName: string;
  readonly surname: string;
  /** Twelve characters without separator; interim numbers have a letter among the last four. */
  readonly personNumber: string;
}

/**
 * A student on a course occasion. Dates `YYYY-MM-DD`: the registration period, and the day the student left (`Avbrottsdatum`).
 */
export interface Participant extends LadokStudent {
  readonly from?: string;
  readonly to?: string;
  readonly discontinued?: string;
}

/** An exam (`Aktivitetstillfalle`) and the modules it is for. Dates `YYYY-MM-DD`; they differ for one that lasts days. */
export interface Exam {
  readonly examUid: string;
  readonly names: Names;
  readonly moduleInstanceUids: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** A note on a result (`Notering`): how an exam score travels. */
export interface Note {
  readonly definitionUid: string;
  readonly value: string;
}

/** A result that is not attested (`Arbetsunderlag`). */
export interface DraftResult {
  readonly resultUid: string;
  readonly status: 'draft' | 'ready';
  readonly gradeId?: number;
  readonly date?: string;
  /** `SenasteResultatandring`: opaque, handed back as it came. */
  readonly lock: string;
  /** Absent where Ladok does not tell. */
  readonly notes?: readonly Note[];
  readonly title?: string;
}

/** One student's row to report on one module; neither `draft` nor `attested` = nothing has happened yet. */
export interface ReportRow {
  readonly studyResultUid: string;
  readonly studentUid: string;
  readonly discontinued?: string;
  readonly draft?: DraftResult;
  readonly attested?: { readonly resultUid: string; readonly gradeId?: number; readonly date?: string };
}

/** What an attested result says (`Studentresultat`). The uids are absent where Ladok does not tell. */
export interface AttestedResult {
  readonly courseUid: string;
  readonly moduleCode?: string;
  readonly moduleInstanceUid?: string;
  readonly resultUid?: string;
  readonly gradeCode: string;
  readonly date: string;
}

/** Something in the way (`Hinder`); not blocking = a warning. `text` is Swedish, for staff. */
export interface Obstacle {
  readonly key: string;
  readonly blocking: boolean;
  readonly text: string;
}

/** What a draft shall say; ids from the scale of the module, the date `YYYY-MM-DD`. */
export interface DraftContent {
  readonly gradeId: number;
  readonly scaleId: number;
  readonly date: string;
  readonly notes?: readonly Note[];
  /** `Projekttitel.Titel`, of a degree project. */
  readonly title?: string;
}
