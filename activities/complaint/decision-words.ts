import type { ComplaintDecision } from '../../workflows/complaint/complaint.js';
import type { Text } from '../../workflows/process.js';

/** What was decided, in the words of letters, reports and the archive alike (GC-23, GC-24, GC-48). */
export const decisionTexts: Readonly<Record<ComplaintDecision, Text>> = {
  'in-favour': { sv: 'till fördel', nb: 'til gunst', en: 'in favour' },
  against: { sv: 'till nackdel', nb: 'til ugunst', en: 'against' },
  unchanged: { sv: 'oförändrat', nb: 'uendret', en: 'unchanged' },
  dismissed: { sv: 'avvisat', nb: 'avvist', en: 'dismissed' },
  withdrawn: { sv: 'återkallat', nb: 'trukket', en: 'withdrawn' },
  explained: { sv: 'motivering given', nb: 'begrunnelse gitt', en: 'explanation given' },
};
