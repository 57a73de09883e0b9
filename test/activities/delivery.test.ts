import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createDelivery, NotSent, Refused, Unknown, type Way } from '../../activities/delivery.js';
import { MailDeferred, MailUncertain } from '../../activities/mail.js';
import { createPost } from '../../activities/post.js';
import { createDatabase, type Database } from '../../prisma/client.js';
import type { Channel } from '../../workflows/process.js';
import { institution } from '../simulators/sample.js';
import { freshDatabase, without } from '../support/database.js';
import { eventually } from '../support/university.js';

const TEN_SECONDS = 10_000;

describe('the promises of a case', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    const { code, name, zone, language } = institution;
    await db.institution.create({ data: { code, name, zone, language } });
  });
  afterEach(async () => {
    mock.timers.reset();
    await db.outbox.deleteMany();
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const newCase = async (): Promise<string> => {
    const id = randomUUID();
    await db.case.create({
      data: {
        id,
        kind: 'result-list',
        institution: 'bth',
        state: 'arrived',
        data: {},
        createdBy: randomUUID(),
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    return id;
  };
  const promise = async (caseId: string, key: string, channel: Channel = 'mail') => {
    await db.outbox.create({ data: { institution: 'bth', caseId, channel, key: `${key}:${caseId}`, payload: {} } });
  };
  const rows = async (caseId: string) =>
    (await db.outbox.findMany({ where: { caseId }, orderBy: { key: 'asc' } })).map(({ key, state, attempts, problem }) => ({
      key: key.split(':')[0],
      state,
      attempts,
      problem,
    }));
  const attention = async (id: string) => (await db.case.findUniqueOrThrow({ where: { id } })).needsAttention;
  const traces = async (caseId: string) =>
    (await db.auditEntry.findMany({ where: { caseId } })).map(({ entry }) => JSON.parse(entry));
  const older = (caseId: string, than: string) =>
    db.$executeRawUnsafe(
      `UPDATE outbox SET created_at = created_at - interval '${than}', claimed_at = claimed_at - interval '${than}' WHERE case_id = '${caseId}'`,
    );
  const inActivity = (way: Way, channel: Channel = 'mail', attempt = 1) => {
    const env = new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
    const { deliver } = createDelivery(db, { [channel]: way });
    return { env, run: (caseId: string) => env.run(deliver, { caseId, channel }) };
  };
  const fail =
    (cause: Error): Way =>
    async () => {
      throw cause;
    };

  const signal = () => {
    let give = () => {};
    return { given: new Promise<void>((resolve) => void (give = resolve)), give: () => give() };
  };

  it.each([
    ['certainly not sent', new NotSent('mail-deferred'), 'mail-deferred'],
    ['a failure nobody foresaw', new TypeError('of ours'), 'error'],
  ])('are tried again after %s for three days, and are then given up, traced and shown', async (_what, cause, problem) => {
    const caseId = await newCase();
    await promise(caseId, 'a');
    const { run } = inActivity(fail(cause));
    await expect(run(caseId)).rejects.toThrow(cause);
    await older(caseId, '71 hours');
    await expect(run(caseId)).rejects.toThrow(cause);
    expect(await rows(caseId)).toEqual([{ key: 'a', state: 'pending', attempts: 2, problem }]);
    expect([await attention(caseId), await traces(caseId)]).toEqual([false, []]);

    await older(caseId, '2 hours');
    expect(await run(caseId)).toEqual({ needsAttention: true });
    expect(await rows(caseId)).toEqual([{ key: 'a', state: 'failed', attempts: 3, problem }]);
    expect(await attention(caseId)).toBe(true);
    expect(await traces(caseId)).toMatchObject([
      { actor: 'system', action: 'mail.failed', key: `a:${caseId}`, details: { problem } },
    ]);
  });

  it('end at once when they were kept, refused or cannot be known about', async () => {
    const caseId = await newCase();
    for (const key of ['a', 'b', 'c']) await promise(caseId, key);
    const outcomes: Record<string, Error> = { b: new Refused('no-contact'), c: new Unknown('mail') };
    const { run } = inActivity(async ({ key }) => {
      const cause = outcomes[key.split(':')[0] as string];
      if (cause) throw cause;
    });
    expect(await run(caseId)).toEqual({ needsAttention: true });
    expect(await rows(caseId)).toEqual([
      { key: 'a', state: 'done', attempts: 1, problem: null },
      { key: 'b', state: 'failed', attempts: 1, problem: 'no-contact' },
      { key: 'c', state: 'uncertain', attempts: 1, problem: 'unknown-outcome' },
    ]);
    expect((await traces(caseId)).map((entry) => entry.action).sort()).toEqual(['mail.failed', 'mail.uncertain']);
  });

  it.each([
    ['gone', undefined, { state: 'done', problem: null }],
    ['uncertain', new MailUncertain(), { state: 'uncertain', problem: 'unknown-outcome' }],
    ['put off', new MailDeferred('RCPT TO', 451), { state: 'pending', problem: 'mail-deferred' }],
  ])('are %s as the mail server said, also where nothing can be kept about its health', async (_what, cause, kept) => {
    const caseId = await newCase();
    await promise(caseId, 'a');
    let sent = 0;
    const post = createPost({
      db,
      mailHost: 'bth.example',
      letters: { 'result-list': async () => ({ to: { email: 'eva@bth.example', language: 'sv' }, subject: 'List', text: [] }) },
      free: {},
      mailer: {
        send: async () => {
          sent += 1;
          if (cause) throw cause;
        },
      } as never,
    });
    await without(db, 'partner_health', () =>
      inActivity(post)
        .run(caseId)
        .catch(() => undefined),
    );
    expect(await rows(caseId)).toEqual([{ key: 'a', attempts: 1, ...kept }]);
    expect(sent).toBe(1);
  });

  it('are given up as well when whoever keeps them dies each time', async () => {
    const caseId = await newCase();
    await promise(caseId, 'a', 'order');
    await db.$executeRaw`UPDATE outbox SET state = 'claimed', claimed_at = now() WHERE case_id = ${caseId}::uuid`;
    const { overdue } = createDelivery(db, {});
    await older(caseId, '6 minutes');
    await overdue({ most: 10 });
    expect(await rows(caseId)).toMatchObject([{ state: 'pending', problem: 'died-in-the-gap' }]);
    await db.$executeRaw`UPDATE outbox SET state = 'claimed' WHERE case_id = ${caseId}::uuid`;
    await older(caseId, '3 days');
    await overdue({ most: 10 });
    expect(await rows(caseId)).toMatchObject([{ state: 'failed', problem: 'died-in-the-gap' }]);
    expect(await attention(caseId)).toBe(true);
  });

  it.each([
    ['has kept it', undefined],
    ['was refused', new Refused('no-contact')],
    ['did nothing', new NotSent('ladok-unavailable')],
  ])('are held by the attempt that took them last, whatever one says that was taken for dead and %s', async (_what, cause) => {
    const caseId = await newCase();
    await promise(caseId, 'a', 'order');
    const [late, next] = [signal(), signal()];
    const zombie = inActivity(async () => {
      await late.given;
      if (cause) throw cause;
    }, 'order').run(caseId);
    await eventually('the first attempt has it', async () => (await rows(caseId))[0]?.state === 'claimed');
    const living = inActivity(() => next.given, 'order', 2).run(caseId);
    await eventually('the second attempt has it', async () => (await rows(caseId))[0]?.attempts === 2);
    const taken = await rows(caseId);
    late.give();
    await zombie;
    expect(await rows(caseId)).toEqual(taken);
    next.give();
    expect(await living).toEqual({ needsAttention: false });
    expect(await rows(caseId)).toEqual([{ key: 'a', state: 'done', attempts: 2, problem: null }]);
  });

  it('are kept however long it takes: the activity beats, and the sweep does not take the claim for dead', async () => {
    const caseId = await newCase();
    await promise(caseId, 'a', 'order');
    mock.timers.enable({ apis: ['setInterval'] });
    let beats = 0;
    const claimed = async () => (await db.outbox.findFirstOrThrow({ where: { caseId } })).claimedAt?.getTime() ?? 0;
    const { env, run } = inActivity(async () => {
      await older(caseId, '6 minutes');
      const before = await claimed();
      mock.timers.tick(3 * TEN_SECONDS);
      expect(beats).toBe(3);
      while ((await claimed()) === before) await new Promise((later) => setTimeout(later, 5));
      await createDelivery(db, {}).overdue({ most: 10 });
    }, 'order');
    env.on('heartbeat', () => (beats += 1));
    expect(await run(caseId)).toEqual({ needsAttention: false });
    expect(await rows(caseId)).toEqual([{ key: 'a', state: 'done', attempts: 1, problem: null }]);
    mock.timers.tick(3 * TEN_SECONDS);
    expect(beats).toBe(3);
  });

  it('are left to the next attempt when the worker leaves: nothing more is claimed, and it does not count as done', async () => {
    const caseId = await newCase();
    for (const key of ['a', 'b', 'c']) await promise(caseId, key);
    const { env, run } = inActivity(async () => env.cancel('WORKER_SHUTDOWN'));
    await expect(run(caseId)).rejects.toMatchObject({ name: 'ApplicationFailure', nonRetryable: false, type: 'called-off' });
    expect(await rows(caseId)).toMatchObject([
      { key: 'a', state: 'done' },
      { key: 'b', state: 'pending', attempts: 0 },
      { key: 'c', state: 'pending', attempts: 0 },
    ]);
    expect(await inActivity(async () => undefined, 'mail', 2).run(caseId)).toEqual({ needsAttention: false });
    expect((await rows(caseId)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  describe('that nobody took', () => {
    const taken = async (most: number) =>
      (await createDelivery(db, {}).overdue({ most })).map(({ caseId, channel }) => `${channel} ${caseId}`);
    const tried = (caseId: string, ago: string) =>
      db.$executeRawUnsafe(`UPDATE outbox SET attempts = 1, claimed_at = now() - interval '${ago}' WHERE case_id = '${caseId}'`);

    it('are found in turn: those never tried before those tried longest ago', async () => {
      const [first, second, third, fresh] = [await newCase(), await newCase(), await newCase(), await newCase()];
      for (const caseId of [first, second, third, fresh]) await promise(caseId, 'a');
      for (const [caseId, ago] of [
        [first, '3 hours'],
        [second, '2 hours'],
        [third, '1 hour'],
      ] as const)
        await older(caseId, ago);
      expect(await taken(2)).toEqual([first, second].map((caseId) => `mail ${caseId}`));
      await tried(first, '2 minutes');
      await tried(second, '3 minutes');
      expect(await taken(2)).toEqual([third, second].map((caseId) => `mail ${caseId}`));
      await tried(third, '30 seconds');
      expect(await taken(4)).toEqual([second, first].map((caseId) => `mail ${caseId}`));
    });

    it('are kept in that order within a case too, so that a few that hang hold up none', async () => {
      const caseId = await newCase();
      for (const key of ['a', 'b', 'c']) await promise(caseId, key);
      const claimed: string[] = [];
      const { env, run } = inActivity(async ({ key }) => {
        claimed.push(key.split(':')[0] as string);
        env.cancel('TIMED_OUT');
        throw new NotSent('mail-deferred');
      });
      const again = () => inActivity(async ({ key }) => void claimed.push(key.split(':')[0] as string)).run(caseId);
      await expect(run(caseId)).rejects.toMatchObject({ type: 'called-off' });
      await again();
      expect(claimed).toEqual(['a', 'b', 'c', 'a']);
    });

    it('RL-38 are kept by doing nothing where nobody needs them any more, and say so', async () => {
      const caseId = await newCase();
      for (const key of ['a', 'b']) await promise(caseId, key);
      await inActivity(async ({ key }) => (key.startsWith('a') ? 'unneeded' : undefined)).run(caseId);
      expect(await rows(caseId)).toEqual([
        { key: 'a', state: 'done', attempts: 1, problem: 'unneeded' },
        { key: 'b', state: 'done', attempts: 1, problem: null },
      ]);
      expect([await attention(caseId), await traces(caseId)]).toEqual([false, []]);
    });

    it('RL-47 of which three in a row cannot be kept now end the attempt, and the next one goes on with those never tried', async () => {
      const caseId = await newCase();
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await promise(caseId, key);
      const claimed: string[] = [];
      const hanging = new Set(['b', 'd', 'e', 'f', 'g']);
      const attempt = () =>
        inActivity(async ({ key }) => {
          const name = key.split(':')[0] as string;
          claimed.push(name);
          if (hanging.has(name)) throw new NotSent(`${name}-hangs`);
        }).run(caseId);
      await expect(attempt()).rejects.toThrow('f-hangs');
      expect(claimed.splice(0)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
      hanging.clear();
      await attempt();
      expect(claimed).toEqual(['g', 'h', 'b', 'd', 'e', 'f']);
    });

    it('of one way out take no place from those of another', async () => {
      const letters = [await newCase(), await newCase(), await newCase()];
      for (const caseId of letters) await promise(caseId, 'a');
      const ordered = await newCase();
      await promise(ordered, 'b', 'order');
      for (const caseId of letters) await older(caseId, '2 hours');
      await older(ordered, '1 hour');
      expect((await taken(2)).sort()).toEqual([`mail ${letters[0]}`, `mail ${letters[1]}`, `order ${ordered}`].sort());
    });
  });
});
