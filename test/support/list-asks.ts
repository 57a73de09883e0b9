import type { Actor, CaseView, HeldRole } from '../../workflows/process.js';
import type { ListData, ListFacts, ListRow, ListSettings } from '../../workflows/result-list/list.js';
import { defaults } from '../../workflows/settings/values.js';

/** What the rules of a result list are asked, for tests without servers. The day is 22 November 2026. */
export const today = '2026-11-22';
export const at = '2026-11-22T10:00:00.000Z';

export const actor = (id: string, ...roles: HeldRole[]): Actor => ({ id, institution: 'bth', roles });
export const teacher = actor('tove', { role: 'teacher' });
export const examiner = actor('eva', { role: 'teacher' }, { role: 'examiner', course: 'XX1000' });
export const otherExaminer = actor('erik', { role: 'teacher' }, { role: 'examiner', course: 'YY2000' });
export const courseOffice = actor('karin', { role: 'course-office' });
export const registrar = actor('system', { role: 'system' });

/** Where the institution has set nothing. */
export const usualSettings: ListSettings = {
  electronicSignature: defaults['electronic-signature'].values,
  fourEyes: false,
  codeDigits: 5,
};

/** A list of the course XX1000, made by the teacher. */
export const aList = (other: Partial<CaseView<ListData>> = {}): CaseView<ListData> => ({
  id: 'a-list',
  number: '4711',
  kind: 'result-list',
  institution: 'bth',
  state: 'draft',
  step: 3,
  version: 7,
  scope: 'XX1000',
  waitingFor: 'teacher',
  due: null,
  needsAttention: false,
  createdBy: 'tove',
  data: {
    listKind: 'T33',
    course: { code: 'XX1000', nameSv: 'Exempelkurs', nameEn: 'Example course' },
    module: { code: 'TEN1', nameSv: 'Tentamen', nameEn: 'Examination', uid: 'm' },
    scale: { id: '1', code: 'AF' },
  },
  ...other,
});

export const aRow = (student: string, other: Partial<ListRow> = {}): ListRow => ({
  student,
  grade: 'B',
  examinationDate: '2026-11-02',
  score: null,
  ...other,
});

/** Everybody on the rows is registered for the autumn unless told otherwise. */
export const someFacts = (rows: readonly ListRow[], other: Partial<ListFacts> = {}): ListFacts => ({
  rows,
  registrations: rows.map(({ student }) => ({ student, from: '2026-08-31', to: '2027-01-17' })),
  grades: [
    { code: 'A', passing: true },
    { code: 'B', passing: true },
    { code: 'F', passing: false },
  ],
  examiners: ['eva'],
  courseOffice: ['karin'],
  health: { sms: true, bankId: true },
  settings: usualSettings,
  working: { zone: 'Europe/Stockholm', calendar: { country: 'SE', own: [] }, days: 10 },
  ...other,
});

/** An ask for any command. */
export const anAsk = <Body>(input: { list?: CaseView<ListData>; body: Body; facts: ListFacts; by?: Actor }) => ({
  case: input.list ?? aList(),
  body: input.body as never,
  facts: input.facts,
  actor: input.by ?? teacher,
  at,
  today,
  zone: 'Europe/Stockholm',
  fresh: 'fresh-id',
});
