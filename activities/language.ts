import type { Language } from '../workflows/process.js';

const ours = new Map<string, Language>([
  ['sv', 'sv'],
  ['nb', 'nb'],
  ['no', 'nb'],
  ['nn', 'nb'],
  ['en', 'en'],
]);

/** A language as a browser or a register names it (`nb-NO`), where it is one of ours; `no` and `nn` are read as bokmål. */
export const spokenLanguage = (tag: string): Language | undefined => ours.get(tag.split('-')[0]?.toLowerCase() ?? '');

/** The language somebody chose in a register; English where it is none of ours. */
export const languageOf = (tag: string): Language => spokenLanguage(tag) ?? 'en';
