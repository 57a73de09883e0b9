import { createHash, randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { bankIdAuthority, signedDocument, type BankIdAuthority, type Identity } from './bankid-authority.js';
import { ocspAnswer } from './bankid-ocsp.js';
import { staff, students } from './sample.js';
import { simulator, type Simulator } from './simulator.js';

interface Order {
  orderRef: string;
  kind: 'sign' | 'auth';
  endUserIp: string;
  personNumber: string | null;
  visible: string;
  nonVisible: string | null;
  returnRisk: boolean;
  /** Instants of the simulator's clock, milliseconds. */
  orderedAt: number;
  endedAt: number | null;
  collectedAt: number | null;
  collects: number;
  state: 'pending' | 'signed' | 'failed';
  hintCode: string | null;
  signer: string | null;
  tamper: { visible?: string; nonVisible?: string; signature?: boolean; ocsp?: OcspFault };
}
type OcspFault = 'revoked' | 'unknown' | 'other-certificate' | 'wrong-responder' | 'too-old' | 'other-signature' | 'garbage';
interface Store {
  orders: Order[];
  advancedMs: number;
}
type Choice = { orderRef?: string; personNumber?: string };

export interface BankIdSimulator extends Simulator<Store> {
  /** The root a relying party has to trust, as PEM; made at the first call. */
  rootPem(): Promise<string>;
  authority(): Promise<BankIdAuthority>;
}

const statuses = {
  alreadyInProgress: 400,
  invalidParameters: 400,
  unauthorized: 401,
  notFound: 404,
  methodNotAllowed: 405,
  requestTimeout: 408,
  unsupportedMediaType: 415,
  tooManyRequests: 429,
  internalError: 500,
  maintenance: 503,
} as const;
type ErrorCode = keyof typeof statuses;

const refuse = (c: Context, errorCode: ErrorCode, details: string) => c.json({ errorCode, details }, statuses[errorCode]);

const COLLECTS_BEFORE_COMPLETE = 3;
const COMPLETE_KEPT_MS = 180_000;
const FAILED_KEPT_MS = 300_000;
const largest = { sign: { visible: 40_000, nonVisible: 200_000 }, auth: { visible: 1_500, nonVisible: 1_500 } };
const opening = ['outstandingTransaction', 'started', 'userSign'] as const;
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const isBase64 = (text: unknown, limit: number): text is string =>
  typeof text === 'string' &&
  text.length > 0 &&
  text.length <= limit &&
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
/** Who signs an order that names nobody. */
const SOMEBODY = students[0]!.personNumber;
const SOMEBODY_ELSE = students[1]!.personNumber;
const nameOf = (personNumber: string) =>
  [...staff, ...students].find((person) => person.personNumber === personNumber) ?? { givenName: 'Test', surname: 'Person' };

type Asked = Pick<Order, 'endUserIp' | 'personNumber' | 'visible' | 'nonVisible'>;
type Body = Record<string, unknown>;

const bodyOf = (c: Context): Promise<Body> =>
  c.req.json<Body>().then(
    (body) => body ?? {},
    () => ({}),
  );

/** What was ordered, or what is wrong with it. */
function readOrder(kind: 'sign' | 'auth', body: Body): Asked | string {
  const { endUserIp, userVisibleData: visible, userNonVisibleData: nonVisible, personalNumber, requirement = {} } = body;
  if (typeof endUserIp !== 'string' || !endUserIp) return 'Invalid endUserIp';
  if (personalNumber !== undefined) return 'Unknown property personalNumber';
  if ((kind === 'sign' || visible !== undefined) && !isBase64(visible, largest[kind].visible)) return 'Invalid userVisibleData';
  if (nonVisible !== undefined && !isBase64(nonVisible, largest[kind].nonVisible)) return 'Invalid userNonVisibleData';
  if (typeof requirement !== 'object' || requirement === null) return 'Invalid requirement';
  const { personalNumber: wanted = null } = requirement as { personalNumber?: string | null };
  if (wanted !== null && !/^\d{12}$/.test(wanted)) return 'Invalid requirement.personalNumber';
  return { endUserIp, personNumber: wanted, visible: (visible as string) ?? '', nonVisible: (nonVisible as string) ?? null };
}

/** The authority, everybody's BankID and the OCSP responder, each made when it is first needed. */
function keysIn(folder?: string) {
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
  };
  const authority = once(() => bankIdAuthority({ folder }));
  const responder = once(() => authority().then((ca) => ca.responder()));
  const identities = new Map<string, Promise<Identity>>();
  const identityOf = (personNumber: string) => {
    const { givenName, surname } = nameOf(personNumber);
    const identity = identities.get(personNumber) ?? authority().then((ca) => ca.issue({ personNumber, givenName, surname }));
    identities.set(personNumber, identity);
    return identity;
  };
  return { authority, responder, identityOf };
}
/** Those of the simulators that keep nothing: one set for a process, because keys take long to make. */
let passing: ReturnType<typeof keysIn> | undefined;

/**
 * BankID's relying party API 6.0 (`sign`, `auth`, `collect`, `cancel` under `/rp/v6.0`) and the person who holds the phone.
 * Signatures and OCSP answers are real and end in a test root (`GET /__sim/root.pem`).
 *
 * What the person does is an admin call; it concerns the newest pending order, or the one named by `orderRef` or `personNumber`:
 * - `POST /__sim/sign`, `/__sim/cancel-in-app`, `/__sim/fail { hintCode }`
 * - `POST /__sim/hint { hintCode }`: what `pending` says from now on
 * - `POST /__sim/sign-as { orderRef?, personNumber }` signs with the BankID of that person, whoever was asked
 * - `POST /__sim/tamper { visible?, nonVisible?, signature?, ocsp? }`: other texts are signed, the signature is spoilt, or the
 *   OCSP answer is `revoked`, `unknown`, about an `other-certificate`, by a `wrong-responder` (the person), `too-old`, for an
 *   `other-signature`, or `garbage`
 * - `POST /__sim/clock { advanceMs }` and `GET /__sim/orders`
 *
 * With `autoSign` the person signs unasked after that many collects. Before `complete` there are always three pending answers.
 * Beside the general faults every error code of BankID is one, as in `{ match: 'POST /rp/v6.0/sign', effect: 'maintenance' }`.
 */
export function bankIdSimulator({
  folder,
  autoSign,
  minCollectMs = 1_000,
  startWithinMs = 30_000,
  lifetimeMs = 180_000,
}: {
  folder?: string;
  autoSign?: number;
  minCollectMs?: number;
  startWithinMs?: number;
  lifetimeMs?: number;
} = {}): BankIdSimulator {
  const base = simulator<Store>('bankid', () => ({ orders: [], advancedMs: 0 }), folder);
  const { app, store, save } = base;
  const now = () => Date.now() + store.advancedMs;
  const { authority, identityOf, responder } = folder ? keysIn(folder) : (passing ??= keysIn());

  const ocspResponseOf = async (identity: Identity, signature: string, fault?: OcspFault) => {
    if (fault === 'garbage') return base64('not an OCSP response');
    return ocspAnswer({
      about: fault === 'other-certificate' ? await identityOf(SOMEBODY_ELSE) : identity,
      responder: fault === 'wrong-responder' ? identity : await responder(),
      signature: fault === 'other-signature' ? base64('another signature') : signature,
      producedAt: new Date(now() - (fault === 'too-old' ? 3_600_000 : 0)),
      ...(fault === 'revoked' || fault === 'unknown' ? { status: fault } : {}),
    });
  };

  const end = (order: Order, change: { hintCode: string } | { signer: string }) => {
    Object.assign(order, change, { state: 'signer' in change ? 'signed' : 'failed', endedAt: now() });
    save();
  };
  const drop = (order: Order) => {
    store.orders = store.orders.filter((one) => one !== order);
    save();
  };
  const letTimePass = () => {
    for (const order of store.orders.filter(({ state }) => state === 'pending')) {
      const neverStarted = order.hintCode === null && autoSign === undefined;
      if (neverStarted && now() - order.orderedAt >= startWithinMs) end(order, { hintCode: 'startFailed' });
      else if (now() - order.orderedAt >= lifetimeMs) end(order, { hintCode: 'expiredTransaction' });
    }
    const kept = { pending: Infinity, signed: COMPLETE_KEPT_MS, failed: FAILED_KEPT_MS };
    store.orders = store.orders.filter(({ state, endedAt }) => now() - (endedAt ?? now()) < kept[state]);
  };

  async function completionOf(order: Order, signer: string) {
    const identity = await identityOf(signer);
    const { givenName, surname } = nameOf(signer);
    const { visible, nonVisible, signature: spoil, ocsp } = order.tamper;
    const xml = signedDocument({
      identity,
      visible: visible === undefined ? order.visible : base64(visible),
      nonVisible: nonVisible === undefined ? (order.nonVisible ?? undefined) : base64(nonVisible),
      functionId: order.kind === 'sign' ? 'Signing' : 'Identification',
    });
    const spoilt = xml.replace(/(<SignatureValue>)(.)/, (_, tag: string, first: string) => `${tag}${first === 'A' ? 'B' : 'A'}`);
    const signature = base64(spoil ? spoilt : xml);
    return {
      user: { personalNumber: signer, name: `${givenName} ${surname}`, givenName, surname },
      device: { ipAddress: order.endUserIp, uhi: createHash('sha1').update(signer).digest('base64') },
      bankIdIssueDate: '2025-03-01',
      stepUp: { mrtd: false },
      signature,
      ocspResponse: await ocspResponseOf(identity, signature, ocsp),
      ...(order.returnRisk ? { risk: 'low' } : {}),
    };
  }

  app.use('/rp/*', async (c, next) => {
    const path = new URL(c.req.url).pathname;
    const played = (Object.keys(statuses) as ErrorCode[]).find((code) => base.takeFault(c.req.method, path, code));
    if (played) return refuse(c, played, 'Simulated');
    if (c.req.method === 'POST' && c.req.header('Content-Type') !== 'application/json')
      return refuse(c, 'unsupportedMediaType', 'Content-Type must be application/json');
    letTimePass();
    await next();
  });

  for (const kind of ['sign', 'auth'] as const)
    app.post(`/rp/v6.0/${kind}`, async (c) => {
      const body = await bodyOf(c);
      const asked = readOrder(kind, body);
      if (typeof asked === 'string') return refuse(c, 'invalidParameters', asked);
      const { personNumber } = asked;
      const running = store.orders.find((one) => one.state === 'pending' && one.personNumber === personNumber);
      if (running && personNumber !== null) {
        end(running, { hintCode: 'cancelled' });
        return refuse(c, 'alreadyInProgress', 'Order already in progress for pno');
      }
      if (personNumber !== null) void identityOf(personNumber);
      const orderRef = randomUUID();
      store.orders.push({
        ...asked,
        orderRef,
        kind,
        returnRisk: body.returnRisk === true,
        orderedAt: now(),
        endedAt: null,
        collectedAt: null,
        collects: 0,
        state: 'pending',
        hintCode: null,
        signer: null,
        tamper: {},
      });
      save();
      return c.json({ orderRef, autoStartToken: randomUUID(), qrStartToken: randomUUID(), qrStartSecret: randomUUID() });
    });

  const named = async (c: Context) => {
    const { orderRef } = await bodyOf(c);
    return store.orders.find((order) => order.orderRef === orderRef);
  };

  app.post('/rp/v6.0/collect', async (c) => {
    const order = await named(c);
    if (!order) return refuse(c, 'invalidParameters', 'No such order');
    if (order.collectedAt !== null && now() - order.collectedAt < minCollectMs) {
      ['Limit', 'Remaining', 'Reset'].forEach((name, place) => c.header(`RateLimit-${name}`, String(place === 1 ? 0 : 1)));
      return refuse(c, 'tooManyRequests', 'Collect at most once a second');
    }
    order.collectedAt = now();
    order.collects += 1;
    const { orderRef, collects } = order;
    if (order.state === 'pending' && autoSign !== undefined && collects > autoSign)
      end(order, { signer: order.personNumber ?? SOMEBODY });
    save();
    if (order.state === 'failed') return c.json({ orderRef, status: 'failed', hintCode: order.hintCode });
    if (order.signer !== null && collects > COLLECTS_BEFORE_COMPLETE) {
      drop(order);
      base.note({ event: 'complete', orderRef });
      return c.json({ orderRef, status: 'complete', completionData: await completionOf(order, order.signer) });
    }
    const active = order.signer !== null || autoSign !== undefined;
    const hintCode = order.hintCode ?? opening[active ? Math.min(collects, opening.length) - 1 : 0];
    return c.json({ orderRef, status: 'pending', hintCode });
  });

  app.post('/rp/v6.0/cancel', async (c) => {
    const order = await named(c);
    if (order?.state !== 'pending') return refuse(c, 'invalidParameters', 'No such order');
    drop(order);
    return c.json({});
  });

  const paths = ['sign', 'auth', 'collect', 'cancel'].map((name) => `/rp/v6.0/${name}`);
  app.on(['GET', 'PUT', 'PATCH', 'DELETE'], paths, (c) => refuse(c, 'methodNotAllowed', 'Only POST'));
  app.all('/rp/*', (c) => refuse(c, 'notFound', 'Not found'));

  const newest = ({ orderRef, personNumber }: Choice) =>
    store.orders.findLast(
      (order) =>
        order.state === 'pending' &&
        order.orderRef === (orderRef ?? order.orderRef) &&
        order.personNumber === (personNumber ?? order.personNumber),
    );
  const person = (name: string, act: (order: Order, body: Body) => void, chosenBy = (body: Choice) => body) =>
    app.post(`/__sim/${name}`, async (c) => {
      letTimePass();
      const body = await bodyOf(c);
      const order = newest(chosenBy(body));
      if (!order) return c.json({ error: 'no such order is pending' }, 404);
      act(order, body);
      save();
      return c.json({ orderRef: order.orderRef });
    });
  person('sign', (order) => end(order, { signer: order.personNumber ?? SOMEBODY }));
  person(
    'sign-as',
    (order, { personNumber }) => end(order, { signer: String(personNumber) }),
    ({ orderRef }) => ({ orderRef }),
  );
  person('cancel-in-app', (order) => end(order, { hintCode: 'userCancel' }));
  person('fail', (order, { hintCode }) => end(order, { hintCode: String(hintCode) }));
  person('hint', (order, { hintCode }) => void (order.hintCode = String(hintCode)));
  person('tamper', (order, { visible, nonVisible, signature, ocsp }) => {
    order.tamper = { visible, nonVisible, signature, ocsp } as Order['tamper'];
  });
  app.post('/__sim/clock', async (c) => {
    store.advancedMs += Number((await bodyOf(c)).advanceMs);
    save();
    return c.body(null, 204);
  });
  app.get('/__sim/orders', (c) => c.json(store.orders));
  // Whoever asks for the root is about to have something signed: the responder's key is made before a relying party waits for it.
  const rootPem = async () => (await Promise.all([authority(), responder()]))[0].rootPem;
  app.get('/__sim/root.pem', async (c) => c.text(await rootPem()));

  return { ...base, authority, rootPem };
}
