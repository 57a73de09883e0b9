import type { Actor, Ask, Birth, BirthAsk, Refusal, Warning } from '../process.js';
import { anOrder, refuse } from '../process.js';
import {
  examines,
  type CatalogueFacts,
  type ListAsk,
  type ListData,
  type ListDecision,
  type ListFacts,
  type ListWrite,
} from './list.js';
import type { BirthBody, Body } from './schema.js';

/** RL-04: one title a list where the register wants one, and none elsewhere. */
export function titleProblem(body: BirthBody, facts: CatalogueFacts): Refusal | undefined {
  if (facts.titleWanted && body.title === undefined) return refuse('invalid', 'RL-04', 'title-missing', { course: body.course });
  return !facts.titleWanted && body.title !== undefined
    ? refuse('invalid', 'RL-04', 'title-not-wanted', { course: body.course })
    : undefined;
}

/** RL-06: what is said about a list that may be reported all the same. */
export const warnings = ({ discontinued }: Pick<CatalogueFacts, 'discontinued'>): Warning[] =>
  discontinued
    ? [
        {
          code: 'discontinued-course',
          rule: 'RL-06',
          sv: 'Kursen är nedlagd. Det går att rapportera resultat på den, men kontrollera att det är rätt kurs.',
          nb: 'Emnet er nedlagt. Det går an å rapportere resultater på det, men kontroller at det er riktig emne.',
          en: 'The course is discontinued. Results can be reported on it, but check that it is the right course.',
        },
      ]
    : [];

/** RL-24: a list of a whole course begins with everybody who can get a final grade, fetched at once. */
export const withEligible = (
  list: Birth<ListData, ListWrite>,
  { fresh, actor }: BirthAsk<CatalogueFacts>,
): Birth<ListData, ListWrite> => ({
  ...list,
  data: { ...list.data, enteredBy: [actor.id] },
  ...anOrder(fresh, 'fetch', { from: 'eligible' }),
  record: { ...list.record, order: fresh },
  answer: { ...list.answer, order: fresh },
});

/** RL-24: on the list of a whole course is who can get a final grade, and nobody else; a module has no such students. */
export const fetchProblem = ({ body, case: list }: ListAsk<'fetch'>): Refusal | undefined =>
  (body.from === 'eligible') === (list.data.listKind === 'T34') ? undefined : fetchedOtherwise(list.data);

const fetchedOtherwise = ({ listKind }: ListData): Refusal =>
  refuse('conflict', 'RL-24', 'fetched-otherwise', { kind: listKind });

/** RL-24: nothing is looked for elsewhere for the list of a whole course. */
export const elsewhere = ({ case: list }: Ask<ListData, ListFacts>): Refusal | undefined =>
  list.data.listKind === 'T34' ? fetchedOtherwise(list.data) : undefined;

/** RL-26: who shall get no grade now leaves the list of a whole course with the save that says so. */
export function leaving({
  body,
  case: list,
}: Ask<ListData, ListFacts, Body<'save'>>): { students: readonly string[]; writes: readonly ListWrite[] } | Refusal {
  const students = body.rows.flatMap((row) => (row.notNow ? [row.student] : []));
  if (students.length === 0) return { students, writes: [] };
  if (list.data.listKind !== 'T34') return refuse('invalid', 'RL-26', 'marked-on-module', { count: students.length });
  return { students, writes: [{ write: 'remove', students }] };
}

/** What only an examiner of the course does on the list of a whole course. */
const EXAMINERS_OWN = ['save', 'remove', 'fetch', 'send', 'move-not-registered'] as const;

/** RL-28: on the list of a whole course the examiner enters; on others whoever may. */
export const byExaminer =
  <Given extends Ask<ListData, ListFacts>>(
    rule: (ask: Given) => ListDecision | Refusal,
    command: (typeof EXAMINERS_OWN)[number],
  ) =>
  (ask: Given): ListDecision | Refusal =>
    theirsOnly(ask.case.data, ask.actor, ask.case.scope).includes(command)
      ? refuse('forbidden', 'RL-28', 'not-yours-to-give', { command })
      : rule(ask);

/** What finds other students than those of a whole course. */
const ELSEWHERE = ['find-exams', 'find-columns'] as const;

/** Commands that the list does not have, or not for this person. */
export const theirsOnly = (list: ListData, actor: Actor, course: string | null): readonly string[] =>
  list.listKind === 'T34' ? [...(examines(actor, course) ? [] : EXAMINERS_OWN), ...ELSEWHERE] : [];
