/** Workflows that are not the story of a case. Those of the cases are added to the bundle from the registry, a line each. */
export { bankIdOrder } from './signing/workflow.js';
export { tellSubscribers } from './subscription/telling.js';
export { refresh, refreshStaff, sweep } from './upkeep/workflow.js';
