import { describe, expect, it } from '../spec.js';
import { admitConsent, type ConsentAsk } from '../../workflows/exchange/consent.js';

const ask: ConsentAsk = { answer: 'J', on: '2026-11-20', today: '2026-11-27', cameFrom: 'studentweb', asked: true };

describe('an answer about the exchange of results', () => {
  it('RX-07 is of a real day, today at the latest', () => {
    expect(admitConsent(ask)).toBeUndefined();
    expect(admitConsent({ ...ask, on: '2026-11-27' })).toBeUndefined();
    expect(admitConsent({ ...ask, on: '2026-11-28' })).toMatchObject({
      rule: 'RX-07',
      code: 'day-too-late',
      details: { latest: '2026-11-27' },
    });
    expect(admitConsent({ ...ask, on: '2026-02-30' })).toMatchObject({ rule: 'RX-07', code: 'not-a-day' });
  });

  it('RX-07 is never dated before the newest there is, so that an old yes cannot undo a no', () => {
    expect(admitConsent({ ...ask, newest: '2026-11-20' })).toBeUndefined();
    expect(admitConsent({ ...ask, newest: '2026-11-21' })).toMatchObject({
      rule: 'RX-07',
      code: 'day-too-early',
      details: { earliest: '2026-11-21' },
    });
  });

  it('RX-08 has a reason where staff enter it', () => {
    expect(admitConsent({ ...ask, cameFrom: 'staff', reason: 'On paper.' })).toBeUndefined();
    expect(admitConsent({ ...ask, cameFrom: 'staff' })).toMatchObject({ rule: 'RX-08', code: 'consent-needs-reason' });
  });

  it('RX-05 is a yes in Studentweb only where students are asked, and a no always', () => {
    expect(admitConsent({ ...ask, asked: false })).toMatchObject({ rule: 'RX-05', code: 'consent-not-asked' });
    expect(admitConsent({ ...ask, asked: false, answer: 'N' })).toBeUndefined();
    expect(admitConsent({ ...ask, asked: false, cameFrom: 'staff', reason: 'On paper.' })).toBeUndefined();
    expect(admitConsent({ ...ask, asked: false, cameFrom: 'application' })).toBeUndefined();
  });
});
