import { institution } from '../sample.js';
import type { Simulator } from '../simulator.js';
import { uidOf, type Catalog } from './catalog.js';
import type { Happening, LadokStore } from './results.js';

const BASE = 'https://api.integrationstest.ladok.se:443/handelser/feed';

/**
 * The event feed: archived pages of a fixed length, numbered from 1, and the newest one, which grows; the newest
 * entry stands first. Each attestation is accompanied by an event nobody here asked for. Links carry the real service's
 * addresses, whatever address was asked. Faults, each for one page: `page-twice` (the page before it comes in its place),
 * `out-of-order` (the oldest entry first), `event-twice` (every entry twice), `malformed-entry` (the first entry says nothing),
 * `gap` (the page is gone).
 */
export function feedOf(
  sim: Simulator<LadokStore>,
  catalog: Catalog,
  { larosateId, eventsOnPage }: { larosateId: number; eventsOnPage: number },
) {
  const context = (uid: string) => `
          <events:HandelseUID>${uid}</events:HandelseUID>
          <events:EventContext>
            <events:AnvandareUID>${uidOf('anvandare', larosateId)}</events:AnvandareUID>
            <events:Anvandarnamn>eva@uni.example</events:Anvandarnamn>
            <events:LarosateID>${larosateId}</events:LarosateID>
          </events:EventContext>`;
  const written = (happening: { name: string; uid: string; at: string }, schema: string, content: string) => `
  <entry>
    <category term="http://schemas.ladok.se/${schema}/${happening.name}" label="Event-typ"/>
    <id>${uidOf('entry', happening.uid)}</id>
    <updated>${happening.at}</updated>
    <content type="application/vnd.ladok+xml">
      <x:${happening.name} xmlns:x="http://schemas.ladok.se/${schema}" xmlns:events="http://schemas.ladok.se/events">${context(happening.uid)}
        ${content}
      </x:${happening.name}>
    </content>
  </entry>`;

  const about = ({ result, decision, at }: Happening, whole: boolean) => {
    const known = catalog.studyResult(result.studyResultUid);
    const passing = catalog.scaleById(result.scaleId)?.grades.find((grade) => grade.id === result.gradeId)?.passing;
    const attested = `
        <x:Resultat>
          <x:BetygsgradID>${result.gradeId}</x:BetygsgradID><x:BetygsskalaID>${result.scaleId}</x:BetygsskalaID>
          <x:Examinationsdatum>${result.date}</x:Examinationsdatum><x:GiltigSomSlutbetyg>${passing}</x:GiltigSomSlutbetyg>
          <x:ResultatUID>${result.uid}</x:ResultatUID>
        </x:Resultat>`;
    return `
        <x:Beslut>
          <x:BeslutUID>${decision}</x:BeslutUID><x:Beslutsdatum>${at.slice(0, 10)}</x:Beslutsdatum><x:Beslutsfattare>Eva Examinator</x:Beslutsfattare>
        </x:Beslut>
        <x:KursUID>${known?.course.courseUid}</x:KursUID>${whole ? attested : `<x:ResultatUID>${result.uid}</x:ResultatUID>`}
        <x:StudentUID>${known?.student.uid}</x:StudentUID>
        <x:UtbildningsinstansUID>${result.moduleInstanceUid}</x:UtbildningsinstansUID>`;
  };
  const entry = (happening: Happening, broken: boolean) => {
    const attests = happening.name.endsWith('AttesteratEvent');
    const user = { name: 'AnvandareAndradEvent', uid: uidOf('anvandare-andrad', happening.uid), at: happening.at };
    return (
      written(happening, 'resultat', broken ? '' : about(happening, attests)) +
      (attests ? written(user, 'kataloginformation', `<x:Anvandarnamnet>${institution.code} &amp; co</x:Anvandarnamnet>`) : '')
    );
  };

  return (asked: string, takes: (effect: string) => boolean): string | undefined => {
    const { events } = sim.store;
    const last = Math.max(1, Math.ceil(events.length / eventsOnPage));
    const wanted = asked === 'recent' ? last : Number(asked);
    if (!(wanted >= 1 && wanted <= last) || takes('gap')) return undefined;
    const page = wanted - (takes('page-twice') ? 1 : 0);
    const happenings = events.slice((page - 1) * eventsOnPage, page * eventsOnPage).reverse();
    const inOrder = takes('out-of-order') ? happenings.toReversed() : happenings;
    const broken = takes('malformed-entry') ? inOrder[0] : undefined;
    const entries = inOrder.map((one) => entry(one, one === broken));
    const link = (rel: string, to: number | string) => `
  <link rel="${rel}" type="application/atom+xml" href="${BASE}/${to}"/>`;
    return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title type="text">Events</title>${link('self', asked)}${asked === 'recent' ? link('via', page) : ''}${page > 1 ? link('prev-archive', page - 1) : ''}${page < last ? link('next-archive', page + 1) : ''}
  <id>urn:id:${page}</id>
  <updated>${happenings[0]?.at ?? '2026-01-01T00:00:00.000Z'}</updated>${[...entries, ...(takes('event-twice') ? entries : [])].join('')}
</feed>
`;
  };
}
