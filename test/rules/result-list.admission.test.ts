import { describe, expect, it } from '../spec.js';
import { admit, commandsFor, type Actor, type RoleName } from '../../workflows/process.js';
import { definition, type ListCommand, type ListState } from '../../workflows/result-list/definition.js';
import { actor, aList, courseOffice, examiner, otherExaminer, registrar, teacher } from '../support/list-asks.js';

const states = Object.keys(definition.states) as ListState[];
const commands = Object.keys(definition.commands) as ListCommand[];
const giverOf = (command: ListCommand): Actor => {
  const { by } = definition.commands[command] as { by: Partial<Record<RoleName, string>> };
  return by.system ? registrar : by['course-office'] && !by.teacher ? courseOffice : by.examiner ? examiner : teacher;
};
const reachable = (command: ListCommand): readonly ListState[] => definition.commands[command].in;
const impossible = commands.flatMap((command) =>
  states.filter((state) => !reachable(command).includes(state)).map((state) => [command, state] as const),
);
const possible = commands.flatMap((command) => reachable(command).map((state) => [command, state] as const));

describe('the table of states and commands', () => {
  it.each(impossible)('RL-35 refuses %s while the list is %s', (command, state) => {
    expect(admit(definition, command, aList({ state }), giverOf(command))).toEqual({
      refused: true,
      kind: 'conflict',
      code: 'wrong-state',
      rule: definition.commands[command].rule,
      details: { command, state },
    });
  });

  it.each(possible)('RL-35 lets %s through while the list is %s', (command, state) => {
    expect(admit(definition, command, aList({ state }), giverOf(command))).toBeUndefined();
  });

  it('RL-35 offers nothing once the students are told or the list is withdrawn, but to note an annulment', () => {
    expect(definition.final).toEqual(['informed', 'withdrawn']);
    for (const state of definition.final)
      for (const person of [teacher, examiner, registrar]) expect(commandsFor(definition, aList({ state }), person)).toEqual([]);
    expect(definition.final.map((state) => commandsFor(definition, aList({ state }), courseOffice))).toEqual([
      ['note-annulment'],
      [],
    ]);
  });

  const offered: readonly [ListState, { teacher: string[]; examiner: string[]; courseOffice: string[] }][] = [
    [
      'draft',
      {
        teacher: [
          'save',
          'remove',
          'fetch',
          'find-exams',
          'find-columns',
          'check-registrations',
          'mail-not-registered',
          'move-not-registered',
          'send',
          'withdraw',
        ],
        examiner: [
          'save',
          'remove',
          'fetch',
          'find-exams',
          'find-columns',
          'check-registrations',
          'mail-not-registered',
          'move-not-registered',
          'send',
          'request-code',
          'order-bankid',
          'sign',
          'withdraw',
        ],
        courseOffice: ['check-registrations'],
      },
    ],
    [
      'with-examiner',
      {
        teacher: ['check-registrations', 'mail-not-registered', 'move-not-registered'],
        examiner: [
          'correct',
          'check-registrations',
          'mail-not-registered',
          'move-not-registered',
          'return',
          'request-code',
          'order-bankid',
          'sign',
        ],
        courseOffice: ['check-registrations'],
      },
    ],
    ['signed', { teacher: [], examiner: [], courseOffice: ['confirm-signed-archive-list', 'enter'] }],
    ['registering', { teacher: [], examiner: [], courseOffice: [] }],
    ['entering', { teacher: [], examiner: [], courseOffice: ['confirm-arrival'] }],
    ['registered', { teacher: [], examiner: [], courseOffice: ['transfer-again', 'confirm-arrival'] }],
    ['arrived', { teacher: [], examiner: [], courseOffice: [] }],
  ];
  it.each(offered)('RL-36 offers each role what is its own while the list is %s', (state, expected) => {
    const subject = aList({ state });
    expect(commandsFor(definition, subject, teacher)).toEqual(expected.teacher);
    expect(commandsFor(definition, subject, examiner)).toEqual(expected.examiner);
    expect(commandsFor(definition, subject, courseOffice)).toEqual(expected.courseOffice);
  });

  it('RL-35 lets a teacher withdraw the own list only, and the examiner of the course any', () => {
    const others = aList({ createdBy: 'somebody' });
    expect(admit(definition, 'withdraw', others, teacher)).toMatchObject({ kind: 'forbidden', rule: 'RL-35' });
    expect(admit(definition, 'withdraw', others, otherExaminer)).toMatchObject({ kind: 'forbidden', rule: 'RL-35' });
    expect(admit(definition, 'withdraw', others, examiner)).toBeUndefined();
  });

  it('RL-38 keeps signing, correcting and returning to the examiner of the course', () => {
    for (const command of ['sign', 'correct', 'return', 'request-code', 'order-bankid'] as const)
      for (const person of [teacher, otherExaminer, courseOffice, registrar])
        expect(admit(definition, command, aList({ state: 'with-examiner' }), person)).toMatchObject({
          refused: true,
          kind: 'forbidden',
          code: 'not-yours-to-give',
          rule: 'RL-38',
        });
  });

  it('RL-46 keeps the definitive entry to the course office', () => {
    for (const person of [teacher, examiner, otherExaminer, registrar])
      expect(admit(definition, 'enter', aList({ state: 'signed' }), person)).toMatchObject({ kind: 'forbidden', rule: 'RL-46' });
  });

  it.each(commands)('AU-02 gives %s to nobody of another institution, and to nobody without a role', (command) => {
    const [state] = reachable(command);
    const elsewhere = { ...giverOf(command), institution: 'elsewhere' };
    for (const person of [elsewhere, actor('tove'), actor('rut', { role: 'auditor' }), actor('olle', { role: 'operations' })])
      expect(admit(definition, command, aList({ state: state as ListState }), person)).toMatchObject({
        kind: 'forbidden',
        code: 'not-yours-to-give',
      });
  });

  it('has no command that it does not know', () => {
    expect(admit(definition, 'abolish', aList(), teacher)).toMatchObject({ kind: 'missing', code: 'no-such-command' });
  });
});
