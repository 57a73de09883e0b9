import { caseWorkflow } from '../case-workflow.js';
import { definition } from './definition.js';

/**
 * The story of a subscription: it waits for its end. Who can get a final grade is looked up once a day for all of them together
 * (`tellSubscribers`).
 */
export const subscription = caseWorkflow(definition, (running) => running.change());
