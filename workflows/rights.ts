import type { Actor, RoleName } from './process.js';

/**
 * Who may do what is no command of a process. The rights to commands, and to open a case, stand in the definitions of the
 * processes; what a right is narrowed to besides (a course, a committee) stands where it is asked for.
 */
const rights = {
  /** RL-44 */
  'print-archive-list': ['course-office'],
  /** RL-39: sets the count of failed codes back. */
  'unlock-signing': ['operations'],
  /** RL-55: administration mode, and with it settings, notices and contacts. */
  'edit-portal': ['operations'],
  /** GC-02, GC-13: the first grade, its explanation and the reasons, unless they sit on the committee. */
  'read-complaint-whole': ['case-worker', 'exam-office', 'auditor'],
  /** GC-38 */
  'print-complaint-protocol': ['case-worker', 'exam-office'],
  /** GC-47..50 */
  'report-complaints': ['case-worker', 'exam-office', 'auditor'],
  /** RX-08: letters that belong to no case and need somebody. */
  'mend-letters': ['operations'],
  /** RX-32: registers students, gives a consent in their name, reads their consents. */
  'handle-students': ['study-adviser', 'exam-office', 'case-worker'],
  /** RX-29 */
  'replace-number': ['exam-office', 'case-worker'],
  /** RX-09: brings a consent as it came with an application. */
  'bring-consent': ['integration'],
  'read-consents': ['study-adviser', 'exam-office', 'case-worker', 'auditor'],
  /** RX-15: what somebody has from elsewhere. */
  'read-external-studies': ['study-adviser', 'auditor'],
  /** RX-17: documents that were not believed. */
  'read-quarantine': ['operations'],
  /** RX-33: our own protocols. */
  'write-protocol': ['exam-office'],
  'read-protocol': ['exam-office', 'auditor'],
  /** AU-01 */
  'read-audit': ['auditor', 'operations'],
  /** AU-01: what each entry on a result list said, grades and all. */
  'read-entries': ['auditor'],
  /** AU-02: what the Temporal UI shows, in clear. */
  'decode-payloads': ['operations'],
} as const satisfies Readonly<Record<string, readonly RoleName[]>>;

/** What one may do that is no command of a process. */
export type Right = keyof typeof rights;

/** Whether somebody holds a right by one of their roles. */
export const may = ({ roles }: Pick<Actor, 'roles'>, right: Right): boolean =>
  roles.some(({ role }) => (rights[right] as readonly RoleName[]).includes(role));

/** The roles that hold a right, as the description of the API names them. */
export const holding = (right: Right): string => rights[right].join(', ');
