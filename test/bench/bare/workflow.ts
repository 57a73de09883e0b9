import { condition, defineSignal, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

const { insertRow } = proxyActivities<{ insertRow(input: { case: string; body: string }): Promise<{ step: number }> }>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * The least a durable step can be: an Update whose handler runs one ordinary activity, dispatched eagerly, that inserts one row.
 */
export async function bare(input: { case: string }): Promise<void> {
  let over = false;
  let last = 0;
  setHandler(defineUpdate<{ step: number }, [string]>('step'), async (body) => {
    const { step } = await insertRow({ case: input.case, body });
    last = Math.max(last, step);
    return { step };
  });
  setHandler(defineSignal('over'), () => void (over = true));
  await condition(() => over && last >= 0);
}
