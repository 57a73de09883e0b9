import { expect, it } from '../spec.js';
import { withoutPersons } from '../../activities/worker.js';

it('a line of the log says what went wrong by its kind, and nothing of what a failure tells', () => {
  const ids = { workflowId: 'sweep', activityType: 'probePartners', attempt: 1 };
  const error = new Error('Tove Lärare was not found');
  expect(withoutPersons({ ...ids, cause: 'PartnerUnavailable', error, stack: error.stack })).toEqual({
    ...ids,
    cause: 'PartnerUnavailable',
  });
  expect(withoutPersons({ ...ids, cause: error })).toEqual(ids);
});
