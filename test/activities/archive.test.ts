import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { archive, ArchiveDiffers, type Archive } from '../../activities/archive.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { noarkSimulator, type NoarkSimulator } from '../simulators/noark.js';

const bytes = Buffer.from('%PDF-1.7 protokoll');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const asked = {
  reference: 'complaint/4711',
  title: "Klage på sensur MAT1000, sak 4711 'juni'",
  responsible: 'Nora Eksempel',
  unit: 'Eksamen',
};
const document = {
  caseReference: asked.reference,
  reference: 'complaint/4711/decision',
  title: 'Protokoll, sak 4711',
  direction: 'outgoing',
  mimeType: 'application/pdf',
  bytes,
} as const;
const year = new Date().getUTCFullYear();

describe('archive', () => {
  let simulated: NoarkSimulator;
  let url: string;
  let kept: Archive;
  const open: (() => Promise<unknown>)[] = [];

  const archiveAt = (more: { token?: string; part?: string; timeoutMs?: number } = {}) => {
    const client = archive({ baseUrl: `${url}/api`, token: 'right', part: 'Eksamen', timeoutMs: 5_000, ...more });
    open.push(client.close);
    return client;
  };
  beforeEach(async () => {
    simulated = noarkSimulator({ token: 'right' });
    const server = await simulated.listen();
    open.push(server.close);
    url = server.url;
    kept = archiveAt();
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  const counts = () =>
    (['saksmappe', 'journalpost', 'dokumentbeskrivelse', 'dokumentobjekt'] as const).map((kind) => simulated.of(kind).length);

  it('GC-10 opens a case once and tells its journal number', async () => {
    expect(await kept.openCase(asked)).toEqual({ number: `${year}/1` });
    expect(await kept.openCase({ ...asked, title: 'Another title' })).toEqual({ number: `${year}/1` });
    expect(await kept.openCase({ ...asked, reference: 'complaint/4712' })).toEqual({ number: `${year}/2` });
    expect(simulated.of('saksmappe')[0]).toMatchObject({
      tittel: asked.title,
      saksansvarlig: 'Nora Eksempel',
      administrativEnhet: 'Eksamen',
      saksstatus: { kode: 'B', kodenavn: 'Under behandling' },
      dokumentmedium: { kode: 'E' },
      virksomhetsspesifikkeMetadata: { 'registrar-v1:referanse': 'complaint/4711' },
    });
  });

  it('keeps a document with its checksum in its case, once', async () => {
    await kept.openCase(asked);
    expect(await kept.addDocument(document)).toEqual({ number: `${year}/1`, sha256 });
    expect(await kept.addDocument(document)).toEqual({ number: `${year}/1`, sha256 });
    expect(counts()).toEqual([1, 1, 1, 1]);
    const [folder, record, description, file] = (
      ['saksmappe', 'journalpost', 'dokumentbeskrivelse', 'dokumentobjekt'] as const
    ).map((kind) => simulated.of(kind)[0]!);
    expect([record!.within, description!.within, file!.within]).toEqual([
      folder!.systemID,
      record!.systemID,
      description!.systemID,
    ]);
    expect(record).toMatchObject({ tittel: document.title, journalposttype: { kode: 'U' }, journalstatus: { kode: 'J' } });
    expect(file).toMatchObject({ mimeType: 'application/pdf', filstoerrelse: bytes.byteLength });
    expect(await kept.addDocument({ ...document, reference: 'complaint/4711/complaint', direction: 'incoming' })).toEqual({
      number: `${year}/2`,
      sha256,
    });
  });

  it.each(['ny-saksmappe', 'ny-journalpost', 'ny-dokumentbeskrivelse', 'fil'])(
    'makes nothing twice when the answer to %s is lost',
    async (relation) => {
      const path = {
        'ny-saksmappe': 'n/saksmappe',
        'ny-journalpost': 'n/journalpost',
        'ny-dokumentbeskrivelse': 'n/dokumentbeskrivelse',
        fil: 'f',
      }[relation];
      const whole = async (client: Archive) => {
        const { number } = await client.openCase(asked);
        return [number, (await client.addDocument(document)).number];
      };
      simulated.faults.push({ match: `POST /api/*/${path}/*`, effect: 'timeout-after-commit', times: 1, ms: 1_500 });
      await expect(whole(archiveAt({ timeoutMs: 1_000 }))).rejects.toMatchObject({
        name: 'PartnerUnavailable',
        reason: 'timeout',
      });
      expect(await whole(kept)).toEqual([`${year}/1`, `${year}/1`]);
      expect(counts()).toEqual([1, 1, 1, 1]);
    },
  );

  it('has no case to put a document in before it was opened', async () => {
    await expect(kept.addDocument(document)).rejects.toMatchObject({ name: 'PartnerRefused', status: 404 });
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  it('overwrites no file, and says that the archive has another', async () => {
    await kept.openCase(asked);
    await kept.addDocument(document);
    await expect(kept.addDocument({ ...document, bytes: Buffer.from('another') })).rejects.toBeInstanceOf(ArchiveDiffers);
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(simulated.of('dokumentobjekt')[0]!['sjekksum']).toBe(sha256.toUpperCase());
  });

  it('believes no upload whose checksum comes back different', async () => {
    await kept.openCase(asked);
    simulated.faults.push({ match: 'POST *', effect: 'wrong-checksum', times: 1 });
    await expect(kept.addDocument(document)).rejects.toBeInstanceOf(ArchiveDiffers);
    await expect(kept.addDocument(document)).rejects.toBeInstanceOf(ArchiveDiffers);
  });

  it('leaves nothing empty behind when a file could not be stored', async () => {
    await kept.openCase(asked);
    simulated.faults.push({ match: 'POST *', effect: '422', times: 1 });
    await expect(kept.addDocument(document)).rejects.toMatchObject({ name: 'PartnerRefused', status: 422 });
    expect(counts()).toEqual([1, 1, 0, 0]);
    await kept.addDocument(document);
    expect(counts()).toEqual([1, 1, 1, 1]);
  });

  it('believes no search that did not understand what was asked', async () => {
    await kept.openCase(asked);
    simulated.faults.push({ match: 'GET /api/*/l/saksmappe/*', effect: 'deaf-filter' });
    await expect(kept.openCase({ ...asked, reference: 'complaint/4712' })).rejects.toMatchObject({
      name: 'PartnerUnavailable',
      reason: 'malformed',
    });
    expect(counts()).toEqual([1, 0, 0, 0]);
    simulated.faults.push({ match: 'GET /api/*/l/arkivdel/*', effect: 'deaf-filter' });
    await expect(archiveAt({ part: 'Personal' }).probe()).rejects.toMatchObject({ name: 'PartnerRefused', status: 404 });
  });

  it('finds a part whose title has quotation marks', async () => {
    const part = "Klager 'nye'";
    const server = await noarkSimulator({ part }).listen();
    const client = archive({ baseUrl: `${server.url}/api`, token: 't', part, timeoutMs: 5_000 });
    open.push(server.close, client.close);
    await expect(client.probe()).resolves.toBeUndefined();
  });

  it('takes its token nowhere else', async () => {
    simulated.faults.push({ match: '*', effect: 'elsewhere' });
    await expect(kept.openCase(asked)).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it('does not send what would have to go in parts', async () => {
    await expect(kept.addDocument({ ...document, bytes: new Uint8Array(10 * 1024 * 1024 + 1) })).rejects.toMatchObject({
      name: 'PartnerRefused',
      status: 413,
    });
  });

  it.each(['500', '502-html', '429', 'malformed', 'timeout-before'])(
    'keeps nothing while the archive answers with %s',
    async (effect) => {
      simulated.faults.push({ match: '*', effect, ms: 1_500 });
      const hasty = archiveAt({ timeoutMs: 1_000 });
      for (const call of [() => hasty.openCase(asked), () => hasty.addDocument(document), () => hasty.probe()])
        await expect(call()).rejects.toBeInstanceOf(PartnerUnavailable);
      simulated.faults.length = 0;
      await expect(kept.probe()).resolves.toBeUndefined();
      expect(counts()).toEqual([0, 0, 0, 0]);
    },
  );

  it('is refused with a wrong token, or a part that is not there', async () => {
    for (const stranger of [archiveAt({ token: 'wrong' }), archiveAt({ part: 'Personal' })])
      await expect(stranger.probe()).rejects.toBeInstanceOf(PartnerRefused);
    await expect(archiveAt({ token: 'wrong' }).probe()).rejects.toMatchObject({ message: 'archive refused (401)' });
  });
});
