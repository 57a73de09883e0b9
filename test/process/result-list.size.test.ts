import { expect, it } from '../spec.js';
import { crowd } from '../simulators/sample.js';
import { wholeWay } from '../support/crowd.js';
import { openUniversity } from '../support/university.js';

/**
 * Some 145 events are what a list of ten has too; one for each save, or three for each letter, would be seen. A thousand rows:
 * `npm run bench -- --only size`.
 */
const [MOST_EVENTS, MOST_BYTES] = [300, 200 * 1024];

it('RL-35 keeps the history of a list short, however many are on it and however often it is saved', async () => {
  const sendAway = crowd(60);
  const at = await openUniversity();
  try {
    const { rows, letters, events, bytes } = await wholeWay(at, 200);
    expect(rows).toBe(60);
    expect(letters).toBeGreaterThan(60);
    expect(events).toBeLessThan(MOST_EVENTS);
    expect(bytes).toBeLessThan(MOST_BYTES);
  } finally {
    await at.close();
    sendAway();
  }
});
