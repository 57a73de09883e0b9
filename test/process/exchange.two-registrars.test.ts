import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { asDate } from '../../prisma/client.js';
import type { SettingName } from '../../workflows/settings/schema.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import { inState, played, registeredList } from '../support/register.js';
import { newcomer, refreshed, swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const [NORA, BORN] = ['01819000049', '1990-01-01'];
const OLA = '01859000270';
type Person = Awaited<ReturnType<typeof newcomer>>;

describe('two Registrars', () => {
  let source: University;
  let asker: University;
  let office: Person;
  let adviser: Person;
  const served: ReturnType<typeof serve>[] = [];

  const listen = (at: University): Promise<string> =>
    new Promise((ready) => {
      served.push(
        serve({ fetch: at.app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
          ready(`http://127.0.0.1:${port}/resultatutveksling/v1`),
        ),
      );
    });
  const keyOf = ({ config }: University) =>
    createPublicKey(readFileSync(config.EXCHANGE_KEY_FILE, 'utf8')).export({ type: 'spki', format: 'der' }).toString('base64');
  const set = (at: University, name: SettingName, value: boolean) =>
    at.world.db.setting.create({
      data: {
        institution: at.config.INSTITUTION_CODE,
        name,
        fromDate: asDate('2020-01-01'),
        value,
        setBy: personOf('olle').id,
        reason: 'For the test.',
      },
    });
  const register = async (by: Person, number: string, birthDate: string): Promise<string> => {
    const made = await by.post('/students', {
      number,
      givenName: 'Nora',
      surname: 'Eksempel',
      birthDate,
      email: 'nora@student.example',
      language: 'nb',
    });
    if (made.status !== 201) throw new Error(`not registered: ${JSON.stringify(made.body)}`);
    return made.body.person;
  };

  beforeAll(async () => {
    source = await openUniversity();
    asker = await openUniversity({
      other: { code: 'nord', exchangeCode: 'nord.example', registryUrl: source.config.EXCHANGE_REGISTRY_URL },
    });
    const registry = source.simulators.exchangeRegistry;
    registry.keepOnly();
    registry.put(
      {
        code: 'bth.example',
        number: '301',
        nb: 'Høgskolen i Sør',
        en: 'Southern College',
        url: await listen(source),
        keys: [keyOf(source)],
      },
      {
        code: 'nord.example',
        number: '302',
        nb: 'Høgskolen i Nord',
        en: 'Northern College',
        url: await listen(asker),
        keys: [keyOf(asker)],
      },
    );
    for (const at of [source, asker]) {
      await set(at, 'exchange-module', true);
      await set(at, 'exchange-test-numbers', true);
      await refreshed(at);
    }
    office = await newcomer(source, [{ role: 'exam-office' }]);
    adviser = await newcomer(asker, [{ role: 'study-adviser' }]);
  });
  afterAll(async () => {
    for (const server of served) server.close();
    await asker?.close();
    await source?.close();
  });

  /** Orders in an approval case, and waits for the end. */
  const order = async (
    approval: string,
  ): Promise<{
    readonly state: string;
    readonly outcome: string | null;
    readonly changed: readonly string[];
    readonly number: string;
  }> => {
    const made = await adviser.post('/exchanges', { approval });
    if (made.status !== 201) throw new Error(`no order: ${JSON.stringify(made.body)}`);
    const { number } = made.body.case;
    const ended = await eventually('the order ends', async () => {
      const { body } = await adviser.get(`/exchanges/${number}`);
      return ['complete', 'not-complete', 'waiting'].includes(body.state) && body;
    });
    const { id } = await asker.world.db.case.findUniqueOrThrow({ where: { number: BigInt(number) } });
    const [inquiry] = await asker.world.db.exchangeInquiry.findMany({ where: { caseId: id } });
    const changes = await asker.world.db.externalChange.findMany({ where: { caseId: id }, orderBy: { seq: 'asc' } });
    return { state: ended.state, outcome: inquiry?.outcome ?? null, changed: changes.map(({ change }) => change), number };
  };
  const approvalOf = async (person: string, consents = true): Promise<string> => {
    if (consents) expect((await adviser.post('/consents', { person, answer: 'J', reason: 'On paper.' })).status).toBe(201);
    return (await adviser.post('/approvals', { person })).body.case.number;
  };
  const studies = async (approval: string) => (await adviser.get(`/approvals/${approval}/external-studies`)).body.items;
  const warned = async (path: string) =>
    (await adviser.get(path)).body.warnings
      .filter(({ code }: { code: string }) => code === 'changed-after-fetch')
      .map(({ en }: { en: string }) => en);

  it('RX-33 exchange a result that arrived on a list, tell of its correction, and bring it over with the next fetch', async () => {
    const list = await registeredList(source);
    const row = (await list.rows())[0];
    // The register knows Swedish numbers: this student is given the Norwegian one under which the other institution asks.
    await source.world.db.$executeRaw`UPDATE result_rows SET person_number = ${NORA} WHERE student_uid = ${row.student}::uuid`;
    const approval = await approvalOf(await register(adviser, NORA, BORN));
    expect(await order(approval)).toMatchObject({ state: 'complete', outcome: 'unknown-there' });

    await played(source.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'informed');
    const first = await order(approval);
    expect(first).toMatchObject({ state: 'complete', outcome: 'fetched', changed: ['new'] });
    const [study] = await studies(approval);
    expect(study).toMatchObject({
      institution: { code: 'bth.example', nameNb: 'Høgskolen i Sør' },
      exchange: first.number,
      changedAfterFetchOn: null,
      results: [
        { category: 'module', code: 'XX1000 TEN1', result: 'B', credits: '4.5', term: '2026 HØST', passedOn: '2026-11-02' },
      ],
    });
    const [{ key }] = study.results;
    expect(await warned(`/approvals/${approval}`)).toEqual([]);

    expect((await office.post(`/protocol/${key}/correct`, { changes: { result: 'A' }, reason: 'Typed wrongly.' })).body).toEqual({
      key,
      changed: ['result'],
    });
    await swept(source);
    await eventually(
      'the other has been told',
      async () => (await source.world.db.onwardNotice.count({ where: { toldAt: { not: null } } })) === 1,
    );
    const today = dayOf(new Date().toISOString(), 'Europe/Stockholm');
    for (const path of [`/approvals/${approval}`, `/exchanges/${first.number}`])
      expect(await warned(path)).toEqual([
        `Results were changed there after they were fetched: Southern College (${today}). Fetch again.`,
      ]);
    expect((await studies(approval))[0]).toMatchObject({ changedAfterFetchOn: today, results: [{ result: 'B' }] });

    expect(await order(approval)).toMatchObject({ state: 'complete', outcome: 'fetched', changed: ['improved'] });
    const [after] = await studies(approval);
    expect(after).toMatchObject({
      changedAfterFetchOn: null,
      results: [{ key, result: 'A' }],
      changes: [{ key, change: 'improved', fields: { result: { from: 'B', to: 'A' } } }],
    });
    expect(await warned(`/approvals/${approval}`)).toEqual([]);
    await swept(source);
    expect(await source.world.db.onwardNotice.count()).toBe(1);

    const student = await register(office, NORA, BORN);
    const own = (await office.get(`/protocol?person=${student}`)).body.results;
    expect(own.map((one: any) => one.onward)).toEqual([
      [{ institution: 'nord.example', changedAt: expect.any(String), toldAt: expect.any(String), attempts: 1 }],
    ]);
    expect((await office.post(`/protocol/${key}/withdraw`, { reason: 'Cheated.' })).status).toBe(200);
    expect(await order(approval)).toMatchObject({ state: 'complete', outcome: 'nothing-passed', changed: ['withdrawn'] });
    expect((await studies(approval))[0].results).toEqual([expect.objectContaining({ key, withdrawnOn: today })]);
    const [{ onward }] = (await office.get(`/protocol?person=${student}`)).body.results;
    expect(onward).toEqual([{ institution: 'nord.example', changedAt: expect.any(String), toldAt: null, attempts: 0 }]);
    await source.world.db.onwardNotice.updateMany({ data: { triedAt: new Date('2026-01-01') } });
    await swept(source);
    await eventually(
      'the other has been told',
      async () => (await source.world.db.onwardNotice.count({ where: { toldAt: { not: null } } })) === 2,
    );
    expect([await warned(`/approvals/${approval}`), (await studies(approval))[0].changedAfterFetchOn]).toEqual([[], null]);
  });

  it('RX-11 end with an outcome of their own for each no, and say at the source who asked', async () => {
    const person = await register(office, OLA, '1990-05-01');
    const entry = {
      kind: 'qualification',
      category: 'qualification',
      code: 'B-ING',
      nameNb: 'Bachelor i ingeniørfag',
      nameEn: 'Bachelor of Engineering',
      passed: true,
      passedOn: '2026-06-15',
      credits: '180',
    };
    const today = dayOf(new Date().toISOString(), 'Europe/Stockholm');
    const { key } = (await office.post('/protocol', { person, entry: { ...entry, diplomaOn: today } })).body;
    const approval = await approvalOf(await register(adviser, OLA, '1990-05-01'));
    const outcomes: unknown[] = [(await order(approval)).outcome];
    const asked = async (name: SettingName, value: boolean) => {
      await set(source, name, value);
      outcomes.push((await order(approval)).outcome);
      await set(source, name, !value);
    };
    await asked('exchange-reserved', true);
    await asked('exchange-module', false);
    await asked('exchange-source-consent', true);
    expect(outcomes).toEqual(['degree-held-back', 'reserved', 'not-sharing', 'no-consent-there']);

    await office.post(`/protocol/${key}/correct`, { changes: { diplomaOn: '2026-06-20' }, reason: 'The day was wrong.' });
    expect(await order(approval)).toMatchObject({ state: 'complete', outcome: 'fetched' });
    expect((await studies(approval))[0].results).toEqual([
      expect.objectContaining({ key, category: 'qualification', code: 'B-ING', nameEn: 'Bachelor of Engineering' }),
    ]);
    const { body } = await office.get(`/protocol?person=${person}`);
    expect(body.disclosures.map((one: any) => [one.institution, one.question, one.basis, one.outcome, one.results])).toEqual([
      ['nord.example', 'results', 'consent', 'shared', 1],
      ['nord.example', 'status', 'consent', 'shared', 0],
      ['nord.example', 'status', 'consent', 'no-consent', 0],
      ['nord.example', 'status', 'consent', 'not-sharing', 0],
      ['nord.example', 'status', 'consent', 'reserved', 0],
      ['nord.example', 'status', 'consent', 'nothing-passed', 0],
    ]);
  });
});
