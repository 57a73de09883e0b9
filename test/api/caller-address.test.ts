import type { BlockList } from 'node:net';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { readConfig } from '../../activities/config.js';
import { addressOf } from '../../api/caller-address.js';
import { sentList } from '../support/lists.js';
import { openUniversity, personOf, type University } from '../support/university.js';

const seenAs = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
const [proxy, person] = ['10.1.2.3', '192.0.2.10'];

describe('the address of a caller', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  const told = async (peer: string, forwarded: string | undefined, proxies: string) => {
    const { TRUSTED_PROXIES } = readConfig({ ...at.env, TRUSTED_PROXIES: proxies });
    const app = new Hono().get('/', (c) => c.json(addressOf(c, TRUSTED_PROXIES)));
    const headers: Record<string, string> = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded };
    return (await app.request('/', { headers }, seenAs(peer))).json();
  };

  it.each([
    ['without a proxy', person, undefined, ''],
    ['as the proxy tells it', proxy, person, proxy],
    ['as the last of our proxies tells it', proxy, `${person}, 10.9.9.9`, '10.0.0.0/8'],
    ['and not what the caller wrote before the proxy did', proxy, `198.51.100.1, ${person}`, proxy],
    ['and not what the caller wrote in the name of a proxy', proxy, `198.51.100.1, ${proxy}, ${person}`, proxy],
    ['and no header of somebody who is no proxy', person, '198.51.100.1', proxy],
    ['and no header where no proxy is named', person, '198.51.100.1', ''],
    ['with the port that some proxies write', proxy, `${person}:51234`, proxy],
    ['where IPv4 comes over IPv6', `::ffff:${proxy}`, `::ffff:${person}`, proxy],
  ])('RL-40 is found %s', async (_what, peer, forwarded, proxies) => {
    expect(await told(peer, forwarded, proxies)).toBe(person);
  });

  it.each([
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['unknown', '2001:db8:1::1'],
    ["', '1'); --", '2001:db8:1::1'],
    [`${person}, _hidden`, '2001:db8:1::1'],
    ['', '2001:db8:1::1'],
  ])('RL-40 is the last that is one where a proxy wrote %j', async (forwarded, address) => {
    expect(await told('2001:db8:1::1', forwarded, '2001:db8:1::/48')).toBe(address);
  });

  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '2001:db8::/129', '10.0.0.1 10.0.0.2'])(
    'RL-40 takes no proxies called %s',
    (proxies) => expect(() => readConfig({ ...at.env, TRUSTED_PROXIES: proxies })).toThrow('TRUSTED_PROXIES'),
  );

  it('RL-40 is told to BankID, of one list and of many', async () => {
    const proxies: BlockList = at.world.config.TRUSTED_PROXIES;
    proxies.addAddress(proxy);
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf('eva').id });
    const ordered = async (path: string, body: object, peer: string) => {
      const answer = await at.app.request(
        path,
        {
          method: 'POST',
          body: JSON.stringify(body),
          headers: {
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
            'Idempotency-Key': crypto.randomUUID(),
            'X-Forwarded-For': `198.51.100.1, ${person}`,
          },
        },
        seenAs(peer),
      );
      expect(answer.status).toBe(202);
      const id = answer.headers.get('Location')?.split('/').at(-1) as string;
      const { endUserIp } = await at.world.db.bankIdOrder.update({ where: { id }, data: { endedAt: new Date() } });
      return endUserIp;
    };
    const list = await sentList(at);
    const version = await list.version();
    const alone = { version };
    const many = { lists: [{ number: list.number, version }] };
    expect(await ordered(`/result-lists/${list.number}/order-bankid`, alone, proxy)).toBe(person);
    expect(await ordered('/result-lists/order-bankid', many, proxy)).toBe(person);
    expect(await ordered(`/result-lists/${list.number}/order-bankid`, alone, '203.0.113.5')).toBe('203.0.113.5');
  });
});
