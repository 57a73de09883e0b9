import type { University } from './university.js';

/** One operation of the OpenAPI document, with an address that fits it. */
export interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly url: string;
  readonly open: boolean;
  readonly described: any;
}

const someId = 'b0000000-0000-4000-8000-000000000009';
export const someStudent = 'e0000000-0000-4000-8000-000000000000';
const samples: Readonly<Record<string, string>> = {
  number: '4711',
  order: someId,
  id: someId,
  person: someId,
  key: 'a'.repeat(64),
  result: 'a'.repeat(32),
  code: 'wrong-state',
  calendar: `${'a'.repeat(43)}.ics`,
};
const needsNoSignIn = /^\/(livez|readyz|version|openapi\.json|docs|problems|calendars)/;

/** A body that fits, for every operation that takes one. */
export const bodies: Readonly<Record<string, object>> = {
  '/result-lists': { kind: 'T33', course: 'XX1000', module: 'TEN1' },
  '/result-lists/order-bankid': { lists: [{ number: '4711', version: 1 }] },
  '/result-lists/sign': { lists: [{ number: '4711', version: 1, proof: someId }] },
  '/result-lists/{number}/save': {
    version: 1,
    rows: [{ student: someStudent, grade: 'B', examinationDate: '2026-11-02', score: null }],
  },
  '/result-lists/{number}/correct': { version: 1, rows: [{ student: someStudent, grade: 'B', examinationDate: '2026-11-02' }] },
  '/result-lists/{number}/remove': { version: 1, students: [someStudent] },
  '/result-lists/{number}/fetch': { from: 'term', term: '20262' },
  '/result-lists/{number}/find-exams': {},
  '/result-lists/{number}/find-columns': { room: 'XX1000-50001' },
  '/result-lists/{number}/check-registrations': {},
  '/result-lists/{number}/mail-not-registered': {},
  '/result-lists/{number}/move-not-registered': { version: 1 },
  '/result-lists/{number}/send': { version: 1 },
  '/result-lists/{number}/return': { reason: 'Look once more.' },
  '/result-lists/{number}/request-code': { version: 1 },
  '/result-lists/{number}/order-bankid': { version: 1 },
  '/result-lists/{number}/sign': { version: 1, proof: someId },
  '/result-lists/{number}/confirm-signed-archive-list': {},
  '/result-lists/{number}/enter': { controlNumber: '1234 5678 89' },
  '/result-lists/{number}/transfer-again': {},
  '/result-lists/{number}/confirm-arrival': { reason: 'Seen there.' },
  '/result-lists/{number}/note-annulment': { reason: 'Looked at.' },
  '/result-lists/{number}/withdraw': {},
  '/result-lists/{number}/deliveries/{id}/send-again': {},
  '/result-lists/{number}/deliveries/{id}/settled': {},
  '/subscriptions': { course: 'XX1000', until: '9999-12-31' },
  '/subscriptions/{number}/end': {},
  '/subscriptions/{number}/deliveries/{id}/send-again': {},
  '/subscriptions/{number}/deliveries/{id}/settled': {},
  '/delegations': { course: 'XX1000', to: someId, reason: 'On leave.' },
  '/delegations/{number}/end': {},
  '/delegations/{number}/deliveries/{id}/send-again': {},
  '/delegations/{number}/deliveries/{id}/settled': {},
  '/complaints': {
    type: 'grading',
    student: '100001',
    unit: { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' },
  },
  '/complaints/{number}/read-again': {},
  '/complaints/{number}/confirm': {},
  '/complaints/{number}/describe': { version: 1 },
  '/complaints/{number}/appoint': { members: [{ person: someId }] },
  '/complaints/{number}/send': {},
  '/complaints/{number}/move-deadline': { on: '2026-12-14', reason: 'The committee is ill.' },
  '/complaints/{number}/protect': { choice: 'neither' },
  '/complaints/{number}/halt': { reason: 'The diploma is out.' },
  '/complaints/{number}/resume': { diplomaReturned: true },
  '/complaints/{number}/register-grade': { grade: 'B' },
  '/complaints/{number}/enter-again': {},
  '/complaints/{number}/delete-grade': { reason: 'Typed wrongly.' },
  '/complaints/{number}/recalculate': { trial: true },
  '/complaints/{number}/check': {},
  '/complaints/{number}/report-wrong': { reason: 'Typed wrongly.' },
  '/complaints/{number}/correct': { grade: 'B' },
  '/complaints/{number}/explain': { text: 'The third task was left out.' },
  '/complaints/{number}/decide-error': { outcome: 'no-error', reason: 'All was in order.' },
  '/complaints/{number}/dismiss': { reason: 'No ground.' },
  '/complaints/{number}/withdraw': {},
  '/complaints/{number}/lift-block': {},
  '/complaints/{number}/deliveries/{id}/send-again': {},
  '/complaints/{number}/deliveries/{id}/settled': {},
  '/approvals': { person: someId },
  '/approvals/{number}/finish': {},
  '/approvals/{number}/reopen': {},
  '/approvals/{number}/deliveries/{id}/send-again': {},
  '/approvals/{number}/deliveries/{id}/settled': {},
  '/exchanges': { approval: '4711' },
  '/exchanges/{number}/stop': { reason: 'Ordered by mistake.' },
  '/exchanges/{number}/extend': { until: '2026-12-24', reason: 'It is said to be back then.' },
  '/exchanges/{number}/deliveries/{id}/send-again': {},
  '/exchanges/{number}/deliveries/{id}/settled': {},
  '/deliveries/{id}/send-again': {},
  '/deliveries/{id}/settled': {},
  '/signing/codes/{id}/check': { code: '12345' },
  '/signing/bankid/{id}/cancel': {},
  '/me/administration-mode': { on: true },
  '/me/calendars': { role: 'teacher' },
  '/me/calendars/{id}/end': {},
  '/settings/electronic-signature': {
    value: { enough: true, decidedBy: 'Rektor', decidedOn: '2019-11-12' },
    from: '2020-01-01',
    reason: 'Decided.',
  },
  '/settings/four-eyes': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/code-length': { value: 6, from: '2026-12-01', reason: 'Decided.' },
  '/settings/person-number-in-mail': { value: false, from: '2026-12-01', reason: 'Decided.' },
  '/settings/contacts': {
    value: { suggestions: 'suggestions@bth.example', reporting: 'reporting@bth.example' },
    from: '2026-12-01',
    reason: 'New addresses.',
  },
  '/settings/grade-words': {
    value: [{ scale: 'UG', course: null, word: 'Godkänd', grade: 'G' }],
    from: '2026-12-01',
    reason: 'Decided.',
  },
  '/settings/holidays': { value: [{ date: '2026-12-23', name: 'Closed' }], from: '2026-12-01', reason: 'Decided.' },
  '/settings/only-own-courses': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/entry-by-hand': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/complaint-protection': { value: 'block', from: '2026-12-01', reason: 'Decided.' },
  '/settings/complaint-committee': { value: { members: 2, external: 1 }, from: '2026-12-01', reason: 'Decided.' },
  '/settings/complaint-pilots': {
    value: [{ course: 'MAT1000', about: 'Digital grading.' }],
    from: '2026-12-01',
    reason: 'Decided.',
  },
  '/settings/complaint-help': { value: 'help@bth.example', from: '2026-12-01', reason: 'Decided.' },
  '/settings/complaint-law': {
    value: { complaint: 'kapittel 11', explanation: 'kapittel 11', 'formal-error': 'kapittel 11' },
    from: '2026-12-01',
    reason: 'Decided.',
  },
  '/settings/result-list-working-days': { value: 12, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-module': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-reserved': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-legal-basis': {
    value: { basis: 'statute', citation: 'kapittel 1' },
    from: '2026-12-01',
    reason: 'Decided.',
  },
  '/settings/exchange-consent': { value: { termRegistration: 10, studentWebModule: 20 }, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-source-consent': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-retry-days': { value: 20, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-calls': { value: 8, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-test-numbers': { value: true, from: '2026-12-01', reason: 'Decided.' },
  '/settings/exchange-support': { value: 'support@bth.example', from: '2026-12-01', reason: 'Decided.' },
  '/notices': { sv: 'Stängt i helgen.', nb: 'Stengt i helgen.', en: 'Closed at the weekend.' },
  '/notices/{id}/end': {},
  '/students': {
    number: '01536112185',
    givenName: 'Testperson1',
    surname: 'Resultatutveksling',
    birthDate: '1961-03-01',
    email: 'test1@student.bth.example',
    language: 'nb',
  },
  '/find-student': { number: '01536112185' },
  '/students/{person}/replace-number': { number: '01819000049', reason: 'Came with a passport.' },
  '/protocol': {
    person: someId,
    entry: { kind: 'assessment', category: 'course', code: 'RES-100', nameNb: 'Emne', nameEn: 'Course', passed: true },
  },
  '/protocol/{result}/correct': { changes: { result: 'B' }, reason: 'Typed wrongly.' },
  '/protocol/{result}/withdraw': { reason: 'Typed wrongly.' },
  '/consents': { answer: 'J' },
  '/people/{id}/unlock-signing': { reason: 'Asked at the desk, with an identity card.' },
};

/** The document as it is served, and its operations. */
export async function operationsOf(at: University): Promise<{ document: any; operations: Operation[] }> {
  const document: any = await (await at.app.request('/openapi.json')).json();
  const operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, described]) => ({
      method: method.toUpperCase() as 'GET',
      path,
      described,
      open: needsNoSignIn.test(path),
      url: path.replace(/\{(\w+)\}/g, (_all, name: string) => samples[name] ?? `no-sample-for-${name}`),
    })),
  );
  return { document, operations };
}

/** What every no has to look like. */
export const problemShape = (expect: any) => ({
  type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
  title: expect.any(String),
  status: expect.any(Number),
  detail: expect.any(String),
  instance: expect.any(String),
  code: expect.stringMatching(/^[a-z-]+$/),
  rule: expect.stringMatching(/^([A-Z]{2}-\d{2}|registrar)$/),
  requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
});
