import { caseWorkflow } from '../case-workflow.js';
import { definition } from './definition.js';

/**
 * The story of an approval case: a study adviser finishes it, and for some weeks it can be taken up again. What it orders are
 * cases of their own.
 */
export const approval = caseWorkflow(definition, (running) => running.change());
