import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from '../spec.js';
import { changedAfterFetch, externalStudiesOf, treeOf } from '../../activities/exchange/external-studies.js';
import { createOnward, takeInChange } from '../../activities/exchange/onward.js';
import { createPlaces } from '../../activities/exchange/places.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { eventually } from '../support/university.js';
import { AT, NUMBER, protocols } from '../support/protocols.js';

describe('what is told onward, and what we are told', () => {
  const at = protocols();
  const { study } = at;

  const told = (more: Partial<Parameters<typeof takeInChange>[1]> = {}) =>
    at.db.$transaction((tx) =>
      takeInChange(tx, {
        institution: 'bth',
        partner: 'north.example',
        number: NUMBER,
        keys: ['a'],
        changedAt: '2026-11-28T12:00:00.000Z',
        at: AT,
        requestId: randomUUID(),
        ...more,
      }),
    );

  describe('a change that we are told of', () => {
    beforeEach(async () => {
      await at.db.externalResult.create({ data: { studyId: await study(), key: 'a', category: 'course' } });
    });
    const changed = () => changedAfterFetch(at.db, { institution: 'bth', personId: at.person });

    it('RX-23 shows with its day until the next fetch, and is the same told twice', async () => {
      expect(await changed()).toEqual([]);
      for (let time = 0; time < 2; time += 1) expect(await told()).toBe('taken');
      expect(await changed()).toEqual([
        { partner: 'north.example', nameNb: 'north.example', nameEn: 'north.example', changedOn: '2026-11-28' },
      ]);
      expect(
        (await externalStudiesOf(at.db, { institution: 'bth', personId: at.person, reader: randomUUID() })).map(
          (one) => one.changedAfterFetchOn,
        ),
      ).toEqual(['2026-11-28']);
    });

    it.each([
      ['from an institution that we have it not from', { partner: 'south.example' }],
      ['about a result that we do not hold', { keys: ['b'] }],
      ["about a number that is nobody's", { number: '15990899999' }],
      ['that is in our document already', { changedAt: '2026-11-27T12:00:00.000Z' }],
    ])('RX-23 marks nothing %s, and answers the same', async (_what, more) => {
      expect(await told(more)).toBe('taken');
      expect(await changed()).toEqual([]);
    });

    it('RX-22 fetches nothing by itself', async () => {
      const before = await at.db.case.count();
      await told();
      expect([(await at.db.case.count()) - before, await at.db.outbox.count()]).toEqual([0, 0]);
    });

    it('RX-29 is found under the number that the person had when it was handed over', async () => {
      await at.db.formerNumber.create({
        data: {
          personId: at.person,
          number: NUMBER,
          numberKind: 'temporary',
          replacedBy: at.person,
          replacedAt: new Date(),
          reason: 'test',
        },
      });
      await at.db.person.update({ where: { id: at.person }, data: { personNumber: '15990854321' } });
      await told();
      expect(await changed()).toHaveLength(1);
    });

    it('RX-21 has to be told again where a fetch of the person from there is under way', async () => {
      const caseId = randomUUID();
      await at.db.case.create({
        data: {
          id: caseId,
          kind: 'exchange',
          institution: 'bth',
          state: 'running',
          data: { person: at.person },
          createdBy: at.person,
          createdAt: new Date(),
          changedAt: new Date(),
        },
      });
      await at.db.exchangeInquiry.create({ data: { caseId, partner: 'north.example', round: 1, orderedAt: new Date() } });
      expect(await told()).toBe('later');
      expect(await told({ partner: 'south.example' })).toBe('taken');
      await at.db.exchangeInquiry.updateMany({ data: { state: 'answered', outcome: 'fetched', answeredAt: new Date() } });
      expect(await told()).toBe('taken');
    });
  });

  describe('telling onward', () => {
    const notice = (partner: string, more: object = {}) =>
      at.db.onwardNotice.create({
        data: { institution: 'bth', partner, personNumber: NUMBER, key: randomUUID(), changedAt: new Date(), ...more },
      });
    const sweep = async (
      fail: (partner: string, key: string, off?: AbortSignal) => Error | undefined | Promise<Error> = () => undefined,
      places = createPlaces(at.db),
      worker = new MockActivityEnvironment(),
    ): Promise<string[]> => {
      const asked: string[] = [];
      const { tellOnward } = createOnward({
        db: at.db,
        institution: 'bth',
        places,
        patienceMs: 300,
        tellingMs: 400,
        institutions: {
          tell: async ({ code }, { keys }, off) => {
            asked.push(code);
            const cause = await fail(code, keys[0] as string, off);
            if (cause) throw cause;
          },
        },
      });
      await worker.run(tellOnward);
      return asked.sort();
    };
    const minutesLater = (minutes: number) =>
      at.db.$executeRaw`UPDATE onward_notices SET tried_at = tried_at - make_interval(mins => ${minutes}::int)`;
    const open = () => at.db.onwardNotice.count({ where: { toldAt: null } });

    it('RX-33 tells each once, and an institution that is away costs the others nothing and is told later', async () => {
      await notice('north.example');
      await notice('north.example');
      await notice('south.example');
      expect(
        await sweep((partner) => (partner === 'north.example' ? new PartnerUnavailable(partner, 'timeout') : undefined)),
      ).toEqual(['north.example', 'south.example']);
      expect(await open()).toBe(2);
      expect(await sweep()).toEqual([]);
      await minutesLater(2);
      expect(await sweep()).toEqual(['north.example', 'north.example']);
      await minutesLater(600);
      expect(await sweep()).toEqual([]);
      expect(await open()).toBe(0);
    });

    it('RX-33 waits longer with every try, visits an institution once a minute, and gives up after 400 days', async () => {
      const { id } = await notice('north.example', { attempts: 6, triedAt: new Date(Date.now() - 10 * 60_000) });
      expect(await sweep()).toEqual([]);
      await at.db.onwardNotice.update({ where: { id }, data: { triedAt: new Date(Date.now() - 40 * 60_000) } });
      await notice('north.example', { toldAt: new Date(), triedAt: new Date(Date.now() - 30_000) });
      expect(await sweep()).toEqual([]);
      await minutesLater(1);
      await notice('north.example', { changedAt: new Date(Date.now() - 401 * 86_400_000) });
      await notice('north.example', { changedAt: new Date(Date.now() - 399 * 86_400_000) });
      expect(await sweep()).toEqual(['north.example', 'north.example']);
    });

    it('RX-33 goes on with the rest where one is refused, and leaves out institutions that are not listed now', async () => {
      const refused = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      await notice('gone.example');
      expect(await sweep((partner, key) => (key === refused.key ? new PartnerRefused(partner, 400, '') : undefined))).toEqual([
        'north.example',
        'north.example',
      ]);
      expect(await open()).toBe(2);
    });

    it('RX-33 goes on with the rest where one is to be told later', async () => {
      const later = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      expect(
        await sweep((partner, key) => (key === later.key ? new PartnerUnavailable(partner, 'status', 503) : undefined)),
      ).toEqual(['north.example', 'north.example']);
      expect(await at.db.onwardNotice.findMany({ where: { toldAt: null }, select: { id: true, attempts: true } })).toEqual([
        { id: later.id, attempts: 1 },
      ]);
    });

    it('RX-33 counts a try for what was tried alone, and lets one institution that is away with many notices starve no other', async () => {
      const all = await Promise.all(
        Array.from({ length: 60 }, (_, i) => notice('north.example', { changedAt: new Date(Date.now() - 60_000 + i) })),
      );
      await notice('south.example');
      expect(
        await sweep((partner) => (partner === 'north.example' ? new PartnerUnavailable(partner, 'connection') : undefined)),
      ).toEqual(['north.example', 'south.example']);
      expect(await at.db.onwardNotice.findMany({ where: { attempts: { gt: 0 }, toldAt: null }, select: { id: true } })).toEqual([
        { id: all[0]?.id },
      ]);
      await minutesLater(2);
      expect(await sweep()).toHaveLength(50);
    });

    it('RX-33 waits for one notice no longer than it may take, and leaves the rest of a slow institution to a later sweep', async () => {
      const north = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      await notice('south.example');
      const silent = (off?: AbortSignal) =>
        new Promise<Error>((resolve) => off?.addEventListener('abort', () => resolve(off.reason as Error)));
      expect(await sweep((partner, _key, off) => (partner === 'north.example' ? silent(off) : undefined))).toEqual([
        'north.example',
        'south.example',
      ]);
      expect(await at.db.onwardNotice.findMany({ where: { attempts: 1, toldAt: null }, select: { id: true } })).toEqual([
        { id: north.id },
      ]);
      expect(await open()).toBe(2);
    });

    it('RX-33 begins no further notice once its time is over', async () => {
      await notice('north.example');
      await notice('north.example');
      const worker = new MockActivityEnvironment();
      const over = () => {
        worker.cancel('CANCELLED');
        return undefined;
      };
      expect(await sweep(over, createPlaces(at.db), worker)).toEqual(['north.example']);
      expect(await open()).toBe(1);
    });

    it('RX-18 tells at a place among those who ask, and leaves for later where none comes free', async () => {
      await notice('north.example');
      const places = createPlaces(at.db);
      const taken = await Promise.all([1, 2, 3, 4].map(() => places.take('north.example', 4, new AbortController().signal)));
      expect(await sweep(undefined, places)).toEqual([]);
      expect(await at.db.onwardNotice.count({ where: { attempts: 0 } })).toBe(1);
      for (const place of taken) await place.free();
      expect(await sweep(undefined, places)).toEqual(['north.example']);
      await eventually(
        'every place is free',
        async () => (await at.db.exchangePlace.count({ where: { holder: { not: null } } })) === 0,
      );
    });
  });
});

describe('what somebody has from elsewhere', () => {
  it('RX-14 shows the parts of a qualification under it, and what belongs to nothing that is there by itself', () => {
    const one = (key: string, category: 'qualification' | 'course', partOf: string | null) => ({
      key,
      category,
      partOf,
      withdrawnOn: null,
    });
    const shape = (nodes: readonly ReturnType<typeof treeOf>[number][]): unknown =>
      nodes.map(({ key, parts }) => (parts.length ? [key, shape(parts)] : key));
    expect(
      shape(
        treeOf([
          one('a', 'course', 'q'),
          one('q', 'qualification', null),
          one('b', 'course', 'gone'),
          one('c', 'course', 'a'),
          one('x', 'qualification', 'y'),
          one('y', 'qualification', 'x'),
          one('d', 'course', null),
        ]),
      ),
    ).toEqual([['q', ['a']], 'b', 'c', 'x', 'y', 'd']);
  });
});
