import { beforeAll, describe, expect, it } from '../spec.js';
import { compareSigned, verifySignature } from '../../activities/bankid-signature.js';
import { bankIdAuthority, signedDocument } from '../simulators/bankid-authority.js';
import type { BankIdAuthority, Identity, ToSign } from '../simulators/bankid-authority.js';

const eva = { personNumber: '199001012385', givenName: 'Eva', surname: 'Examinator' };
const other = '198001012392';
const order = { personNumber: eva.personNumber, visibleText: 'Jag signerar lista 4711 – Åsa', nonVisible: '{"list":"4711"}' };
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

describe('the signature of BankID', () => {
  let authority: BankIdAuthority;
  let identity: Identity;
  let stranger: Identity;
  const visible = base64(order.visibleText);
  const nonVisible = base64(order.nonVisible);
  beforeAll(async () => {
    const elsewhere = await bankIdAuthority();
    authority = await bankIdAuthority();
    [identity, stranger] = await Promise.all([authority.issue(eva), elsewhere.issue(eva)]);
  });
  const document = (more: Partial<ToSign> = {}) => signedDocument({ identity, visible, nonVisible, ...more });
  const verdict = (xml: string, at = new Date()) => verifySignature({ signature: base64(xml), roots: [authority.rootPem], at });
  const refused = (xml: string) => {
    const judged = verdict(xml);
    return judged.valid ? 'accepted' : judged.reason;
  };
  const element = (xml: string, name: string) => new RegExp(`<${name}[ >].*</${name}>`, 's').exec(xml)?.[0] ?? '';

  it('RL-40 is accepted as BankID makes it, also without transforms, non-visible text or an own xmlns', () => {
    expect(verdict(document())).toMatchObject({ valid: true, ...order });
    expect(verdict(document({ transform: null })).valid).toBe(true);
    expect(verdict(document({ nonVisible: undefined }))).toMatchObject({ valid: true, nonVisible: '' });
    const inherited = document().replace('<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#">', '<SignedInfo>');
    expect(verdict(inherited).valid).toBe(true);
  });

  it('RL-40 is accepted with the line breaks of a Java signer', () => {
    const broken = document({ lineBreak: '&#xD;\n' });
    expect(broken.match(/&#xD;\n/g)?.length).toBeGreaterThan(20);
    expect(verdict(broken.replace(/(<SignatureValue>.{76})/, '$1\n'))).toMatchObject({ valid: true, ...order });
  });

  it.each(['usrVisibleData', 'usrNonVisibleData', 'funcId'])('RL-41 any change of %s breaks it', (name) => {
    expect(refused(document().replace(new RegExp(`(<${name}[^>]*>)[^<]*`), `$1${base64('annat')}`))).toBe('wrong-signature');
  });

  it("RL-41 a certificate exchanged for another person's breaks it", async () => {
    const victim = await authority.issue({ personNumber: other, givenName: 'Olle', surname: 'Annan' });
    const certificates = element(document({ identity: victim }), 'KeyInfo');
    expect(refused(document().replace(/<KeyInfo.*<\/KeyInfo>/s, certificates))).toBe('wrong-signature');
  });

  it.each(['bidSignedData', 'bidKeyInfo'] as const)('RL-40 is refused without its reference to %s', (omitReference) => {
    expect(refused(document({ omitReference }))).toBe('unexpected-references');
  });

  it('RL-40 is refused with a third reference', () => {
    expect(refused(document({ extraObject: true }))).toBe('unexpected-references');
  });

  it('RL-40 is refused with the same reference twice', () => {
    const twice = document().replace(/<Reference Type.*?<\/Reference>/s, '$&$&');
    expect(twice.match(/URI="#bidSignedData"/g)).toHaveLength(2);
    expect(refused(twice)).toBe('unexpected-references');
  });

  const forged =
    '<bankIdSignedData xmlns="http://www.bankid.com/signature/v1.0.0/types" Id="ID">' +
    `<usrVisibleData charset="UTF-8" visible="wysiwys">${base64('annan lista')}</usrVisibleData>` +
    '<clientInfo><funcId>Signing</funcId></clientInfo></bankIdSignedData>';
  const twin = forged.replace('ID', 'bidSignedData');
  it.each([
    ['beside the signed one, same id', (xml: string) => xml.replace('<Object>', `<Object>${twin}`)],
    ['beside the signed one, other id', (xml: string) => xml.replace('<Object>', `<Object>${forged}`)],
    ['in an object before it', (xml: string) => xml.replace('<Object>', `<Object>${forged}</Object><Object>`)],
    [
      'around the signed one',
      (xml: string) => {
        const signed = element(xml, 'bankIdSignedData');
        return xml.replace(signed, forged.replace('<clientInfo>', `<x>${signed}</x><clientInfo>`));
      },
    ],
    [
      'with the signed one moved into the key info',
      (xml: string) => {
        const signed = element(xml, 'bankIdSignedData');
        return xml.replace(signed, forged).replace('<X509Data>', `<X509Data>${signed}`);
      },
    ],
    [
      'with the signed one moved into the signature value',
      (xml: string) => {
        const signed = element(xml, 'bankIdSignedData');
        return xml.replace(signed, forged).replace('</SignatureValue>', `${signed}</SignatureValue>`);
      },
    ],
    ['around the whole signature', (xml: string) => `<Wrap>${forged}${element(xml, 'Signature')}</Wrap>`],
  ])('RL-41 a forged text %s is never read', (_, wrap) => {
    const wrapped = wrap(document());
    expect(wrapped).toContain(base64('annan lista'));
    expect(['unexpected-structure', 'wrong-signature']).toContain(refused(wrapped));
  });

  it.each<[string, Partial<ToSign>]>([
    ['rsa-sha1', { signature: 'rsa-sha1' }],
    ['sha1 digests', { digest: 'sha1' }],
    ['exclusive canonicalisation as transform', { transform: 'http://www.w3.org/2001/10/xml-exc-c14n#' }],
    ['an enveloped-signature transform', { transform: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature' }],
    ['a stylesheet as transform', { transform: 'http://www.w3.org/TR/1999/REC-xslt-19991116' }],
    ['exclusive canonicalisation', { canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#' }],
  ])('RL-40 is refused with %s', (_, more) => {
    expect(refused(document(more))).toBe('weak-algorithm');
  });

  it('RL-40 a key too short or a certificate signed with SHA-1 is refused', async () => {
    expect(refused(document({ identity: await authority.issue({ ...eva, bits: 1024 }) }))).toBe('weak-algorithm');
    expect(refused(document({ identity: await authority.issue({ ...eva, hash: 'SHA-1' }) }))).toBe('weak-algorithm');
  });

  it.each([
    ['a document type', '<!DOCTYPE Signature>'],
    ['an entity', '<!DOCTYPE Signature [<!ENTITY x "y">]>'],
    ['a processing instruction', '<?xml-stylesheet href="a"?>'],
    ['a comment', '<!-- hidden -->'],
  ])('RL-40 is refused with %s', (_, markup) => {
    expect(refused(document().replace('<Signature ', `${markup}<Signature `))).toBe('forbidden-markup');
  });

  it('RL-40 a comment inside the signed text is refused', () => {
    expect(refused(document().replace(visible, `${visible.slice(0, 8)}<!---->${visible.slice(8)}`))).toBe('forbidden-markup');
  });

  it('RL-40 what is too large, no base64, no UTF-8 or no XML is refused', () => {
    const judged = (signature: string) => verifySignature({ signature, roots: [authority.rootPem], at: new Date() });
    expect(judged('A'.repeat(600_000))).toEqual({ valid: false, reason: 'too-large' });
    expect(judged('not base64!')).toEqual({ valid: false, reason: 'not-base64' });
    expect(judged('//79')).toEqual({ valid: false, reason: 'not-xml' });
    expect(judged('')).toEqual({ valid: false, reason: 'not-xml' });
    expect(refused('<Signature>')).toBe('not-xml');
    expect(refused('<Signature></Signature><Signature></Signature>')).toBe('not-xml');
    expect(refused('<Signature></Signature>')).toBe('unexpected-structure');
  });

  it('RL-40 the largest texts BankID takes fit', () => {
    const large = document({ visible: base64('å'.repeat(15_000)), nonVisible: base64('x'.repeat(150_000)) });
    expect(verdict(large)).toMatchObject({ valid: true, nonVisible: 'x'.repeat(150_000) });
  });

  it('RL-41 a chain that ends in another authority of the same name is refused', () => {
    expect(refused(document({ identity: stranger }))).toBe('untrusted-chain');
    const mixed = { ...stranger, certificates: [stranger.certificates[0] as string, identity.certificates[1] as string] };
    expect(refused(document({ identity: mixed }))).toBe('untrusted-chain');
    const cut = { ...identity, certificates: identity.certificates.slice(0, 1) };
    expect(refused(document({ identity: cut }))).toBe('untrusted-chain');
  });

  it('RL-41 a certificate that only names the authority as its issuer is refused', async () => {
    const issuer = { certificate: identity.certificates[1] as string, key: stranger.privateKey };
    expect(refused(document({ identity: await authority.issue({ ...eva, issuer }) }))).toBe('untrusted-chain');
  });

  it('RL-41 a person cannot issue certificates', async () => {
    const [own = '', intermediate = ''] = identity.certificates;
    const child = await authority.issue({ ...eva, personNumber: other, issuer: { certificate: own, key: identity.privateKey } });
    const certificates = [child.certificates[0] as string, own, intermediate];
    expect(refused(document({ identity: { ...child, certificates } }))).toBe('untrusted-chain');
  });

  it("RL-41 a signature by another key than the certificate's is refused", () => {
    expect(refused(document({ identity: { ...identity, privateKey: stranger.privateKey } }))).toBe('wrong-signature');
  });

  it('RL-41 the certificate has to be valid at the time given', async () => {
    const hour = 3_600_000;
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const brief = await authority.issue({ ...eva, notBefore: new Date(now - hour), notAfter: new Date(now + hour) });
    const at = (instant: number) => verdict(document({ identity: brief }), new Date(instant));
    expect([now - hour, now, now + hour].map((instant) => at(instant).valid)).toEqual([true, true, true]);
    const outside = { valid: false, reason: 'outside-validity' };
    expect([now - hour - 1, now + hour + 1].map(at)).toEqual([outside, outside]);
    expect(verdict(document(), new Date(now - 30 * 24 * hour))).toEqual(outside);
  });

  it('RL-41 a certificate without a personal number, or with two lines of it, names nobody', async () => {
    const company = await authority.issue({ ...eva, personNumber: '5566304928' });
    expect(refused(document({ identity: company }))).toBe('unusable-certificate');
    const sly = await authority.issue({ ...eva, personNumber: '123', surname: 'X\nserialNumber=199001012385' });
    expect(refused(document({ identity: sly }))).toBe('unusable-certificate');
  });

  it('RL-40 an identification is not a signature', () => {
    expect(refused(document({ functionId: 'Identification' }))).toBe('not-a-signing');
  });

  it('RL-41 no reason names a person', () => {
    expect(JSON.stringify(verdict(document({ identity: stranger })))).toBe('{"valid":false,"reason":"untrusted-chain"}');
  });

  it('RL-41 what was signed is compared with what was ordered, character by character', () => {
    const told = (change: Partial<typeof order>) => compareSigned({ ordered: order, completion: { ...order, ...change } });
    expect(told({})).toBe('same');
    expect(told({ personNumber: other })).toBe('other-person');
    expect(told({ visibleText: `${order.visibleText} ` })).toBe('other-text');
    expect(told({ visibleText: order.visibleText.normalize('NFD') })).toBe('other-text');
    expect(told({ nonVisible: '' })).toBe('other-content');
  });
});
