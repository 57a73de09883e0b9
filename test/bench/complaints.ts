import { results } from '../kill/complaints.js';
import { staff } from '../simulators/sample.js';
import type { Call } from './lists.js';

const siri = staff.find((one) => one.login === 'siri')?.id as string;

/**
 * Steps that neither promise anything to the world nor end their workflow: each complaint is halted and goes on, by turns. It has
 * a deadline, so its workflow sets a timer anew with each step. At most so many as the sample of FS has results for.
 */
export async function openComplaints(call: Call, most: number): Promise<(() => Promise<void>)[]> {
  const steps: (() => Promise<void>)[] = [];
  for (const { personlopenummer, vurderingsenhet: unit } of results().slice(0, most)) {
    const {
      case: { number },
    } = await call(siri, 'POST', '/complaints', {
      type: 'grading',
      student: String(personlopenummer),
      reasons: 'Oppgave 3 er riktig',
      unit: {
        course: unit.emnekode,
        version: unit.versjonskode,
        combination: unit.vurdkombkode,
        year: unit.arstall,
        term: unit.vurdtidkode,
      },
    });
    const at = `/complaints/${number}`;
    const stateOf = async () => (await call(siri, 'GET', at)).state as string;
    while ((await stateOf()) !== 'to-confirm') await new Promise((later) => setTimeout(later, 50));
    await call(siri, 'POST', `${at}/confirm`, { protection: { choice: 'neither', reason: 'Opptak denne uken' } });
    let halted = (await stateOf()) === 'halted';
    steps.push(async () => {
      if (halted) await call(siri, 'POST', `${at}/resume`, { diplomaReturned: true, faculty: 'Avtalt med fakultetet' });
      else await call(siri, 'POST', `${at}/halt`, { reason: 'venter på vitnemålet' });
      halted = !halted;
    });
  }
  return steps;
}
