import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { judge } from '../../activities/exchange/elmo/judge.js';
import { ownKey, type OwnKey } from '../../activities/exchange/http-signature.js';
import type { Institution, Institutions, Question } from '../../activities/exchange/institution.js';
import { institutions } from '../../activities/exchange/institutions.js';
import { exchangeRegistry, type ExchangeRegistry, type Listed } from '../../activities/exchange/registry.js';
import { exchangeRegistrySimulator } from '../simulators/exchange-registry.js';
import { institutionSimulators } from '../simulators/institutions.js';
import { documentFaults } from '../simulators/institutions/document.js';

const NORA = '01819000049';
const JON = '01819000391';
const TESTPERSON1 = '01536112185';
const TESTPERSON2 = '19588312510';

let key: OwnKey;
beforeAll(() => {
  key = ownKey(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
});

describe('the other institutions', () => {
  let simulated: ReturnType<typeof institutionSimulators>;
  let registry: ReturnType<typeof exchangeRegistrySimulator>;
  let catalogue: ExchangeRegistry;
  let asking: Institutions;
  let listed: Listed[];
  const open: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    registry = exchangeRegistrySimulator();
    simulated = institutionSimulators({ registry });
    const [servers, list] = [await simulated.listen(), await registry.listen()];
    registry.put({
      code: 'bth.example',
      number: '399',
      nb: 'Eksempelhøgskolen',
      en: 'Example University',
      url: 'http://127.0.0.1:9/resultatutveksling/v1',
      keys: [key.publicKey.replaceAll(/-----[^-]+-----|\s/g, '')],
    });
    catalogue = exchangeRegistry({ baseUrl: list.url, timeoutMs: 5_000 });
    asking = institutions({ key, timeoutMs: 3_000 });
    listed = await catalogue.institutions();
    open.push(servers.close, list.close, catalogue.close, asking.close);
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  const at = (name: string): Institution => {
    const found = listed.find(({ code, number }) => code === name || number === name);
    if (!found) throw new Error(`not listed: ${name}`);
    return found;
  };
  const about = (nationalNumber: string, more: Partial<Question> = {}): Question => ({
    id: randomUUID(),
    nationalNumber,
    basis: 'consent',
    consent: { type: 'RESULTATUTVEKS', answer: 'J', on: '2026-11-01' },
    ...more,
  });
  const ask = (name: string, number: string, more: Partial<Question> = {}) => asking.ask(at(name), about(number, more));
  const fetched = async (name: string, number: string) => {
    const { document } = await asking.fetch(at(name), about(number));
    return judge({ institution: at(name), nationalNumber: number, document });
  };
  const yes = { shares: true, reserved: false, consent: true, known: true, hasPassedResults: true, degreesHeldBack: 0 };

  describe('three questions', () => {
    it('RX-11 answers them from what it has and from the consent that comes along', async () => {
      expect(await ask('216', TESTPERSON1)).toEqual(yes);
      expect(await ask('214', TESTPERSON1)).toEqual({ ...yes, known: false, hasPassedResults: false });
      expect(simulated.of('216').calls).toEqual([
        expect.objectContaining({
          route: 'status',
          from: 'bth.example',
          nationalNumber: TESTPERSON1,
          basis: 'consent',
          consentType: 'RESULTATUTVEKS',
          consentAnswer: 'J',
          consentOn: '2026-11-01',
        }),
      ]);
    });

    it('RX-01 says that it is the statute where that is the basis', async () => {
      expect(await ask('216', TESTPERSON1, { basis: 'statute', consent: undefined })).toEqual(yes);
      expect(simulated.of('216').calls[0]).toMatchObject({ basis: 'statute', consentAnswer: undefined });
    });

    it.each([
      ['RX-03', 'reserved', { reserved: true }],
      ['RX-02', 'notSharing', { shares: false }],
      ['RX-11', 'noConsent', { consent: false }],
      ['RX-29', 'unknown', { known: false, hasPassedResults: false }],
    ] as const)('%s tells %s apart', async (_id, behaviour, told) => {
      simulated.of('216').behave({ [behaviour]: true });
      expect(await ask('216', TESTPERSON1)).toEqual({ ...yes, ...told });
    });

    it('RX-27 counts degrees whose diploma date is missing or not before today', async () => {
      expect(await ask('alta.example', '01859000270')).toEqual({ ...yes, degreesHeldBack: 1 });
      const today = new Date().toISOString().slice(0, 10);
      simulated.of('alta.example').change('01859000270', { key: 'g-mas-1', diplomaOn: today });
      expect(await ask('alta.example', '01859000270')).toMatchObject({ degreesHeldBack: 1 });
      simulated.of('alta.example').change('01859000270', { key: 'g-mas-1', diplomaOn: '2026-06-20' });
      expect(await ask('alta.example', '01859000270')).toMatchObject({ degreesHeldBack: 0 });
    });

    it('RX-13 counts no result that was failed', async () => {
      expect(await ask('tynset.example', JON)).toEqual({ ...yes, hasPassedResults: false });
    });

    it.each([
      ['garbage', { garbage: true }, 'malformed'],
      ['an answer that is not signed', { answer: 'unsigned' }, 'malformed'],
      ["an answer signed with another's key", { answer: 'other-key' }, 'malformed'],
      ['an answer over another body', { answer: 'wrong-digest' }, 'malformed'],
      ['an answer to another question', { answer: 'other-request' }, 'malformed'],
      ['an answer of ten minutes ago', { answer: 'old' }, 'malformed'],
      ['503', { down: { how: '503' } }, 'status'],
      ['a dropped connection', { down: { how: 'drop' } }, 'connection'],
    ] as const)('RX-25 counts %s as no answer', async (_name, behaviour, reason) => {
      simulated.of('216').behave(behaviour);
      await expect(ask('216', TESTPERSON1)).rejects.toMatchObject({
        name: 'PartnerUnavailable',
        partner: 'hisf.example',
        reason,
      });
      simulated.of('216').behave({ garbage: false, answer: null, down: null });
      expect(await ask('216', TESTPERSON1)).toEqual(yes);
    });

    it('RX-25 waits no longer than it was told to', async () => {
      simulated.of('216').behave({ slow: 10_000 });
      const hasty = institutions({ key, timeoutMs: 100 });
      await expect(hasty.ask(at('216'), about(TESTPERSON1))).rejects.toMatchObject({
        name: 'PartnerUnavailable',
        reason: 'timeout',
      });
      await hasty.close();
    });

    it('RX-25 is down for three days and then answers', async () => {
      simulated.of('216').behave({ down: { how: '503', days: 3 } });
      const days = [about(TESTPERSON1), about(TESTPERSON1), about(TESTPERSON1)];
      for (const day of days)
        for (let times = 0; times < 2; times += 1)
          await expect(asking.ask(at('216'), day)).rejects.toMatchObject({ reason: 'status', status: 503 });
      expect(await ask('216', TESTPERSON1)).toEqual(yes);
    });

    it('RX-12 refuses an asker whom the registry does not list, and hands nothing over against an answer', async () => {
      const stranger = institutions({
        key: ownKey(
          generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        ),
        timeoutMs: 3_000,
      });
      await expect(stranger.ask(at('216'), about(TESTPERSON1))).rejects.toMatchObject({ name: 'PartnerRefused', status: 401 });
      await stranger.close();
      simulated.of('216').behave({ notSharing: true });
      await expect(asking.fetch(at('216'), about(TESTPERSON1))).rejects.toMatchObject({ name: 'PartnerRefused', status: 403 });
      await expect(asking.fetch(at('214'), about(TESTPERSON1))).rejects.toMatchObject({ name: 'PartnerRefused', status: 404 });
    });

    it('RX-11 puts no number in an address, in an error or in a header', async () => {
      const seen: string[] = [];
      const server = createServer((request, response) => {
        seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
        response.writeHead(400).end();
      });
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      open.push(() => new Promise((closed) => server.close(closed)));
      const failed = await asking
        .ask({ ...at('216'), url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x/v1` }, about(NORA))
        .catch((cause: unknown) => cause as Error);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatch(/^\/x\/v1\/status /);
      expect(`${seen.join()} ${(failed as Error).message}`).not.toContain(NORA);
    });
  });

  describe('documents', () => {
    it.each([
      ['216', TESTPERSON1, 'RES-100'],
      ['214', TESTPERSON2, 'RES-OAL'],
    ])('RX-31 brings the known result of the test person at %s', async (name, number, code) => {
      const report = await fetched(name, number);
      expect(report.results).toEqual([expect.objectContaining({ category: 'course', code })]);
      expect(report.learner).toMatchObject({ nationalNumber: number, familyName: 'Resultatutveksling' });
      expect(report.issuer).toMatchObject({ code: at(name).code, country: 'NO' });
    });

    it('RX-14 brings a qualification with its courses, and nothing failed or unfinished', async () => {
      const { results } = await fetched('alta.example', NORA);
      expect(results.map(({ key: one, partOf }) => [one, partOf])).toEqual([
        ['g-bac-1', undefined],
        ['e-mat-1', 'g-bac-1'],
        ['e-sam-1', 'g-bac-1'],
        ['e-opp-1', 'g-bac-1'],
      ]);
      expect(results[0]).toEqual({
        key: 'g-bac-1',
        category: 'qualification',
        code: 'BAC-NORD',
        nameNb: 'Bachelor i nordområdestudier',
        nameEn: 'Bachelor of Northern Studies',
        term: '2020 VÅR',
        credits: '180',
        creditScheme: 'ects',
        passedOn: '2020-06-15',
      });
    });

    it('RX-15 brings names in both languages, the title of a thesis, size, term, result and what the grades mean', async () => {
      const { results } = await fetched('alta.example', NORA);
      expect(results.find(({ key: one }) => one === 'e-opp-1')).toEqual({
        key: 'e-opp-1',
        partOf: 'g-bac-1',
        category: 'thesis',
        code: 'BOPPG',
        nameNb: 'Bacheloroppgave',
        nameEn: 'Bachelor thesis',
        thesisTitle: 'Čáhci, bivdu ja "lappekodisillen" < 1751',
        term: '2020 VÅR',
        credits: '20',
        creditScheme: 'ects',
        result: 'C',
        gradingScheme: 'A-F; A to E pass, F fail.',
        passedOn: '2020-06-01',
      });
    });

    it('RX-16 brings a description with its lines', async () => {
      const { results } = await fetched('alta.example', NORA);
      expect(results.find(({ key: one }) => one === 'e-mat-1')?.description).toBe(
        'Tall, funksjoner og følger.\n\nSkriftlig eksamen på fire timer.',
      );
    });

    it('RX-27 leaves a degree out that is held back, and its courses come without it', async () => {
      const { results } = await fetched('alta.example', '01859000270');
      expect(results.map(({ key: one, partOf }) => [one, partOf])).toEqual([['e-his-1', undefined]]);
    });

    it('RX-33 brings what was changed, added and withdrawn at the source', async () => {
      const change = (body: object) =>
        fetch(`${new URL(at('216').url).origin}/__sim/results`, {
          method: 'PATCH',
          body: JSON.stringify({ number: TESTPERSON1, ...body }),
        });
      await change({ key: '216-res-100', grade: 'A' });
      await change({ key: 'ny', code: 'NY-1', nb: 'Nytt emne', grade: 'B' });
      expect((await fetched('216', TESTPERSON1)).results.map((one) => [one.key, one.result])).toEqual([
        ['216-res-100', 'A'],
        ['ny', 'B'],
      ]);
      await change({ key: '216-res-100', withdrawn: true });
      expect((await fetched('216', TESTPERSON1)).results.map((one) => one.key)).toEqual(['ny']);
    });

    it.each([
      ['garbage', 'rejected-format'],
      ['unsigned', 'rejected-signature'],
      ['key-not-registered', 'rejected-signature'],
      ['key-in-document', 'rejected-signature'],
      ['sha1', 'rejected-signature'],
      ['two-references', 'rejected-signature'],
      ['wrapped', 'rejected-signature'],
      ['entity-bomb', 'rejected-format'],
      ['too-large', 'rejected-format'],
      ['too-deep', 'rejected-format'],
      ['wrong-person', 'rejected-person'],
      ['other-issuer', 'rejected-signature'],
      ['no-report', 'rejected-format'],
      ['tampered', 'rejected-signature'],
      ['transform', 'rejected-signature'],
      ['empty', 'rejected-format'],
    ] as const)('RX-13 believes no document that is %s', async (fault, reason) => {
      expect(documentFaults).toContain(fault);
      simulated.of('216').behave({ document: fault });
      const began = performance.now();
      await expect(fetched('216', TESTPERSON1)).rejects.toMatchObject({ name: 'Rejected', reason });
      expect(performance.now() - began).toBeLessThan(3_000);
    });

    it('RX-13 reads ELMO 2.0 the same as 1.7', async () => {
      const old = await fetched('alta.example', NORA);
      simulated.of('alta.example').behave({ document: 'elmo-2.0' });
      const { document } = await asking.fetch(at('alta.example'), about(NORA));
      expect(document.toString()).toContain('<dateOfBirth>1990-01-01</dateOfBirth>');
      expect({ ...(await fetched('alta.example', NORA)), generatedAt: old.generatedAt }).toEqual(old);
    });

    it('RX-29 knows a person by the number alone', async () => {
      Object.assign(simulated.of('216').store.persons[0]!, {
        givenNames: 'Helt',
        familyName: 'Annerledes',
        birthDate: '1950-12-31',
      });
      expect((await fetched('216', TESTPERSON1)).learner.familyName).toBe('Annerledes');
      const { document } = await asking.fetch(at('216'), about(TESTPERSON1));
      await expect(judge({ institution: at('216'), nationalNumber: TESTPERSON2, document })).rejects.toMatchObject({
        reason: 'rejected-person',
      });
    });
  });

  it('RX-24 tells an institution of changes, under an id and with the keys', async () => {
    const notice = { id: randomUUID(), nationalNumber: NORA, keys: ['e-1', 'e-2'], changedAt: '2026-11-20T10:00:00+01:00' };
    await asking.tell(at('216'), notice);
    expect(simulated.of('216').calls).toEqual([
      expect.objectContaining({
        route: 'changes',
        requestId: notice.id,
        nationalNumber: NORA,
        keys: notice.keys,
        changedAt: notice.changedAt,
      }),
    ]);
    simulated.of('216').behave({ down: { how: '503' } });
    await expect(asking.tell(at('216'), notice)).rejects.toMatchObject({ name: 'PartnerUnavailable' });
  });

  it('RX-18 is asked at fifty addresses, and each sees how many ask at a time', async () => {
    expect(new Set(listed.map(({ url }) => url)).size).toBe(51);
    simulated.of('216').behave({ slow: 200 });
    await Promise.all([ask('216', TESTPERSON1), ask('216', TESTPERSON1), ask('216', TESTPERSON1)]);
    const calls = await (await fetch(`${new URL(at('216').url).origin}/__sim/calls`)).json();
    expect(calls).toMatchObject({ most: 3, calls: [{}, {}, {}] });
  });
});
