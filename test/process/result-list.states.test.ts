import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { readCase } from '../../activities/case/case-row.js';
import { resultListStore } from '../../activities/result-list/store.js';
import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { definition } from '../../workflows/result-list/definition.js';
import { student } from '../simulators/sample.js';
import { filledList, type ListInHand } from '../support/lists.js';
import { auditOf } from '../support/staff.js';
import { openUniversity, type Login, type University } from '../support/university.js';

type Given = Exclude<keyof typeof definition.commands, 'remind' | 'transferred' | 'attested' | 'told'>;

const rows = [{ student: student(0).uid, grade: 'C', examinationDate: '2026-11-02' }];
const given: Readonly<Record<Given, readonly [Login, object]>> = {
  save: ['tove', { version: 1, rows }],
  remove: ['tove', { version: 1, students: [student(0).uid] }],
  correct: ['eva', { version: 1, rows }],
  fetch: ['tove', { from: 'term', term: '20262' }],
  'find-exams': ['tove', {}],
  'find-columns': ['tove', { room: 'XX1000-50001' }],
  'check-registrations': ['karin', {}],
  'mail-not-registered': ['tove', {}],
  'move-not-registered': ['eva', { version: 1 }],
  send: ['tove', { version: 1 }],
  return: ['eva', { reason: 'Look once more.' }],
  'request-code': ['eva', { version: 1 }],
  'order-bankid': ['eva', { version: 1 }],
  sign: ['eva', { version: 1, proof: 'b0000000-0000-4000-8000-000000000009' }],
  'confirm-signed-archive-list': ['karin', {}],
  enter: ['karin', { controlNumber: '1234567889' }],
  'transfer-again': ['karin', {}],
  'confirm-arrival': ['karin', { reason: 'Seen there.' }],
  'note-annulment': ['karin', { reason: 'Looked at.' }],
  withdraw: ['tove', {}],
};
const states = Object.keys(definition.states);

describe('every command in every state it is not for', () => {
  let at: University;
  let list: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
    list = await filledList(at);
  });
  afterAll(() => at.close());
  const seen = async () => {
    const { step, version, state, data } = await list.read();
    return { step, version, state, data };
  };
  const put = (state: string) => at.world.db.$executeRaw`UPDATE cases SET state = ${state} WHERE number = ${BigInt(list.number)}`;

  it.each(states)('RL-35 is refused with its rule while the list is %s, and changes nothing', async (state) => {
    await put(state);
    const before = [await list.rows(), await seen()];
    const out = Object.entries(given).filter(
      ([command]) => !(definition.commands[command as Given].in as readonly string[]).includes(state),
    );
    for (const [command, [login, sent]] of out) {
      const { status, body } = await at.as(login).post(`/result-lists/${list.number}/${command}`, sent);
      expect({ command, status, code: body.code, rule: body.rule, details: body.details }).toEqual({
        command,
        status: 409,
        code: 'wrong-state',
        rule: definition.commands[command as Given].rule,
        details: { command, state },
      });
    }
    expect([await list.rows(), await seen()]).toEqual(before);
    const traced = (await auditOf(at, `result-list/${list.number}`)).filter(
      (entry) => entry.outcome === 'refused' && entry.details?.state === state,
    );
    expect(traced.map((entry) => entry.action).sort()).toEqual(out.map(([command]) => `result-list.${command}`).sort());
  });

  it.each(states)('RL-35 is not among what anybody is offered while the list is %s', async (state) => {
    await put(state);
    for (const login of ['tove', 'eva', 'karin']) {
      const offered = (await list.read(login)).commands.map((one: { name: string }) => one.name) as Given[];
      for (const command of offered) expect(definition.commands[command].in).toContain(state);
    }
  });

  it('tells the rule of a command its own facts, and fails where it asks for others, rather than have it judge by nothing', async () => {
    const found = await readCase(at.world.db, { kind: 'result-list', number: list.number });
    const ask = { body: {}, actor: { id: '', institution: 'bth', roles: [] }, at: new Date().toISOString(), today: '2026-11-22' };
    const facts = await resultListStore(at.config.secrets).facts(at.world.db, {
      ...ask,
      subject: found?.subject as CaseView<ListData>,
      command: 'send',
    });
    expect(facts.rows).toHaveLength(12);
    expect(() => facts.settings).toThrow('the rule of send is not told settings');
  });

  it.each(['remind', 'transferred', 'attested', 'told'])(
    'RL-35 leaves %s to Registrar itself: nobody has an address for it',
    async (command) => {
      expect(await at.as('karin').post(`/result-lists/${list.number}/${command}`)).toMatchObject({
        status: 404,
        body: { code: 'no-such-page' },
      });
    },
  );
});
