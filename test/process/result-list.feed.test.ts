import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { randomUUID } from 'node:crypto';
import { ladok } from '../../activities/ladok.js';
import { followFeed } from '../../activities/result-list/arrivals.js';
import { queues } from '../../workflows/queues.js';
import { institution, student } from '../simulators/sample.js';
import { inHand } from '../support/lists.js';
import { inState, mailed, played, registeredList } from '../support/register.js';
import { eventually, openUniversity, type Login, type University } from '../support/university.js';

describe('the event feed of the register', () => {
  let at: University;
  let register: ReturnType<typeof ladok>;
  beforeAll(async () => {
    at = await openUniversity();
    register = ladok({ baseUrl: at.config.LADOK_URL });
  });
  afterAll(async () => {
    await register.close();
    await at.close();
  });

  it('RL-46 brings a list to its end while attested results cannot be asked for, and shows every row as attested before', async () => {
    at.simulators.ladok.faults.push({ match: 'GET /resultat/studentresultat/*', effect: '500' });
    const list = await registeredList(at);
    const shown = async () => [...new Set((await list.rows('karin')).map((row) => row.transfer.state))];
    const [one, ...others] = at.simulators.ladok.store.drafts.map((draft) => draft.uid);
    await played(at.simulators.ladok, '/__sim/attest', { resultatUIDer: others });
    await followFeed({ db: at.world.db, ladok: register, institution: institution.code });
    expect((await shown()).sort()).toEqual(['attested', 'ready']);
    expect((await list.read()).state).toBe('registered');
    await played(at.simulators.ladok, '/__sim/attest', { resultatUIDer: [one] });
    await at.world.temporal.workflow.execute('sweep', { taskQueue: queues.cases, workflowId: `sweep-${randomUUID()}` });
    expect(await shown()).toEqual(['attested']);
    expect((await inState(list, 'informed')).data.arrived).toMatchObject({ by: 'register' });
    await mailed(at, student(0).email, () => true);
    expect(at.simulators.ladok.faults).toHaveLength(1);
  });

  it('RL-46 shows a result that was annulled after its list had ended, until the course office has noted it', async () => {
    const { items } = (await at.as('karin').get('/result-lists')).body;
    const list = inHand(at, items.find((item: { state: string }) => item.state === 'informed').number);
    const note = (login: Login) =>
      at.as(login).post(`/result-lists/${list.number}/note-annulment`, { reason: 'Talked with the examiner.' });
    const offered = async () => (await list.read('karin')).commands.map((one: { name: string }) => one.name);
    expect([await offered(), (await note('karin')).body.code]).toEqual([[], 'nothing-annulled']);
    const { closedAt } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    await played(at.simulators.ladok, '/__sim/annul', { resultatUIDer: [at.simulators.ladok.store.attested[0]!.uid] });
    await followFeed({ db: at.world.db, ladok: register, institution: institution.code });
    expect(await list.read()).toMatchObject({ state: 'informed', needsAttention: true });
    expect(
      (await at.as('karin').get('/result-lists?attention=true')).body.items.map((item: { number: string }) => item.number),
    ).toEqual([list.number]);
    const annulled = async () =>
      (await list.rows('karin')).filter((row) => row.transfer.state === 'differs').map((row) => row.transfer);
    expect(await annulled()).toEqual([
      { state: 'differs', reason: 'annulled-later', reasonText: expect.stringContaining('efter att studenten hade fått besked') },
    ]);
    expect(await offered()).toEqual(['note-annulment']);
    expect(await note('tove')).toMatchObject({ status: 403, body: { rule: 'RL-46' } });
    expect(await note('karin')).toMatchObject({ status: 200, body: { case: { state: 'informed' } } });
    expect(await list.read()).toMatchObject({ state: 'informed', needsAttention: false });
    expect(await annulled()).toMatchObject([{ reason: 'annulled' }]);
    expect([await offered(), (await note('karin')).body.code]).toEqual([[], 'nothing-annulled']);
    expect((await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).closedAt).toEqual(closedAt);
    expect((await at.as('karin').get(`/result-lists/${list.number}/verification`)).body).toMatchObject({ holds: true });
  });

  it('RL-46 still follows rows that nobody had attested when a person let the list go on, and shows what was decided otherwise', async () => {
    at.simulators.ladok.faults.length = 0;
    at.simulators.ladok.store.attested = [];
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    const list = await registeredList(at);
    const follow = () => followFeed({ db: at.world.db, ladok: register, institution: institution.code });
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const transfers = await at.world.db.rowTransfer.findMany({ where: { caseId }, take: 4 });
    const uids = transfers.map((row) => row.resultUid as string);
    const attest = (...resultUIDer: string[]) => played(at.simulators.ladok, '/__sim/attest', { resultatUIDer: resultUIDer });
    const confirmed = await at
      .as('karin')
      .post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Seen on paper.', unattested: 12 });
    expect(confirmed.status).toBe(200);
    await inState(list, 'informed');

    await attest(uids[0]!);
    await follow();
    expect(await list.read()).toMatchObject({ needsAttention: false });
    await played(at.simulators.ladok, '/__sim/edit-draft', { resultatUID: uids[1], betygsgrad: 'E' });
    await attest(uids[1]!, uids[2]!);
    await played(at.simulators.ladok, '/__sim/annul', { resultatUIDer: [uids[2]] });
    await follow();
    const standing = async () => {
      const rows = await list.rows('karin');
      return transfers
        .map(({ studentUid }) => rows.find((row) => row.student === studentUid).transfer)
        .map(({ state, reason }) => [state, reason]);
    };
    expect(await standing()).toEqual([
      ['attested', null],
      ['differs', 'attested-with-other-content-later'],
      ['differs', 'annulled-later'],
      ['ready', null],
    ]);
    expect(await list.read()).toMatchObject({ state: 'informed', needsAttention: true });
    const noted = await at.as('karin').post(`/result-lists/${list.number}/note-annulment`, { reason: 'Told the student.' });
    expect(noted.status).toBe(200);
    expect(await list.read()).toMatchObject({ needsAttention: false });
    expect((await standing()).slice(1, 3)).toEqual([
      ['differs', 'attested-with-other-content'],
      ['differs', 'annulled'],
    ]);
    await attest(uids[3]!);
    await follow();
    expect([(await standing())[3], (await list.read()).needsAttention]).toEqual([['attested', null], false]);
  });

  it('RL-46 shows the people and Temporal that a result was annulled before the list had arrived', async () => {
    at.simulators.ladok.faults.length = 0;
    at.simulators.ladok.store.attested = [];
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    const list = await registeredList(at);
    const [one] = at.simulators.ladok.store.drafts.map((draft) => draft.uid);
    await played(at.simulators.ladok, '/__sim/attest', { resultatUIDer: [one] });
    await played(at.simulators.ladok, '/__sim/annul', { resultatUIDer: [one] });
    await followFeed({ db: at.world.db, ladok: register, institution: institution.code });
    expect((await list.read()).needsAttention).toBe(true);
    await eventually('Temporal shows that attention is asked for', async () => {
      const described = await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).describe();
      return described.typedSearchAttributes.getAll().find(({ key }) => key.name === 'RegistrarNeedsAttention')?.value;
    });
    expect((await list.read()).state).toBe('registered');
  });
});
