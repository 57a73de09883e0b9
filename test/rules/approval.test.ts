import { describe, expect, it } from '../spec.js';
import { definition } from '../../workflows/approval/definition.js';
import { rules, type ApprovalData } from '../../workflows/approval/rules.js';
import { birth } from '../../workflows/approval/schema.js';
import { admit, type CaseView, type Due } from '../../workflows/process.js';
import { actor, registrar } from '../support/list-asks.js';

const adviser = actor('stine', { role: 'study-adviser' });
const [at, today, zone] = ['2026-11-20T12:00:00.000Z', '2026-11-20', 'Europe/Oslo'];
const anApproval = (state: string, due: Due | null = null): CaseView<ApprovalData> => ({
  id: 'an-approval',
  number: '4711',
  kind: 'approval',
  institution: 'bth',
  state,
  step: 1,
  version: 1,
  scope: null,
  waitingFor: null,
  due,
  needsAttention: false,
  createdBy: 'stine',
  data: { person: 'a-person' },
});
const given = (command: keyof typeof rules.commands, approval: CaseView<ApprovalData>, moment = at) =>
  rules.commands[command]({
    case: approval,
    body: {} as never,
    actor: command === 'due' ? registrar : adviser,
    facts: undefined,
    at: moment,
    today,
    zone,
    fresh: 'fresh',
  });

describe('an approval case', () => {
  it("RX-10 is opened for one person, with the institution's own number where it has one", () => {
    const born = (body: { person: string; reference?: string }, registered = true) =>
      rules.birth({ body, actor: adviser, facts: { registered }, at, today, zone, fresh: 'fresh' });
    expect(born({ person: 'a-person', reference: '2026/114' })).toMatchObject({
      state: 'in-progress',
      waitingFor: 'study-adviser',
      data: { person: 'a-person', reference: '2026/114' },
    });
    expect(born({ person: 'a-person' }, false)).toMatchObject({ refused: true, rule: 'RX-32', code: 'not-a-student' });
  });

  it("RX-10 takes no national number for the institution's own", () => {
    const person = 'b0000000-0000-4000-8000-000000000009';
    expect(birth.safeParse({ person, reference: '01819000049' }).success).toBe(false);
    expect(birth.safeParse({ person, reference: '199001010049' }).success).toBe(false);
    expect(birth.safeParse({ person, reference: '2026/0181900' }).success).toBe(true);
  });

  it('RX-20 is finished, can be taken up again for four weeks, and is closed then', () => {
    const finished = given('finish', anApproval('in-progress'));
    const due = { on: '2026-12-18', ends: '2026-12-18T23:00:00.000Z', rule: 'RX-20' };
    expect(finished).toMatchObject({
      state: 'finished',
      waitingFor: null,
      due: { ...due, why: { basis: 'finished', from: today, weeks: 4 } },
    });
    expect(given('reopen', anApproval('finished', due))).toMatchObject({
      state: 'in-progress',
      waitingFor: 'study-adviser',
      due: null,
    });
    expect(given('due', anApproval('finished', due), '2026-12-18T22:59:59.999Z')).toMatchObject({
      refused: true,
      rule: 'RX-20',
      code: 'not-due',
    });
    expect(given('due', anApproval('finished', due), due.ends)).toMatchObject({ state: 'closed', due: null });
  });

  it('RX-20 is a matter of study advisers, in the states the commands are for', () => {
    expect(admit(definition, 'finish', anApproval('in-progress'), adviser)).toBeUndefined();
    expect(admit(definition, 'reopen', anApproval('finished'), adviser)).toBeUndefined();
    expect(admit(definition, 'finish', anApproval('finished'), adviser)).toMatchObject({ rule: 'RX-20', code: 'wrong-state' });
    expect(admit(definition, 'reopen', anApproval('closed'), adviser)).toMatchObject({ rule: 'RX-20', code: 'wrong-state' });
    expect(admit(definition, 'finish', anApproval('in-progress'), actor('siri', { role: 'case-worker' }))).toMatchObject({
      rule: 'RX-20',
      code: 'not-yours-to-give',
    });
  });
});
