/** The approval case as the rooms outside the sandbox see it: its words, what may come in, and its rules. */
export { definition } from './definition.js';
export { rules } from './rules.js';
export * as schema from './schema.js';
