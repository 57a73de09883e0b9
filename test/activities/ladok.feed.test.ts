import { afterEach, describe, expect, it } from '../spec.js';
import { ladok } from '../../activities/ladok.js';
import { pageOfFeed } from '../../activities/ladok/feed.js';
import { ladokSimulator } from '../simulators/ladok.js';
import { courses, students } from '../simulators/sample.js';

const exam = courses[0]!.modules[0]!;
const uid = (n: number) => `5a5a0000-0000-4000-8000-0000000000${n}`;
const content = (name: string, inner: string, event = uid(10)) => `
  <entry><id>${uid(99)}</id><updated>2026-11-21T08:00:00.000Z</updated><category term="http://schemas.ladok.se/resultat/${name}"/>
    <content type="application/vnd.ladok+xml"><rr:${name} xmlns:rr="http://schemas.ladok.se/resultat" xmlns:events="http://schemas.ladok.se/events">
      <events:HandelseUID>${event}</events:HandelseUID>${inner}
    </rr:${name}></content></entry>`;
const student = `<rr:StudentUID>${uid(30)}</rr:StudentUID><rr:UtbildningsinstansUID>${uid(40)}</rr:UtbildningsinstansUID>`;
const result = `<rr:Resultat><rr:BetygsgradID>910002</rr:BetygsgradID><rr:BetygsskalaID>900001</rr:BetygsskalaID>
  <rr:Examinationsdatum>2026-11-02</rr:Examinationsdatum><rr:ResultatUID>${uid(20)}</rr:ResultatUID></rr:Resultat>`;
const page = (entries: string, next = '') => `<?xml version="1.0" encoding="UTF-8"?>
  <feed xmlns="http://www.w3.org/2005/Atom"><title>Events for Ladok3</title>
  <link rel="self" href="https://api.ladok.se:443/handelser/feed/recent"/><link rel="prev-archive" href="https://api.ladok.se:443/handelser/feed/4855"/>${next}
  <id>urn:id:4856</id><updated>2026-11-21T08:00:00.000Z</updated>${entries}</feed>`;

describe('a page of the event feed', () => {
  const about = { at: '2026-11-21T08:00:00.000Z', resultUid: uid(20), studentUid: uid(30), moduleInstanceUid: uid(40) };
  const attested = { ...about, kind: 'attested', gradeId: 910002, scaleId: 900001, date: '2026-11-02' };

  it('tells which results were attested and annulled, passes over other events, and names the page after it', () => {
    const entries = [
      content('ResultatPaModulAttesteratEvent', student + result),
      content('ResultatPaHelKursAttesteratEvent', result + student, uid(11)),
      content('AnvandareAndradEvent', '<rr:Fornamn>Åsa &amp; Öberg</rr:Fornamn>'),
      content('AttesteratResultatMakuleratEvent', `<rr:ResultatUID>${uid(20)}</rr:ResultatUID>${student}`, uid(12)),
    ];
    expect(
      pageOfFeed(page(entries.join(''), '<link rel="next-archive" href="https://api.ladok.se:443/handelser/feed/4857"/>')),
    ).toEqual({
      id: '4856',
      next: '4857',
      unreadable: 0,
      events: [
        { ...attested, eventId: uid(10) },
        { ...attested, eventId: uid(11) },
        { ...about, kind: 'annulled', eventId: uid(12) },
      ],
    });
    expect(pageOfFeed(page(''))).toEqual({ id: '4856', unreadable: 0, events: [] });
  });

  it.each([
    ['no result', content('ResultatPaModulAttesteratEvent', student)],
    ['no student', content('ResultatPaModulAttesteratEvent', result)],
    ['a date that is none', content('ResultatPaModulAttesteratEvent', student + result.replace('2026-11-02', '2026-11-31'))],
    ['an id that is none', content('AttesteratResultatMakuleratEvent', `<rr:ResultatUID>17</rr:ResultatUID>${student}`)],
    ['no id of its own', content('ResultatPaModulAttesteratEvent', student + result, '')],
    ['no instant', content('ResultatPaModulAttesteratEvent', student + result).replace(/<updated>.*?<\/updated>/, '')],
    ['no content', '<entry><id>x</id><updated>2026-11-21T08:00:00.000Z</updated></entry>'],
    ['nothing', '<entry/>'],
  ])('counts an entry with %s and reads the others', (_what, entry) => {
    expect(pageOfFeed(page(entry + content('ResultatPaModulAttesteratEvent', student + result)))).toMatchObject({
      events: [{ eventId: uid(10) }],
      unreadable: 1,
    });
  });

  it.each([
    ['of HTML', '<html><body>Bad Gateway</body></html>'],
    ['cut off', page(content('ResultatPaModulAttesteratEvent', student + result)).slice(0, -8)],
    ['without an id', page('').replace(/<id>.*?<\/id>/, '')],
    ['with a next page that has no id', page('', '<link rel="next-archive" href="https://api.ladok.se/"/>')],
    ['empty', ''],
  ])('is none %s', (_what, text) => {
    expect(pageOfFeed(text)).toBeUndefined();
  });
});

describe('the event feed of Ladok', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function begin(timeoutMs = 5_000) {
    const sim = ladokSimulator({ eventsOnPage: 2 });
    const server = await sim.listen();
    const client = ladok({ baseUrl: server.url, timeoutMs });
    open.push(server.close, client.close);
    const scale = await client.gradeScale((await client.courses({ courseCode: 'XX1000' }))[0]!.modules[0]!.scaleId);
    const admin = async (path: string, body: object) => {
      const answer = await fetch(`${server.url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
      expect(answer.ok).toBe(true);
    };
    const asked = { moduleInstanceUid: exam.instanceUid, occasionUids: [courses[0]!.occasions[0]!.uid] };
    /** Attests results of the first students, one after another. */
    const attest = async (many: number) => {
      const rows = (await client.reportRows(asked)).filter((row) =>
        students.slice(0, many).some((one) => one.uid === row.studentUid),
      );
      await client.createDrafts(
        rows.map((row) => ({
          ...row,
          moduleInstanceUid: exam.instanceUid,
          gradeId: scale.grades[6]!.id,
          scaleId: scale.id,
          date: '2026-11-02',
        })),
      );
      const { drafts } = sim.store;
      await client.markReady({
        resultUids: drafts.map((one) => one.uid),
        lock: drafts[0]!.lock,
        markedBy: 'karin',
        deciders: ['eva'],
      });
      await admin('attest', { resultatUIDer: drafts.map((one) => one.uid) });
      return sim.store.attested.map((one) => one.uid);
    };
    return { sim, client, scale, admin, attest };
  }

  it('is walked from a page to the next, at our own address, until the newest', async () => {
    const { client, admin, attest, scale } = await begin();
    expect(await client.feedPage()).toEqual({ id: '1', events: [], unreadable: 0 });
    const uids = await attest(4);
    await admin('annul', { resultatUIDer: [uids[1]] });
    const first = (await client.feedPage('1'))!;
    expect(first).toMatchObject({ id: '1', next: '2', unreadable: 0 });
    const told = (place: number) => ({
      kind: 'attested',
      resultUid: uids[place],
      moduleInstanceUid: exam.instanceUid,
      gradeId: scale.grades[6]!.id,
      scaleId: scale.id,
      date: '2026-11-02',
    });
    expect(first.events).toMatchObject([told(1), told(0)]);
    expect(await client.feedPage('2')).toMatchObject({ id: '2', next: '3', events: [told(3), told(2)] });
    const newest = (await client.feedPage('3'))!;
    expect(newest).toMatchObject({
      id: '3',
      events: [{ kind: 'annulled', resultUid: uids[1], studentUid: first.events[0]!.studentUid }],
    });
    expect(newest.next).toBeUndefined();
    expect(await client.feedPage()).toEqual(newest);
  });

  it('knows no page that is gone, and never takes another for the one asked', async () => {
    const { sim, client, attest } = await begin();
    await attest(4);
    sim.faults.push({ match: 'GET /handelser/feed/1', effect: 'gap' });
    expect(await client.feedPage('1')).toBeUndefined();
    expect(await client.feedPage('17')).toBeUndefined();
    sim.faults.push({ match: 'GET /handelser/feed/2', effect: 'page-twice', times: 1 });
    await expect(client.feedPage('2')).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
    expect((await client.feedPage('2'))?.events).toHaveLength(2);
  });

  it.each(['500', '502-html', '429', 'malformed', 'timeout-before'])('is not there now (%s)', async (effect) => {
    const { sim, client } = await begin(effect === 'timeout-before' ? 700 : 5_000);
    sim.faults.push({ match: 'GET /handelser/*', effect, ms: 1_500 });
    await expect(client.feedPage()).rejects.toMatchObject({ name: 'PartnerUnavailable' });
    await expect(client.feedPage('1')).rejects.toMatchObject({ name: 'PartnerUnavailable' });
  });
});
