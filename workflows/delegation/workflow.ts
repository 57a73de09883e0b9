import { caseWorkflow } from '../case-workflow.js';
import { definition } from './definition.js';

/** The story of a delegation: it waits for its end. What it gives is read with each request of the person it was given to. */
export const delegation = caseWorkflow(definition, (running) => running.change());
