import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { sentList, type ListInHand } from '../support/lists.js';
import { auditOf } from '../support/staff.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('what was entered on a list', () => {
  let at: University;
  let list: ListInHand;
  const uid = student(0).uid;
  const entries = (login: string, query = '') => at.as(login).get(`/result-lists/${list.number}/entries${query}`);
  beforeAll(async () => {
    at = await openUniversity();
    list = await sentList(at);
    const rows = [{ student: uid, grade: 'C', examinationDate: '2026-11-02', score: '38,5' }];
    await at.as('eva').post(`/result-lists/${list.number}/correct`, { version: await list.version(), rows });
  });
  afterAll(() => at.close());

  it('AU-01 tells the auditor whose entry changed which row, from what to what, and when', async () => {
    const { status, body } = await entries('rut', `?student=${uid}`);
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { command: 'fetched', by: personOf('tove').id, rows: [{ student: uid, grade: null, examinationDate: null }] },
      {
        command: 'save',
        by: personOf('tove').id,
        rows: [{ student: uid, grade: 'F', examinationDate: '2026-11-02', score: '42.5' }],
      },
      { command: 'correct', by: personOf('eva').id, for: null, rows: [{ student: uid, grade: 'C', score: '38,5' }] },
    ]);
    expect(body.items.every((one: any) => one.unchanged && one.rows.length === 1)).toBe(true);
    expect(body.people[personOf('eva').id]).toContain('Eva');
    const audit = await auditOf(at, `result-list/${list.number}`);
    expect(body.items.map((one: any) => one.at)).toEqual(
      ['fetched', 'save', 'correct'].map((name) => audit.find((entry) => entry.action === `result-list.${name}`)?.at),
    );
  });

  it('AU-01 binds every entry to the audit, by a hash that tells no grade', async () => {
    const audit = await auditOf(at, `result-list/${list.number}`);
    for (const name of ['create', 'fetch', 'fetched', 'save', 'send', 'correct']) {
      const entry = audit.find(({ action }) => action === `result-list.${name}`);
      expect({ name, content: entry?.content }).toEqual({ name, content: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const { bodyHash } = await at.world.db.command.findUniqueOrThrow({ where: { key: entry!.key } });
      expect(entry!.content).not.toBe(bodyHash);
    }
  });

  it('AU-01 shows it by pages, in the order of the audit', async () => {
    const first = (await entries('rut', '?limit=2')).body;
    expect(first.items.map((one: any) => one.command)).toEqual(['fetched', 'save']);
    expect(first.items[1].rows).toHaveLength(12);
    const second = (await entries('rut', `?limit=2&after=${first.next}`)).body;
    expect([second.items.map((one: any) => one.command), second.next]).toEqual([['correct'], null]);
  });

  it('AU-01 shows it to no other role, and keeps that it was asked for and opened', async () => {
    for (const login of ['tove', 'eva', 'karin', 'olle'])
      expect(await entries(login)).toMatchObject({ status: 403, body: { rule: 'AU-01', code: 'not-yours-to-open' } });
    const audit = await auditOf(at, `result-list/${list.number}`);
    expect(audit.filter((entry) => entry.action === 'result-list.read-entries')).toMatchObject(
      ['tove', 'eva', 'karin', 'olle'].map((login) => ({ actor: personOf(login).id, outcome: 'refused', rule: 'AU-01' })),
    );
    expect(audit.filter((entry) => entry.action === 'result-list.opened' && entry.actor === personOf('rut').id)).toHaveLength(1);
  });
});
