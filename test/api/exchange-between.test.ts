import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { serve, type ServerType } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { judge } from '../../activities/exchange/elmo/judge.js';
import { ownKey } from '../../activities/exchange/http-signature.js';
import { institutions } from '../../activities/exchange/institutions.js';
import { refreshPartners } from '../../activities/exchange/partners.js';
import { exchangeRegistry } from '../../activities/exchange/registry.js';
import { asDate } from '../../prisma/client.js';
import { simulatedKey } from '../simulators/institutions/keys.js';
import { openUniversity, type University } from '../support/university.js';

const NUMBER = '01819000200';

describe('Registrar as an institution that another Registrar asks', () => {
  let at: University;
  let server: ServerType;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    server = await new Promise<ServerType>((ready) => {
      const listening = serve({ fetch: at.app.fetch, port: 0, hostname: '127.0.0.1' }, () => ready(listening));
    });
    const { port } = server.address() as { port: number };
    const [ours] = at.simulators.exchangeRegistry.store.institutions.filter(({ code }) => code === at.config.EXCHANGE_CODE);
    if (!ours) throw new Error('we are not listed');
    at.simulators.exchangeRegistry.put({ ...ours, url: `http://127.0.0.1:${port}/resultatutveksling/v1` });
    const registry = exchangeRegistry({ baseUrl: at.config.EXCHANGE_REGISTRY_URL, timeoutMs: 5_000 });
    await refreshPartners({ db: at.world.db, registry, at: new Date() });
    await registry.close();
    await at.world.db.setting.create({
      data: {
        institution: 'bth',
        name: 'exchange-module',
        fromDate: asDate('2020-01-01'),
        value: true,
        setBy: randomUUID(),
        reason: 'test',
      },
    });
    const id = randomUUID();
    await at.world.db.person.create({
      data: {
        id,
        institution: 'bth',
        givenName: 'Áslaug',
        surname: 'Ørsæter',
        personNumber: NUMBER,
        email: 'a@b.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
    await at.world.db.student.create({
      data: {
        personId: id,
        institution: 'bth',
        birthDate: asDate('1990-01-01'),
        numberKind: 'synthetic',
        registeredBy: id,
        registeredAt: new Date(),
      },
    });
    await at.world.db.protocolResult.create({
      data: {
        institution: 'bth',
        personNumber: NUMBER,
        kind: 'assessment',
        key: 'ours-1',
        category: 'course',
        code: 'RES-100',
        nameNb: 'Emne på áččí',
        nameEn: 'Course',
        term: '2026 VÅR',
        result: 'C',
        passed: true,
        passedOn: asDate('2026-06-01'),
        cameFrom: 'entered',
        changedAt: new Date(),
      },
    });
  });
  afterAll(async () => {
    server?.close();
    if (server && 'closeAllConnections' in server) server.closeAllConnections();
    await at?.close();
  });

  it('RX-33 answers over its real address, and what it hands over is believed', async () => {
    const { code, url, keys } = await at.world.db.exchangePartner.findUniqueOrThrow({ where: { code: at.config.EXCHANGE_CODE } });
    expect(keys).toEqual([ownKey(readFileSync(at.config.EXCHANGE_KEY_FILE, 'utf8')).publicKey]);
    const asking = institutions({
      key: ownKey(simulatedKey(1).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      timeoutMs: 20_000,
    });
    try {
      const question = {
        id: randomUUID(),
        nationalNumber: NUMBER,
        basis: 'consent',
        consent: { type: 'RESULTATUTVEKS', answer: 'J', on: '2026-11-01' },
      } as const;
      expect(await asking.ask({ code, url, keys }, question)).toEqual({
        shares: true,
        reserved: false,
        consent: true,
        known: true,
        hasPassedResults: true,
        degreesHeldBack: 0,
        answeredAt: expect.any(String),
      });
      const { document } = await asking.fetch({ code, url, keys }, question);
      const report = await judge({ institution: { code, url, keys }, nationalNumber: NUMBER, document });
      expect(report.results).toEqual([
        expect.objectContaining({ key: 'ours-1', code: 'RES-100', nameNb: 'Emne på áččí', term: '2026 VÅR', result: 'C' }),
      ]);
      await asking.tell(
        { code, url, keys },
        { id: randomUUID(), nationalNumber: NUMBER, keys: ['ours-1'], changedAt: '2026-11-20T10:00:00+01:00' },
      );
      expect(await at.world.db.disclosure.count({ where: { partner: 'hisf.example', personNumber: NUMBER } })).toBe(2);
      await expect(
        asking.ask({ code, url: url.replace('127.0.0.1', 'localhost'), keys }, { ...question, id: randomUUID() }),
      ).rejects.toMatchObject({ name: 'PartnerRefused', status: 401 });
    } finally {
      await asking.close();
    }
  });
});
