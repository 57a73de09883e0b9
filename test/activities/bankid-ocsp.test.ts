import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '../spec.js';
import { judgeOcsp } from '../../activities/bankid-ocsp.js';
import { bankIdAuthority, type BankIdAuthority, type Identity } from '../simulators/bankid-authority.js';
import { ocspAnswer, type ToAnswer } from '../simulators/bankid-ocsp.js';

const eva = { personNumber: '199001012385', givenName: 'Eva', surname: 'Examinator' };
const signature = Buffer.from('a signed document').toString('base64');
const MINUTE = 60_000;

describe('the OCSP answer of BankID', () => {
  const ordered = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 2 * MINUTE);
  const at = new Date(ordered.getTime() + 2 * MINUTE);
  let authority: BankIdAuthority;
  let elsewhere: BankIdAuthority;
  let identity: Identity;
  let responder: Identity;
  beforeAll(async () => {
    [authority, elsewhere] = await Promise.all([bankIdAuthority(), bankIdAuthority()]);
    [identity, responder] = await Promise.all([authority.issue(eva), authority.responder()]);
  });
  const answer = (more: Partial<ToAnswer> = {}) =>
    ocspAnswer({ about: identity, responder, signature, producedAt: new Date(ordered.getTime() + MINUTE), ...more });
  const judged = async (ocspResponse: string | Promise<string>, more: { signature?: string } = {}) =>
    judgeOcsp({
      ocspResponse: await ocspResponse,
      signature,
      certificateChain: [...identity.certificates, authority.rootPem],
      ordered,
      at,
      ...more,
    });

  it("RL-40 is good as BankID's responder makes it, also named by its key, with a nonce in an octet string, or by the issuer itself", async () => {
    expect(await judged(answer())).toBe('good');
    expect(await judged(answer({ named: 'by-key' }))).toBe('good');
    expect(await judged(answer({ nonce: 'wrapped' }))).toBe('good');
    expect(await judged(answer({ responder: authority.issuer, enclosed: false }))).toBe('good');
  });

  const openssl = JSON.parse(readFileSync(new URL('../fixtures/bankid-ocsp.json', import.meta.url), 'utf8')) as {
    at: string;
    signature: string;
    issuer: string;
    good: { signer: string; ocspResponse: string };
    revoked: { signer: string; ocspResponse: string };
  };
  it.each(['good', 'revoked'] as const)("RL-40 is %s as OpenSSL's responder makes it", (standing) => {
    const { signature: signed, issuer } = openssl;
    const { signer, ocspResponse } = openssl[standing];
    const when = new Date(openssl.at);
    expect(judgeOcsp({ ocspResponse, signature: signed, certificateChain: [signer, issuer], ordered: when, at: when })).toBe(
      standing,
    );
  });

  it.each(['revoked', 'unknown'] as const)('RL-40 says that the certificate is %s', async (status) => {
    expect(await judged(answer({ status }))).toBe(status);
  });

  it('RL-40 is not believed about another certificate, or twice about this one', async () => {
    const other = await authority.issue({ ...eva, personNumber: '198001012392' });
    expect(await judged(answer({ about: other }))).toBe('other-certificate');
    const [own] = identity.certificates;
    const sameNumber = { ...identity, certificates: [own as string, elsewhere.issuer.certificates[0] as string] };
    expect(await judged(answer({ about: sameNumber }))).toBe('other-certificate');
    expect(await judged(answer({ issuerNamedAs: authority.rootPem }))).toBe('other-certificate');
    expect(await judged(answer({ times: 2 }))).toBe('other-certificate');
    expect(await judged(answer({ times: 0 }))).toBe('other-certificate');
  });

  it('RL-40 is believed from a responder of the issuer only: no person, no other authority of the same name, none that is over or weakly signed', async () => {
    expect(await judged(answer({ responder: identity }))).toBe('untrusted-responder');
    expect(await judged(answer({ responder: await elsewhere.responder() }))).toBe('untrusted-responder');
    expect(await judged(answer({ responder: elsewhere.issuer }))).toBe('wrong-signature');
    expect(await judged(answer({ enclosed: false }))).toBe('untrusted-responder');
    const over = await authority.responder({
      notBefore: new Date(at.getTime() - 60 * MINUTE),
      notAfter: new Date(at.getTime() - MINUTE),
    });
    expect(await judged(answer({ responder: over }))).toBe('untrusted-responder');
    expect(await judged(answer({ responder: await authority.responder({ hash: 'SHA-1' }) }))).toBe('untrusted-responder');
  });

  it("RL-40 needs the responder's own signature, with SHA-256", async () => {
    const { privateKey } = await authority.responder();
    expect(await judged(answer({ responder: { ...responder, privateKey } }))).toBe('wrong-signature');
    expect(await judged(answer({ hash: 'sha1' }))).toBe('weak-algorithm');
  });

  it('RL-40 any byte changed in it takes the good away', async () => {
    const good = Buffer.from(await answer(), 'base64');
    const told = await Promise.all(
      Array.from({ length: good.length }, (_, place) => {
        const changed = Buffer.from(good);
        changed[place] = (changed[place] as number) ^ 1;
        return judged(changed.toString('base64'));
      }),
    );
    const harmless = told.flatMap((standing, place) => (standing === 'good' ? [place] : []));
    expect(harmless).toEqual([]);
  });

  it('RL-40 was made between the order and now, give or take five minutes of clocks', async () => {
    const made = (time: 'producedAt' | 'thisUpdate', instant: number) =>
      judged(answer({ producedAt: ordered, [time]: new Date(instant) }));
    for (const time of ['producedAt', 'thisUpdate'] as const) {
      const both = (instant: number) =>
        time === 'producedAt' ? judged(answer({ producedAt: new Date(instant), thisUpdate: ordered })) : made(time, instant);
      const from = ordered.getTime() - 5 * MINUTE;
      const to = at.getTime() + 5 * MINUTE;
      expect([await both(from), await both(to)]).toEqual(['good', 'good']);
      expect([await both(from - 1_000), await both(to + 1_000)]).toEqual(['out-of-time', 'out-of-time']);
    }
  });

  it('RL-40 belongs to one signature by its nonce', async () => {
    expect(await judged(answer(), { signature: Buffer.from('another document').toString('base64') })).toBe('other-signature');
    expect(await judged(answer({ nonce: 'none' }))).toBe('other-signature');
  });

  it('RL-40 an answer that is none, that asks to come later or holds what has to be understood and is not, says nothing', async () => {
    expect(await judged(answer({ outcome: 3 }))).toBe('not-successful');
    expect(await judged(answer({ riddle: true }))).toBe('malformed');
    const good = await answer();
    const cut = Buffer.from(good, 'base64').subarray(0, -1).toString('base64');
    const longer = Buffer.concat([Buffer.from(good, 'base64'), Buffer.of(0)]).toString('base64');
    for (const text of ['', 'not base64!', Buffer.from('not an OCSP response').toString('base64'), cut, longer, ` ${good}`])
      expect(await judged(text)).toBe('malformed');
  });
});
