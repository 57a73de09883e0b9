import { expect, it } from '../spec.js';
import { addedUp, type Progress } from '../../activities/progress.js';

it('adds up what several readings tell, and shows it at most some twenty times however many parts they have', async () => {
  const shown: Progress[] = [];
  const reading = addedUp(async (progress) => void shown.push(progress));
  const [first, second] = [reading(), reading()];
  for (let done = 1; done <= 500; done += 1) {
    await first({ done, of: 500 });
    await second({ done, of: 500 });
  }
  expect(shown.length).toBeLessThanOrEqual(25);
  expect(shown.at(-1)).toEqual({ done: 1_000, of: 1_000 });
  expect(shown.map(({ done }) => done)).toEqual(shown.map(({ done }) => done).toSorted((a, b) => a - b));
});

it('shows nothing of a reading that finds nothing', async () => {
  const shown: Progress[] = [];
  await addedUp(async (progress) => void shown.push(progress))()({ done: 0, of: 0 });
  expect(shown).toEqual([]);
});
