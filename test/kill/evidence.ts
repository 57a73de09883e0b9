import type { ChainReport } from '../../activities/audit.js';
import type { About, Line } from './operation-log.js';

/** A command as its client saw it, and the key under which the system should have it. */
export interface Operation {
  readonly op: number;
  readonly command: string;
  readonly about: About;
  readonly invokedAt: number;
  readonly doubted: boolean;
  readonly key: string | null;
  readonly final:
    | { readonly is: 'ok'; readonly at: number; readonly status: number; readonly answer: any }
    | { readonly is: 'fail'; readonly at: number; readonly status: number; readonly code: string }
    | { readonly is: 'none' };
  /** Asked again with the same key: whether the answer was the same. */
  readonly again: readonly boolean[];
}

export interface AuditLine {
  readonly seq: number;
  readonly caseId: string | null;
  readonly entry: {
    readonly action: string;
    readonly outcome: string;
    readonly key?: string;
    readonly actor?: string;
    readonly at?: string;
    readonly details?: Record<string, any>;
  };
}
export interface CaseLine {
  readonly id: string;
  readonly kind: string;
  readonly waitingFor: string | null;
  readonly number: string;
  readonly state: string;
  readonly step: number;
  readonly version: number;
  readonly closed: boolean;
  readonly signed: { readonly version: number; readonly hash: string } | null;
  readonly sentRows: number;
}
export interface OutboxLine {
  readonly caseId: string | null;
  readonly channel: string;
  readonly key: string;
  readonly state: string;
  readonly claimedAt: number | null;
  readonly doneAt: number | null;
  /** What it looks like in its sink: the Message-ID of a letter, or the text of the code. */
  readonly marks: readonly string[];
  /** The entry in the log of re-gradings that a notice of a result is about. */
  readonly grading: string | null;
  /** Tells of what is over since: it is kept by not being sent. */
  readonly overtaken: boolean;
}
/**
 * A complaint, with what FS has of it (one entry for each with our reference) and what stands in the protocol. `grading` is the
 * one that was decided to stand there, or the wrong one that waits to be put right.
 */
export interface ComplaintLine {
  readonly caseId: string;
  readonly number: string;
  readonly decision: string | null;
  readonly finished: boolean;
  readonly blocked: boolean;
  readonly grading: string | null;
  readonly firstGrade: string | null;
  readonly inFs: readonly { readonly decision: string | null; readonly finished: boolean }[];
  readonly protocol: { readonly grade: string; readonly reference: string | null; readonly blocked: boolean } | null;
}
export interface GradingLine {
  readonly id: string;
  readonly caseId: string;
  readonly grade: string;
  readonly inProtocol: boolean;
  readonly deleted: boolean;
}
export interface SignatureLine {
  readonly caseId: string;
  readonly version: number;
  readonly hash: string;
  readonly frozenHash: string | null;
  readonly recomputed: string | null;
  readonly rowsUnchanged: boolean;
}

/** An order of results from elsewhere; `asked` is how many institutions it was to ask. */
export interface ExchangeLine {
  readonly caseId: string;
  readonly number: string;
  readonly person: string;
  readonly state: string;
  readonly asked: number;
}
/** One institution in one round of an order. `imported`: something of it was brought in, or found gone. */
export interface InquiryLine {
  readonly caseId: string;
  readonly partner: string;
  readonly round: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly answeredAt: number | null;
  readonly imported: boolean;
}
export interface ConsentLine {
  readonly person: string;
  readonly answer: string;
  readonly at: number;
}
/** A result that is held of an institution. */
export interface HeldLine {
  readonly person: string;
  readonly partner: string;
  readonly key: string;
  readonly grade: string | null;
}
/** A difference that a fetch told of. `change` is `new` where the institution was asked before without having brought it. */
export interface ChangeLine {
  readonly caseId: string;
  readonly person: string;
  readonly partner: string;
  readonly key: string;
  readonly change: string;
}
/** A simulated institution: the greatest number of calls at a time that it saw, and how many it allows. */
export interface InstitutionLine {
  readonly code: string;
  readonly most: number;
  readonly allowed: number;
}

/** Everything the checker judges, read after the system has settled. */
export interface Evidence {
  readonly lines: readonly Line[];
  readonly operations: readonly Operation[];
  readonly commands: readonly { readonly key: string; readonly name: string; readonly status: 'done' | 'refused' | null }[];
  readonly audit: readonly AuditLine[];
  readonly chain: ChainReport;
  readonly cases: readonly CaseLine[];
  readonly outbox: readonly OutboxLine[];
  readonly signatures: readonly SignatureLine[];
  readonly transfers: readonly {
    readonly caseId: string;
    readonly student: string;
    readonly state: string;
    readonly resultUid: string | null;
  }[];
  readonly complaints: readonly ComplaintLine[];
  readonly gradings: readonly GradingLine[];
  /** Each grade that was ever entered into the protocol, under its reference. */
  readonly entered: readonly { readonly reference: string; readonly grade: string }[];
  /** Each document of the archive, under its reference. */
  readonly documents: readonly { readonly reference: string; readonly files: number }[];
  readonly orders: readonly {
    readonly id: string;
    readonly name: string;
    readonly from: string | null;
    readonly state: string;
  }[];
  /** Each row of each list: whose, as the list and the register know them. */
  readonly rows: readonly { readonly caseId: string; readonly student: string; readonly personNumber: string }[];
  /** Marks of what reached the sinks, one for each arrival. */
  readonly letters: readonly string[];
  readonly messages: readonly string[];
  readonly register: readonly { readonly effect: string; readonly resultUid: string }[];
  readonly exchanges: readonly ExchangeLine[];
  readonly inquiries: readonly InquiryLine[];
  readonly consents: readonly ConsentLine[];
  readonly held: readonly HeldLine[];
  readonly changes: readonly ChangeLine[];
  readonly institutions: readonly InstitutionLine[];
  readonly workflows: readonly { readonly id: string; readonly status: string; readonly failingTask: boolean }[];
  /** Lines of the worker's log that tell of a workflow that cannot go on. */
  readonly trouble: readonly string[];
}
