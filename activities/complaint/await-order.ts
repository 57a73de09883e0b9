import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { AwaitActivities } from '../../workflows/complaint/workflow.js';
import type { Database } from '../../prisma/client.js';

/** Looks whether what was ordered outside has come to its end. */
export const createAwaiting = (db: Database): AwaitActivities => ({
  awaitOrder: async ({ caseId, name }) => {
    const order = await db.order.findFirst({ where: { caseId, name }, orderBy: { seq: 'desc' } });
    if (order?.state === 'open')
      throw ApplicationFailure.create({
        message: 'not done yet',
        type: 'not-yet',
        nonRetryable: false,
        category: ApplicationFailureCategory.BENIGN,
      });
  },
});
