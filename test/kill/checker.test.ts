import { describe, expect, it } from '../spec.js';
import { check } from './checker.js';
import { cleanRun } from './clean-run.js';
import type { Evidence, ExchangeLine, InquiryLine } from './evidence.js';
import type { Finding } from './finding.js';

const least = { acknowledged: 8, caughtInTheMiddle: 1, fetches: ['term'], fetched: 1 };
const judged = (change: (seen: Evidence) => Partial<Evidence>): Finding[] => {
  const seen = cleanRun();
  return check({ ...seen, ...change(seen) }, least);
};
const broken = (change: (seen: Evidence) => Partial<Evidence>) => [...new Set(judged(change).map(({ invariant }) => invariant))];
const first = <T>(items: readonly T[], other: Partial<T>): T[] =>
  items.map((item, n) => (n === 0 ? { ...item, ...other } : item));

describe('the checker of the kill run', () => {
  it('finds nothing wrong with a run in which nothing is wrong', () => {
    expect(judged(() => ({}))).toEqual([]);
  });

  it('finds an acknowledged command that is lost', () => {
    const without = (seen: Evidence) => ({
      commands: seen.commands.filter(({ name }) => name !== 'save'),
      audit: seen.audit.filter(({ entry }) => entry.action !== 'result-list.save'),
    });
    expect(broken(without)).toEqual(['V1']);
    expect(judged(without)[0]?.what).toContain('is lost');
    expect(
      broken(({ commands }) => ({ commands: commands.map((one) => (one.name === 'sign' ? { ...one, status: null } : one)) })),
    ).toContain('V1');
  });

  it('finds an acknowledged command that stands twice in the audit', () => {
    expect(broken(({ audit }) => ({ audit: [...audit, { ...audit[1]!, seq: 9 }] }))).toContain('V1');
  });

  it('finds a refused command that was done all the same', () => {
    expect(
      broken(({ commands }) => ({
        commands: commands.map((one) => (one.name === 'withdraw' ? { ...one, status: 'done' as const } : one)),
      })),
    ).toContain('V2');
  });

  it('finds a command without a final answer, and one whose answer changed', () => {
    expect(
      broken(({ operations }) => ({
        operations: [...operations, { ...operations[1]!, op: 20, key: null, final: { is: 'none' } }],
      })),
    ).toEqual(['V3']);
    expect(broken(({ operations }) => ({ operations: first(operations, { again: [true, false] }) }))).toEqual(['V3']);
  });

  it('finds a letter that was sent twice, under one Message-ID or two', () => {
    expect(broken(({ letters }) => ({ letters: [...letters, '<2@host>'] }))).toEqual(['V4']);
    expect(broken(({ letters }) => ({ letters: [...letters, '<3@host>'] }))).toEqual(['V4']);
    expect(broken(() => ({ letters: ['<2@host>', '<1@host>', '<1@host>'] }))).toEqual(['V4']);
  });

  it('finds a letter that counts as sent and never arrived, and one that nobody promised', () => {
    expect(broken(() => ({ letters: [] }))).toEqual(['V4']);
    expect(broken(({ outbox }) => ({ letters: [], outbox: outbox.map((one) => ({ ...one, overtaken: true })) }))).toEqual([]);
    expect(broken(({ letters }) => ({ letters: [...letters, '<9@host>'] }))).toEqual(['V4']);
  });

  it('finds an order that never ended, and a student who stands twice on a list', () => {
    expect(broken(({ orders }) => ({ orders: first(orders, { state: 'open' }) }))).toEqual(['V10']);
    expect(broken(({ orders }) => ({ orders: first(orders, { state: 'failed' }) }))).toEqual([]);
    expect(broken(({ rows }) => ({ rows: [...rows, ...rows] }))).toEqual(['V4']);
    expect(broken(({ rows }) => ({ rows: [...rows, ...first(rows, { student: 'another uid' })] }))).toEqual(['V4']);
    expect(broken(({ rows }) => ({ rows: [...rows, ...first(rows, { caseId: 'another' })] }))).toEqual([]);
  });

  it('finds an uncertain letter in whose gap nothing was killed', () => {
    expect(broken(({ outbox }) => ({ outbox: first(outbox, { claimedAt: 30_000, doneAt: 31_000 }) }))).toEqual(['V4']);
    const killedAt = (at: number) =>
      broken(({ outbox, lines }) => ({
        outbox: first(outbox, { claimedAt: 30_000, doneAt: 300_000 }),
        lines: [...lines, { at, event: 'kill', part: 'worker', pid: 2 }],
      }));
    expect(killedAt(39_000)).toEqual([]);
    expect(killedAt(50_000)).toEqual(['V4']);
  });

  it('finds a code that was sent twice', () => {
    expect(broken(({ messages }) => ({ messages: [...messages, '4711 12345'] }))).toEqual(['V4']);
  });

  it('finds a row that was registered twice, as one result or as two', () => {
    expect(broken(({ register }) => ({ register: [...register, { effect: 'draft-created', resultUid: 'r1' }] }))).toEqual(['V4']);
    expect(
      broken(({ register }) => ({
        register: [...register, { effect: 'draft-created', resultUid: 'r2' }, { effect: 'marked-ready', resultUid: 'r2' }],
      })),
    ).toEqual(['V4']);
  });

  it('finds a row that never reached the register', () => {
    expect(broken(() => ({ register: [] }))).toEqual(['V4']);
    expect(broken(() => ({ transfers: [] }))).toContain('V4');
  });

  it('finds a broken chain, and a command that is done and not in the audit', () => {
    expect(broken(() => ({ chain: { ok: false, institution: 'bth', seq: '3', why: 'hash' } }))).toEqual(['V5']);
    expect(broken(({ audit }) => ({ audit: audit.filter(({ entry }) => entry.action !== 'result-list.told') }))).toContain('V5');
  });

  it('finds a signature over something else than what was frozen, and rows that changed afterwards', () => {
    expect(broken(({ signatures }) => ({ signatures: first(signatures, { recomputed: '0'.repeat(64) }) }))).toEqual(['V6']);
    expect(broken(({ signatures }) => ({ signatures: first(signatures, { rowsUnchanged: false }) }))).toEqual(['V6']);
    expect(broken(() => ({ signatures: [] }))).toEqual(['V6']);
  });

  it('finds an illegal way from state to state', () => {
    const detour = ({ audit }: Evidence) => ({
      audit: audit.map((line) =>
        line.entry.action === 'result-list.sign'
          ? { ...line, entry: { ...line.entry, details: { from: 'draft', to: 'signed', step: 2 } } }
          : line,
      ),
    });
    expect(broken(detour)).toEqual(['V7']);
    expect(broken(({ cases }) => ({ cases: first(cases, { step: 7 }) }))).toEqual(['V7']);
  });

  it('finds an open case without a workflow, a closed one with one, and one that cannot go on', () => {
    expect(broken(({ workflows }) => ({ workflows: first(workflows, { status: 'RUNNING' }) }))).toEqual(['V8']);
    expect(broken(({ cases }) => ({ cases: first(cases, { closed: false }) }))).toEqual(['V8']);
    expect(
      broken(({ workflows }) => ({
        workflows: workflows.map((one) => (one.id.startsWith('complaint/') ? { ...one, status: 'RUNNING' } : one)),
      })),
    ).toEqual(['V8']);
    expect(broken(({ workflows }) => ({ workflows: first(workflows, { failingTask: true }) }))).toEqual(['V8']);
    expect(broken(() => ({ trouble: ['[TMPRL1100] Nondeterminism error'] }))).toEqual(['V8']);
  });

  it('finds a promise that was never kept', () => {
    expect(
      broken(({ outbox, letters }) => ({
        outbox: outbox.map((row) => (row.key === 'mail:grade:one' ? { ...row, state: 'claimed' } : row)),
        letters,
      })),
    ).toEqual(['V10']);
  });

  it('finds a grade of a complaint that was entered twice, never, otherwise than decided, or by nobody', () => {
    expect(broken(({ entered }) => ({ entered: [...entered, ...entered] }))).toEqual(['V4']);
    expect(broken(() => ({ entered: [] }))).toEqual(['V4']);
    expect(broken(({ entered }) => ({ entered: first(entered, { grade: 'B' }) }))).toEqual(['V4']);
    expect(broken(({ entered }) => ({ entered: [...entered, { reference: 'another', grade: 'B' }] }))).toEqual(['V4']);
  });

  it('finds a grade that was only logged and stands in the protocol all the same', () => {
    expect(broken(({ entered, gradings }) => ({ entered: [...entered, { reference: gradings[0]!.id, grade: 'C' }] }))).toEqual([
      'V4',
    ]);
    expect(
      broken(({ complaints }) => ({
        complaints: first(complaints, {
          protocol: { grade: 'C', reference: 'e0000000-0000-4000-8000-000000000002', blocked: false },
        }),
      })),
    ).toEqual(['V4']);
  });

  it('finds a grade of a withdrawn complaint in the protocol', () => {
    const withdrawn = ({ complaints, gradings }: Evidence) => ({
      gradings: [gradings[0]!],
      entered: [],
      outbox: cleanRun().outbox.filter(({ grading }) => !grading),
      letters: ['<2@host>', '<6@host>'],
      complaints: first(complaints, {
        decision: 'withdrawn',
        grading: null,
        inFs: [{ decision: 'TRUKKET', finished: true }],
        protocol: { grade: 'A', reference: null, blocked: false },
      }),
    });
    expect(broken(withdrawn)).toEqual([]);
    expect(
      broken((seen) => ({
        ...withdrawn(seen),
        complaints: first(withdrawn(seen).complaints, { protocol: { grade: 'C', reference: null, blocked: false } }),
      })),
    ).toEqual(['V4']);
    expect(broken((seen) => ({ ...withdrawn(seen), entered: [{ reference: seen.gradings[0]!.id, grade: 'C' }] }))).toEqual([
      'V4',
    ]);
  });

  it('finds a result of a complaint that was told twice, never, or of a grade that is not in the protocol', () => {
    const notices = (change: (rows: Evidence['outbox']) => Evidence['outbox']) =>
      broken(({ outbox }) => ({ outbox: change(outbox) }));
    expect(
      notices((rows) => [
        ...rows,
        { ...rows[3]!, key: 'mail:result:two', state: 'uncertain', claimedAt: 300, doneAt: 400, marks: ['<5@host>'] },
      ]),
    ).toEqual(['V4']);
    expect(broken(({ letters }) => ({ letters: [...letters, '<4@host>'] }))).toEqual(['V4']);
    expect(notices((rows) => rows.map((row) => (row.grading ? { ...row, grading: null } : row)))).toEqual(['V4']);
    expect(broken(({ letters }) => ({ letters: letters.filter((mark) => mark !== '<4@host>') }))).toEqual(['V4']);
  });

  it('forgives a notice that was called off with its wrong grade', () => {
    expect(
      broken(({ gradings, letters }) => ({
        gradings: gradings.map((one) => ({ ...one, deleted: true })),
        letters: letters.filter((mark) => mark !== '<4@host>'),
      })),
    ).toEqual([]);
  });

  it('finds a block that is lost, one that stands too long, and a complaint that FS has twice or decided otherwise', () => {
    const inFs = (other: Partial<Evidence['complaints'][number]>) =>
      broken(({ complaints }) => ({ complaints: first(complaints, other) }));
    expect(inFs({ blocked: true })).toEqual(['V4']);
    expect(inFs({ protocol: { grade: 'D', reference: 'e0000000-0000-4000-8000-000000000003', blocked: true } })).toEqual(['V4']);
    expect(
      inFs({
        inFs: [
          { decision: 'TIL UGUNST', finished: true },
          { decision: 'TIL UGUNST', finished: true },
        ],
      }),
    ).toEqual(['V4']);
    expect(inFs({ inFs: [{ decision: 'UENDRET', finished: true }] })).toEqual(['V4']);
    expect(inFs({ inFs: [{ decision: 'TIL UGUNST', finished: false }] })).toEqual(['V4']);
    expect(inFs({ inFs: [] })).toEqual(['V4']);
  });

  it('finds a document that is in the archive twice, half, or not at all', () => {
    expect(broken(({ documents }) => ({ documents: [...documents, documents[0]!] }))).toEqual(['V4']);
    expect(broken(({ documents }) => ({ documents: first(documents, { files: 0 }) }))).toEqual(['V4']);
    expect(broken(({ documents }) => ({ documents: first(documents, { files: 2 }) }))).toEqual(['V4']);
    expect(broken(({ documents }) => ({ documents: documents.slice(0, 1) }))).toEqual(['V10']);
  });

  it('finds a complaint that waits for nobody, and one that could not be entered', () => {
    const left = (state: string, waitingFor: string | null) =>
      broken(({ cases }) => ({
        cases: cases.map((one) => (one.kind === 'complaint' ? { ...one, state, waitingFor, closed: false } : one)),
      }));
    expect(left('to-check', null)).toContain('V10');
    expect(left('to-check', 'exam-office')).not.toContain('V10');
    expect(left('registering', 'case-worker')).toContain('V10');
    expect(left('not-entered', 'case-worker')).toContain('V4');
  });

  it('finds an illegal way of a complaint, and an acknowledged command of one that is lost', () => {
    expect(
      broken(({ audit }) => ({
        audit: audit.map((line) =>
          line.entry.action === 'complaint.check'
            ? { ...line, entry: { ...line.entry, details: { from: 'to-check', to: 'withdrawn', step: 8 } } }
            : line,
        ),
      })),
    ).toEqual(['V7']);
    const lost = 'register-grade';
    expect(
      broken(({ commands, audit }) => ({
        commands: commands.filter(({ name }) => name !== lost),
        audit: audit.filter(({ entry }) => entry.action !== `complaint.${lost}`),
      })),
    ).toContain('V1');
  });

  /**
   * What is found where the order is in another state, and the answer of its first institution another; its case, letters and
   * ways stay those of the complete one.
   */
  const ordered = (state: string, inquiry: Partial<InquiryLine> = {}, other: Partial<ExchangeLine> = {}) =>
    judged(({ exchanges, inquiries }) => ({
      exchanges: first(exchanges, { state, ...other }),
      inquiries: first(inquiries, inquiry),
    })).map(({ what }) => what);

  it('finds an order of results that never ended, and one that waits for nobody or for an institution that is not down', () => {
    expect(ordered('complete')).toEqual([]);
    expect(ordered('running')).toContain('order 4714 never ended');
    expect(ordered('waiting')).toContain('order 4714 waits for nobody');
    expect(ordered('waiting', { outcome: 'down' })).toContain('order 4714 counts north.example as down, which it was not');
    expect(ordered('waiting', { outcome: 'down', answeredAt: 30_000 })).toContain(
      'order 4714 counts north.example as down, which it was not',
    );
    expect(ordered('waiting', { outcome: 'down', answeredAt: 5_500 })).toEqual(['order 4714 is waiting and has 1 letters']);
    expect(ordered('complete', { outcome: 'down', answeredAt: 5_500 })).toEqual(['order 4714 is complete without north.example']);
  });

  it('finds an institution that was forgotten, one that never answered, and one that answered twice', () => {
    expect(ordered('complete', {}, { asked: 3 })).toEqual(['order 4714 was to ask 3 institutions and knows of 2']);
    expect(ordered('complete', { state: 'open', outcome: null })).toEqual([
      'order 4714 is complete, and north.example is open with no outcome',
    ]);
    expect(ordered('complete', { state: 'dropped', outcome: null })).toEqual([
      'order 4714 is complete, and north.example is dropped with no outcome',
    ]);
    expect(ordered('stopped', { state: 'dropped', outcome: null })).toEqual(['order 4714 is stopped and has 1 letters']);
    expect(ordered('complete', { outcome: null })).toEqual([
      'order 4714 is complete, and north.example is answered with no outcome',
    ]);
    expect(judged(({ inquiries }) => ({ inquiries: [...inquiries, inquiries[0]!] })).map(({ what }) => what)).toEqual([
      'order 4714 has 2 answers of north.example in round 1',
    ]);
  });

  it('finds a letter of an order that was never promised', () => {
    expect(
      judged(({ outbox, letters }) => ({
        outbox: outbox.filter(({ key }) => key !== 'mail:complete:one'),
        letters: letters.slice(0, 2),
      })).map(({ what }) => what),
    ).toEqual(['order 4714 is complete and has 0 letters']);
  });

  it('finds a result that came in twice, and a difference that was told twice or was none', () => {
    expect(broken(({ held }) => ({ held: [...held, held[1]!] }))).toEqual(['V4']);
    expect(broken(({ changes, lines }) => ({ changes: [...changes, changes[0]!], lines: [...lines, lines[1]!] }))).toEqual([
      'V4',
    ]);
    expect(broken(({ changes }) => ({ changes: [...changes, { ...changes[0]!, caseId: 'a later order' }] }))).toEqual(['V4']);
    expect(
      broken(({ changes, lines }) => ({
        changes: [...changes, { ...changes[0]!, caseId: 'a later order' }],
        lines: [...lines, lines[1]!],
      })),
    ).toEqual([]);
    const isNew = (...orders: string[]) =>
      broken(({ changes }) => ({
        changes: [...changes, ...orders.map((caseId) => ({ ...changes[0]!, caseId, change: 'new' }))],
      }));
    expect(isNew('an earlier order')).toEqual([]);
    expect(isNew('an earlier order', 'a later order')).toEqual(['V4']);
  });

  it('finds a changed result that was fetched and is held as before', () => {
    expect(broken(({ held }) => ({ held: first(held, { grade: 'C' }) }))).toEqual(['V4']);
    expect(
      broken(({ held, lines }) => ({
        held,
        lines: [...lines, { ...lines[1]!, at: 3_000, grade: 'A' } as (typeof lines)[number]],
      })),
    ).toEqual([]);
  });

  it('finds more calls at a time than an institution allows', () => {
    expect(judged(({ institutions }) => ({ institutions: first(institutions, { most: 3 }) })).map(({ what }) => what)).toEqual([
      'north.example was called 3 times at a time, 2 are allowed',
    ]);
  });

  it('finds what was brought in after the no of a student, and after an order was stopped', () => {
    const no = (at: number) =>
      judged(({ consents }) => ({ consents: [...consents, { person: consents[0]!.person, answer: 'N', at }] })).map(
        ({ what }) => what,
      );
    expect(no(2_005)).toEqual(["order 4714 brought something in from south.example after the student's no"]);
    expect(no(2_015)).toEqual([]);
    expect(judged(() => ({ consents: [] })).map(({ what }) => what)).toEqual([
      "order 4714 brought something in from south.example after the student's no",
    ]);
    const stopped = (at: number) =>
      judged(({ operations }) => ({
        operations: [
          ...operations,
          { ...operations[0]!, command: 'stop', about: { list: '4714' }, final: { is: 'ok', at, status: 200, answer: {} } },
        ],
      })).map(({ what }) => what);
    expect(stopped(2_005)).toContain('order 4714 brought something in from south.example after its stop was acknowledged');
    expect(stopped(2_015).join()).not.toContain('after its stop');
  });

  it('finds an illegal way of an order, and an acknowledged answer to being fetched for that is lost', () => {
    expect(
      broken(({ audit }) => ({
        audit: audit.map((line) =>
          line.entry.action === 'exchange.round-ended'
            ? { ...line, entry: { ...line.entry, details: { from: 'waiting', to: 'complete', step: 1 } } }
            : line,
        ),
      })),
    ).toEqual(['V7']);
    expect(
      broken(({ commands, audit }) => ({
        commands: commands.filter(({ name }) => name !== 'enter'),
        audit: audit.filter(({ entry }) => entry.action !== 'consents.enter'),
      })),
    ).toContain('V1');
  });

  it('does not pass a run that saw too little', () => {
    expect(check(cleanRun(), { ...least, acknowledged: 9 }).map(({ invariant }) => invariant)).toEqual(['run']);
    expect(broken(() => ({ lines: [] }))).toContain('run');
    expect(broken(({ orders }) => ({ orders: orders.map((order) => ({ ...order, state: 'failed' })) }))).toEqual(['run']);
    expect(check(cleanRun(), { ...least, fetches: ['term', 'single'] })).toEqual([
      { invariant: 'run', what: 'nobody was fetched from single' },
    ]);
    expect(check(cleanRun(), { ...least, fetched: 2 })).toEqual([
      { invariant: 'run', what: 'only 1 orders brought results in from elsewhere, 2 are needed' },
    ]);
  });
});
